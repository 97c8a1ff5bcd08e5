//! The runner against small scripts in helm's place.

use std::path::Path;

use super::*;
use crate::render::kustomize::{ChartFile, HelmChart};

/// Writes a script through another process: a file that this one has open for writing cannot be run while any thread of it
/// starts a program.
fn write_program(path: &Path, text: &str) {
    use std::io::Write as _;
    let mut child = std::process::Command::new("/bin/sh")
        .args(["-c", "rm -f \"$0\"; cat > \"$0\" && chmod 755 \"$0\""])
        .arg(path)
        .stdin(std::process::Stdio::piped())
        .spawn()
        .expect("a shell");
    let mut stdin = child.stdin.take().expect("piped");
    stdin.write_all(text.as_bytes()).expect("written");
    drop(stdin);
    assert!(child.wait().expect("ends").success());
}

/// Answers `version`, then does what the rest of the script says.
fn helm(folder: &Path, script: &str, change: impl FnOnce(&mut Settings)) -> Helm {
    let program = folder.join("helm");
    let text = format!(
        "#!/bin/sh\nif [ \"$1\" = version ]; then echo v4.3; exit; fi\nlog='{}'\n{script}\n",
        folder.join("log").display()
    );
    write_program(&program, &text);
    let mut settings = Settings {
        command: Some(program),
        path: "/usr/bin:/bin".to_owned(),
        directory: folder.to_owned(),
        temporary: folder.join("tmp"),
        ..Settings::default()
    };
    std::fs::create_dir(&settings.temporary).expect("made");
    change(&mut settings);
    Helm::new(settings, Masker::new([7; 32]))
}

fn chart() -> HelmChart {
    HelmChart {
        name: "app".to_owned(),
        release_name: "rel".to_owned(),
        ..HelmChart::default()
    }
}

fn files() -> Vec<ChartFile> {
    vec![ChartFile {
        path: "Chart.yaml".to_owned(),
        content: b"name: app\n".to_vec().into(),
    }]
}

fn template(helm: &Helm, chart: &HelmChart, values: &str) -> Result<String> {
    let values: [Arc<[u8]>; 1] = [values.as_bytes().to_vec().into()];
    let request = ChartRequest {
        chart,
        namespace: &chart.namespace,
        files: &files(),
        values: &values,
    };
    let output = helm.template(&request)?;
    Ok(String::from_utf8_lossy(&output).into_owned())
}

#[track_caller]
fn expect_clean(folder: &Path) {
    let left: Vec<_> = std::fs::read_dir(folder.join("tmp"))
        .expect("there")
        .map(|entry| entry.expect("read").file_name())
        .collect();
    assert!(left.is_empty(), "{left:?} is left");
}

#[track_caller]
fn expect_nothing_new(folder: &Path) {
    let mut names: Vec<_> = std::fs::read_dir(folder)
        .expect("there")
        .map(|entry| entry.expect("read").file_name())
        .collect();
    names.sort();
    names.retain(|name| name != "log");
    assert_eq!(names, ["helm", "tmp"]);
    expect_clean(folder);
}

fn has_ended(pid: &str) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid.trim())).unwrap_or_default();
    stat.is_empty() || stat.contains(") Z ")
}

#[track_caller]
fn expect_ended(pid: &str) {
    for _ in 0..200 {
        if has_ended(pid) {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("process {pid} still runs");
}

#[test]
fn helm_sees_its_own_folders_and_nothing_of_the_user() {
    let folder = tempfile::tempdir().expect("a folder");
    let helm = helm(folder.path(), "env | sort; echo; cat values/0.yaml", |_| {});
    let text = template(&helm, &chart(), "a: 1\n").expect("runs");
    let (environment, rest) = text.split_once("\n\n").expect("two parts");
    let names: Vec<&str> = environment
        .lines()
        .filter_map(|line| Some(line.split_once('=')?.0))
        .filter(|name| !["PWD", "OLDPWD", "SHLVL", "_"].contains(name))
        .collect();
    assert_eq!(
        names,
        [
            "HELM_CACHE_HOME",
            "HELM_CONFIG_HOME",
            "HELM_DATA_HOME",
            "HELM_NO_PLUGINS",
            "HELM_PLUGINS",
            "HOME",
            "KUBECONFIG",
            "PATH",
            "TMPDIR"
        ]
    );
    assert!(environment.contains("KUBECONFIG=/dev/null"));
    assert!(rest.starts_with("a: 1\n"), "{rest}");
    expect_clean(folder.path());
}

#[test]
fn one_request_runs_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let helm = helm(
        folder.path(),
        "echo x >> \"$log\"; sleep 0.05; echo 'kind: A'",
        |_| {},
    );
    let chart = chart();
    std::thread::scope(|scope| {
        for _ in 0..20 {
            scope.spawn(|| template(&helm, &chart, "a: 1\n").expect("runs"));
        }
    });
    template(&helm, &chart, "a: 2\n").expect("runs");
    let log = std::fs::read_to_string(folder.path().join("log")).expect("written");
    assert_eq!(log.lines().count(), 2);
    expect_clean(folder.path());
}

/// Texts that shells, parsers of flags and paths trip over.
fn odd_texts() -> Vec<String> {
    let seeds = [
        "-x",
        "--post-renderer=sh",
        "--",
        "-",
        "a b",
        " ",
        "\t",
        "a\nb",
        "a\r",
        "\0",
        "a\0b",
        "$(touch CANARY)",
        "`touch CANARY`",
        "${IFS}",
        "; touch CANARY",
        "| sh",
        "&& id",
        "> x",
        "'",
        "\"",
        "\\",
        "a'b\"c",
        "*",
        "?",
        "~",
        "~/x",
        "!!",
        "#",
        "%s%n",
        "../../x",
        "/etc/passwd",
        "file:///etc/passwd",
        "http://127.0.0.1/x",
        "oci://x",
        "a,b",
        "a=b",
        "--set=a=b",
        "{a,b}",
        "é",
        "東",
        "\u{202e}",
        "\u{200b}",
        "\u{feff}",
        "\x1b[31m",
        "@x",
        "-f=/etc/passwd",
    ];
    let wrapped = |text: &str| {
        [
            text.to_owned(),
            format!("a{text}"),
            format!("{text}{text}"),
            format!("--namespace={text}"),
            "x".repeat(300) + text,
        ]
    };
    seeds.into_iter().flat_map(wrapped).collect()
}

#[test]
fn no_odd_text_becomes_an_argument_of_its_own_or_a_file_outside() {
    let folder = tempfile::tempdir().expect("a folder");
    let script = "for a in \"$@\"; do printf '%s\\001' \"$a\"; done > \"$log\"; echo 'kind: A'";
    let helm = helm(folder.path(), script, |_| {});
    type Set = fn(&mut HelmChart, &str);
    let fields: [(&str, Set); 6] = [
        ("--namespace=", |chart, text| {
            chart.namespace = text.to_owned()
        }),
        ("--name-template=", |chart, text| {
            chart.name_template = text.to_owned();
        }),
        ("--kube-version=", |chart, text| {
            chart.kube_version = text.to_owned();
        }),
        ("--api-versions=", |chart, text| {
            chart.api_versions = vec![text.to_owned()];
        }),
        ("", |chart, text| chart.release_name = text.to_owned()),
        ("./chart/", |chart, text| chart.name = text.to_owned()),
    ];
    let plain = chart();
    let (mut n_run, mut n_refused) = (0, 0);
    // Each text goes through one field, and every field meets every kind of text.
    for (n, text) in odd_texts().iter().enumerate() {
        let (prefix, set) = fields[(n + n / 5) % fields.len()];
        let mut odd = plain.clone();
        set(&mut odd, text);
        let _ = std::fs::remove_file(folder.path().join("log"));
        if template(&helm, &odd, &format!("n: {n}\n")).is_err() {
            n_refused += 1;
            continue;
        }
        n_run += 1;
        let log = std::fs::read_to_string(folder.path().join("log")).expect("written");
        let arguments: Vec<&str> = log.trim_end_matches('\u{1}').split('\u{1}').collect();
        let mut expected = vec!["template".to_owned()];
        if !prefix.is_empty() && prefix.starts_with("--") {
            expected.push(format!("{prefix}{text}"));
        }
        expected.insert(1, "--values=values/0.yaml".to_owned());
        expected.extend([
            "--".to_owned(),
            odd.release_name.clone(),
            format!("./chart/{}", odd.name),
        ]);
        let mut sorted: Vec<&str> = arguments.clone();
        sorted.sort_unstable();
        expected.sort_unstable();
        assert_eq!(sorted, expected, "{text:?}");
        let flags_end = arguments.iter().position(|argument| *argument == "--");
        assert_eq!(flags_end, Some(arguments.len() - 3), "{text:?}");
    }
    assert_eq!(n_run + n_refused, 230);
    assert!(
        n_run > 80 && n_refused > 60,
        "{n_run} run, {n_refused} refused"
    );
    expect_nothing_new(folder.path());
}

#[test]
fn what_hangs_is_killed_with_its_children_at_the_deadline() {
    let folder = tempfile::tempdir().expect("a folder");
    let script = "sleep 300 & echo $! > \"$log\"; trap '' TERM INT; wait; sleep 300";
    let helm = helm(folder.path(), script, |settings| {
        settings.deadline = Duration::from_millis(400);
    });
    let error = template(&helm, &chart(), "").expect_err("it hangs");
    assert_eq!(error.reason(), crate::error::Reason::Timeout);
    let pid = std::fs::read_to_string(folder.path().join("log")).expect("written");
    expect_ended(&pid);
    expect_clean(folder.path());
}

#[test]
fn a_command_that_must_answer_ends_helm_and_waits_for_no_slot() {
    let folder = tempfile::tempdir().expect("a folder");
    let helm = helm(folder.path(), "sleep 60", |settings| {
        settings.answer_by = Some(Instant::now() + Duration::from_secs(1));
    });
    let slots: Vec<_> = (0..AT_ONCE).map(|_| helm.slots.take(None)).collect();
    let begun = Instant::now();
    let no_slot = template(&helm, &chart(), "").expect_err("none is free");
    assert_eq!(no_slot.reason(), Reason::Timeout);
    drop(slots);
    let mut other = chart();
    other.release_name = "other".to_owned();
    let late = template(&helm, &other, "").expect_err("it is late");
    assert_eq!(late.reason(), Reason::Timeout);
    assert!(begun.elapsed() < Duration::from_secs(20));
    expect_clean(folder.path());
}

#[test]
fn what_closes_its_streams_and_hangs_is_killed_too() {
    let folder = tempfile::tempdir().expect("a folder");
    let script = "echo $$ > \"$log\"; exec >&- 2>&-; sleep 300";
    let helm = helm(folder.path(), script, |settings| {
        settings.deadline = Duration::from_millis(400);
    });
    template(&helm, &chart(), "").expect_err("it hangs");
    expect_ended(&std::fs::read_to_string(folder.path().join("log")).expect("written"));
    expect_clean(folder.path());
}

#[test]
fn children_that_outlive_helm_are_killed() {
    let folder = tempfile::tempdir().expect("a folder");
    let script = "sleep 300 >/dev/null 2>&1 & echo $! > \"$log\"; echo 'kind: A'";
    let helm = helm(folder.path(), script, |_| {});
    assert_eq!(template(&helm, &chart(), "").expect("runs"), "kind: A\n");
    expect_ended(&std::fs::read_to_string(folder.path().join("log")).expect("written"));
}

#[test]
fn endless_output_is_cut_off() {
    let folder = tempfile::tempdir().expect("a folder");
    let helm = helm(
        folder.path(),
        "echo $$ > \"$log\"; yes 'kind: A'",
        |settings| {
            settings.max_output = 1 << 20;
        },
    );
    let error = template(&helm, &chart(), "").expect_err("endless");
    assert!(
        error.message().contains("more than 1048576 bytes"),
        "{error}"
    );
    expect_ended(&std::fs::read_to_string(folder.path().join("log")).expect("written"));
    expect_clean(folder.path());
}

#[test]
fn endless_words_on_stderr_neither_stop_nor_fill_anything() {
    let folder = tempfile::tempdir().expect("a folder");
    let script = "yes word | head -c 3000000 >&2; echo 'kind: A'";
    let helm = helm(folder.path(), script, |_| {});
    assert_eq!(template(&helm, &chart(), "").expect("runs"), "kind: A\n");
}

#[test]
fn a_failure_tells_helms_words_without_secrets_and_escapes() {
    let folder = tempfile::tempdir().expect("a folder");
    let script = "printf 'Error: bad \\033[31m value \"hunter2-long\" in %s\\n' \"$PWD/chart/app/templates/x.yaml\" >&2; exit 3";
    let helm = helm(folder.path(), script, |_| {});
    let error = template(&helm, &chart(), "password: hunter2-long\n").expect_err("fails");
    let message = error.message();
    assert!(
        message.contains("could not render chart `app` (exit code 3)"),
        "{message}"
    );
    assert!(message.contains("app/templates/x.yaml"), "{message}");
    assert!(
        !message.contains("hunter2") && !message.contains('\u{1b}'),
        "{message}"
    );
    assert!(!message.contains("pushboat-helm-"), "{message}");
    expect_clean(folder.path());
}

#[test]
fn other_programs_and_other_versions_are_refused() {
    let check = |version: &str, expected: &str| {
        let folder = tempfile::tempdir().expect("a folder");
        let helm = helm(folder.path(), "", |_| {});
        let program = folder.path().join("helm");
        write_program(&program, &format!("#!/bin/sh\necho '{version}'\n"));
        let error = template(&helm, &chart(), "").expect_err("refused");
        assert!(error.message().contains(expected), "{error}");
        assert!(!error.hints().is_empty());
    };
    check("Client: v2.17.0", "is helm 2.17.0; only 3 and 4 work");
    check("v5.0.0", "only 3 and 4 work");
    check("hello", "is no helm");
}

#[test]
fn a_missing_helm_is_told_with_what_to_do() {
    let folder = tempfile::tempdir().expect("a folder");
    let helm = helm(folder.path(), "", |settings| {
        settings.command = None;
        settings.path = ".:relative".to_owned();
    });
    let error = template(&helm, &chart(), "").expect_err("not there");
    assert_eq!(
        error.report(),
        "error: charts need the helm program, and there is no `helm` in `PATH`\nhint: install Helm 3 or 4, or name it with `--helm-command PATH`"
    );
}

#[test]
fn a_stop_ends_what_runs_and_removes_its_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    let helm = helm(folder.path(), "echo $$ > \"$log\"; sleep 300", |_| {});
    std::thread::scope(|scope| {
        let run = scope.spawn(|| template(&helm, &chart(), "").expect_err("stopped"));
        let log = folder.path().join("log");
        while std::fs::read_to_string(&log).unwrap_or_default().is_empty() {
            std::thread::sleep(Duration::from_millis(5));
        }
        helm.stop();
        run.join().expect("ends");
        expect_ended(&std::fs::read_to_string(&log).expect("written"));
    });
    template(&helm, &chart(), "a: 1").expect_err("nothing starts any more");
    expect_clean(folder.path());
}
