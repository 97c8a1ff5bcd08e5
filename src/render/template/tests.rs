//! Templates to text: what they may say, what is strict, and that none of them runs away.

use std::time::{Duration, Instant};

use super::*;
use crate::repo::tree::MemoryTree;

const VALUES: &str = "name: web\nreplicas: 3\nimage: {repository: nginx, tag: '1.29'}\nports: [80, 443]\n\
                      labels: {tier: front, app: web}\nempty: ''\nnothing: null\n";

fn render_files(files: &[(&str, &str)]) -> Result<String> {
    let mut tree: MemoryTree = files
        .iter()
        .map(|(name, text)| (format!("a/{name}"), text.as_bytes()))
        .collect();
    tree.insert("a/values.yaml", VALUES);
    let mut app = Application::default();
    app.name = "shop".into();
    let templates = TemplateTree::new(&tree, &app, &Plugin::default(), "a", "dev", "worktree")?;
    let text = templates.read("a/x.yaml")?;
    Ok(String::from_utf8(text.to_vec()).expect("UTF-8"))
}

fn check(template: &str, expected: &str) {
    let text = render_files(&[("x.yaml.tera", template)])
        .unwrap_or_else(|error| panic!("{template}: {}", error.report()));
    assert_eq!(text, expected, "{template}");
}

fn check_error(template: &str, expected: &str) {
    let error = render_files(&[("x.yaml.tera", template)]).expect_err(template);
    assert_eq!(
        error.to_string(),
        format!("a/x.yaml.tera:{expected}"),
        "{template}"
    );
}

#[test]
fn variables_tests_filters_and_loops_work_as_written() {
    check(
        "{{ name }}-{{image.repository}}:{{ image['tag'] }}\n",
        "web-nginx:1.29\n",
    );
    check(
        "{{ app.name }} {{ app.cluster }} {{ app.revision }}",
        "shop dev worktree",
    );
    check(
        "{% for p in ports %}[{{ loop.index }}:{{ p }}]{% endfor %}",
        "[1:80][2:443]",
    );
    check(
        "{% for k, v in labels -%}\n  {{ k }}={{ v }};\n{%- endfor %}",
        "app=web;tier=front;",
    );
    check(
        "{% for p in range(end=3) %}{% if p == 1 %}{% continue %}{% endif %}{{ p }}{% endfor %}",
        "02",
    );
    check(
        "{% if replicas > 2 and not empty %}many{% elif replicas == 1 %}one{% else %}few{% endif %}",
        "many",
    );
    check(
        "{% set full = name ~ '-' ~ replicas %}{{ full | upper }}",
        "WEB-3",
    );
    check(
        "{% set text %}{{ name }}!{% endset %}{{ text ~ text }}",
        "web!web!",
    );
    check("{% filter upper %}a {{ name }}{% endfilter %}", "A WEB");
    check(
        "{{ labels | json }} {{ ports | json }} {{ name | quote }} {{ replicas | quote }}",
        r#"{"app":"web","tier":"front"} [80,443] "web" "3""#,
    );
    check(
        "{{ 'p' | base64 }} {{ ports | join(sep=', ') }} {{ 'a-b' | replace(from='-', to='_') }}",
        "cA== 80, 443 a_b",
    );
    check("{{ 'a\nb\n\nc' | indent(width=2) }}", "a\n  b\n\n  c");
    check(
        "{% raw %}{{ not.a.variable }}{% endraw %}{# {{ nor.this }} #}",
        "{{ not.a.variable }}",
    );
    check(
        "{{ name if replicas == 3 else missing }}{{ {'a': {'b': name} }['a']['b'] }}",
        "webweb",
    );
    check(
        "{{ ports[replicas - 2] }}{{ labels?.tier }}{{ [name, 'b'] | last }}{{ ports[:1] | first }}",
        "443frontb80",
    );
    check(
        "<{{ name | safe_or }}>".replace(" | safe_or", "").as_str(),
        "<web>",
    );
}

#[test]
fn blanks_are_trimmed_as_the_language_says() {
    check("a\n  {%- if true %}\n  b\n  {%- endif %}\nc", "a\n  b\nc");
    check("{% block x -%}\n  b\n  {%- endblock %}\nc", "b\nc");
    check("  \n{{- name -}}  \n c", "webc");
}

#[test]
fn an_undefined_variable_is_an_error_wherever_it_stands() {
    check_error("a: {{ nmae }}\n", "1:7: `nmae` is not defined");
    check_error(
        "\n\n  b: {{ name }} {{ image.tga }}\n",
        "3:20: `image.tga` is not defined",
    );
    check_error("{{ image.a.b }}", "1:10: field `a` is not defined");
    check_error(
        "{% if missing %}x{% endif %}",
        "1:7: `missing` is not defined",
    );
    check_error(
        "{% if name and not missing %}x{% endif %}",
        "1:20: `missing` is not defined",
    );
    check_error("{{ 'a' ~ missing }}", "1:10: `missing` is not defined");
    check_error("{{ name == missing }}", "1:12: `missing` is not defined");
    check_error("{{ [missing] | json }}", "1:5: `missing` is not defined");
    check_error("{{ ports[missing] }}", "1:10: `missing` is not defined");
    check_error(
        "{{ name | default(value=missing) }}{{ nope | default(value=missing) }}",
        "1:25: `missing` is not defined",
    );
    check_error("{% set a = missing %}", "1:12: `missing` is not defined");
    check_error(
        "{% for a in missing %}{% endfor %}",
        "1:13: `missing` is not defined",
    );
    assert!(render_files(&[("x.yaml.tera", "{{ image?.tga }}")]).is_err());
    check_error(
        "{% for p in ports %}{% endfor %}{{ p }}",
        "1:36: `p` is not defined",
    );
    check(
        "{{ missing | default(value='x') }}{{ missing is defined }}{{ name is not undefined }}{{ image?.tga | default(value=1) }}",
        "xfalsetrue1",
    );
    check(
        "{% if missing is defined and missing.a %}x{% else %}y{% endif %}",
        "y",
    );
}

#[test]
fn a_misspelt_variable_is_answered_with_the_nearest() {
    let error = render_files(&[("x.yaml.tera", "{{ replica }}")]).expect_err("undefined");
    assert_eq!(error.hints(), ["did you mean `replicas`?"]);
}

#[test]
fn mistakes_in_a_template_are_told_where_they_stand() {
    let place = |template: &str| {
        let error = render_files(&[("x.yaml.tera", template)]).expect_err(template);
        let place = error.location().cloned().expect("a place");
        (place.file, place.line)
    };
    for (template, line) in [
        ("\n{{ name", 2),
        ("a\n{% if name %}\n", 2),
        ("{{ name name }}", 1),
        ("{{ 'a }}", 1),
    ] {
        assert_eq!(
            place(template),
            ("a/x.yaml.tera".to_owned(), line),
            "{template}"
        );
    }
    check_error(
        "{{ labels }}",
        "1:10: a list or a map cannot be written as it is: `| json` makes YAML of it",
    );
    check_error(
        "{{ throw(message='No tag. At all') }}",
        "1:4: no tag. At all",
    );
}

#[test]
fn templates_use_those_of_their_own_folder_and_no_others() {
    let page = "{% extends 'base.tera' %}{% block body %}{{ super() }}, {% include 'part.tera' %}{% endblock %}";
    let base = ("base.tera", "<{% block body %}base{% endblock %}>");
    let part = ("part.tera", "part of {{ name }}");
    assert_eq!(
        render_files(&[("x.yaml.tera", page), base, part]).expect("renders"),
        "<base, part of web>"
    );
    for name in [
        "../secret.tera",
        "/etc/passwd",
        "b/part.tera",
        "values.yaml",
        "..\\\\x.tera",
    ] {
        let error =
            render_files(&[("x.yaml.tera", &format!("{{% include '{name}' %}}"))]).expect_err(name);
        assert!(
            error.to_string().starts_with("a/x.yaml.tera:1:12: `"),
            "{error}"
        );
        assert!(
            error.message().contains("is no template of this folder"),
            "{error}"
        );
    }
    let error =
        render_files(&[("x.yaml.tera", "\n{% include 'prat.tera' %}"), part]).expect_err("missing");
    assert_eq!(
        error.to_string(),
        "a/x.yaml.tera:2:12: there is no template `prat.tera` in this folder"
    );
    assert_eq!(error.hints(), ["did you mean `part.tera`?"]);
    let error = render_files(&[
        ("x.yaml.tera", "{% include 'part.tera' %}"),
        ("part.tera", "\n {{ oops }}"),
    ])
    .expect_err("undefined");
    assert_eq!(error.to_string(), "a/part.tera:2:5: `oops` is not defined");
}

#[test]
fn nothing_outside_can_be_asked_for() {
    for call in [
        "get_env(name='HOME')",
        "now()",
        "get_random(start=0, end=9)",
        "load_data(path='x')",
        "read_file(path='x')",
    ] {
        assert!(
            render_files(&[("x.yaml.tera", &format!("{{{{ {call} }}}}"))]).is_err(),
            "{call}"
        );
    }
    for name in [
        "__tera_context",
        "__pushboat_leave()",
        "name | __pushboat_out",
    ] {
        let error = render_files(&[("x.yaml.tera", &format!("{{{{ {name} }}}}"))]).expect_err(name);
        assert!(error.message().contains("reserved"), "{error}");
    }
}

/// What is tried, and its files.
type Hostile = Vec<(&'static str, Vec<(String, String)>)>;

fn one(text: &str) -> Vec<(String, String)> {
    vec![("x.yaml.tera".to_owned(), text.to_owned())]
}

/// Tags that run, nest or repeat without end.
fn hostile_tags() -> Hostile {
    let tens = "{% for a in range(end=10000) %}".repeat(8) + "x" + &"{% endfor %}".repeat(8);
    let kept = format!(
        "{{% set r = range(end=9999) %}}{}{}",
        "{% for a in r %}".repeat(6),
        "{% endfor %}".repeat(6)
    );
    vec![
        ("loops within loops", one(&tens)),
        ("loops over a kept list", one(&kept)),
        (
            "a huge range",
            one("{% for a in range(end=100000000000) %}x{% endfor %}"),
        ),
        (
            "a huge step",
            one("{{ range(end=9223372036854775807, step_by=1) | length }}"),
        ),
        (
            "a list in a list by for",
            one("{{ [[x for x in range(end=9999)] for y in range(end=9999)] | length }}"),
        ),
        (
            "components that call themselves",
            one(
                "{% component f(s) %}{{ <f s={s}/> }}{{ <f s={s}/> }}{% endcomponent %}{{ <f s='a'/> }}",
            ),
        ),
        ("a bracket closed early", one("{{ a) ~ (b }}")),
        (
            "a large text in a loop",
            one(
                &("{% for a in range(end=10000) %}{% for b in range(end=10) %}".to_owned()
                    + &"x".repeat(9000)
                    + "{% endfor %}{% endfor %}"),
            ),
        ),
        (
            "many ifs",
            one(&("{% set s = range(end=9999) %}".to_owned()
                + &"{% if s == s and s == s and s == s and s == s %}{% endif %}".repeat(1000))),
        ),
        (
            "deep brackets",
            one(&("{{ ".to_owned() + &"(".repeat(100_000) + &")".repeat(100_000) + " }}")),
        ),
        (
            "deep tags",
            one(&("{% if true %}".repeat(50_000) + &"{% endif %}".repeat(50_000))),
        ),
    ]
}

/// Values that grow without end.
fn hostile_values() -> Hostile {
    let doubled = format!(
        "{{% set s = 'xx' %}}{}{{{{ s }}}}",
        "{% set s = s ~ s %}".repeat(60)
    );
    let captured = format!(
        "{{% set s = 'xx' %}}{}",
        "{% set s %}{{ s }}{{ s }}{% endset %}".repeat(60)
    );
    let nested = format!(
        "{{% set s = [1] %}}{}{{{{ s | json }}}}",
        "{% set s = [s, s] %}".repeat(60)
    );
    let empty = format!(
        "{{% set s = [] %}}{}{{{{ s | json }}}}",
        "{% set s = [s, s] %}".repeat(60)
    );
    let maps = format!(
        "{{% set s = {{'a': 1}} %}}{}",
        "{% set s = {'a': s, 'b': s} %}".repeat(60)
    );
    let global = "{% set_global s = 'xx' %}{% for a in range(end=9000) %}{% set_global s = s ~ s %}{% endfor %}";
    let deep =
        "{% set_global s = [] %}{% for a in range(end=9000) %}{% set_global s = [s] %}{% endfor %}";
    let replaced = "{% set s = 'aaaaaaaaaa' %}".to_owned()
        + &"{% set s = s | replace(from='a', to=s) %}".repeat(9);
    let joined = "{% set s = range(end=9000) | join(sep='--------') %}{{ s | split(pat='-') | join(sep=s) }}";
    let spread = format!(
        "{{% set s = [1] %}}{}",
        "{% set s = [...s, ...s] %}".repeat(60)
    );
    let quoted = "{% set s = '\"' %}".to_owned() + &"{% set s = [s] | str %}".repeat(60);
    let wide = "{{ 'a' | indent(width=1000000000, first=true) }}".to_owned()
        + "{% set s = 'a\n' %}"
        + &"{% set s = s | indent(width=1000, blank=true, first=true) ~ s %}".repeat(40);
    vec![
        ("text doubled", one(&doubled)),
        ("text doubled in a capture", one(&captured)),
        ("text doubled in a loop", one(global)),
        ("lists of themselves", one(&nested)),
        ("empty lists of themselves", one(&empty)),
        ("maps of themselves", one(&maps)),
        ("a list within a list within a list", one(deep)),
        ("text replaced by itself", one(&replaced)),
        ("text joined by itself", one(joined)),
        ("lists spread", one(&spread)),
        ("quotes of quotes", one(&quoted)),
        ("wide indents", one(&wide)),
    ]
}

/// Files that ask for each other without end.
fn hostile_files() -> Hostile {
    let includes: Vec<(String, String)> = (0..60)
        .map(|n| {
            let name = if n == 0 {
                "x.yaml.tera".to_owned()
            } else {
                format!("p{n}.tera")
            };
            let next = format!("{{% include 'p{}.tera' %}}", n + 1);
            (
                name,
                if n == 59 {
                    "x".to_owned()
                } else {
                    next.repeat(2)
                },
            )
        })
        .collect();
    let cycle = vec![
        ("x.yaml.tera".to_owned(), "{% extends 'p.tera' %}{% block b %}{% block c %}{{ super() }}{% endblock %}{% endblock %}".to_owned()),
        ("p.tera".to_owned(), "{% extends 'g.tera' %}{% block a %}{% block b %}{% endblock %}{% endblock %}".to_owned()),
        ("g.tera".to_owned(), "{% block c %}{% block a %}{% endblock %}{% endblock %}".to_owned()),
    ];
    let own = vec![
        (
            "x.yaml.tera".to_owned(),
            "{% include 'p.tera' %}".to_owned(),
        ),
        ("p.tera".to_owned(), "{% include 'p.tera' %}".to_owned()),
    ];
    vec![
        ("includes that double", includes),
        ("blocks in a circle", cycle),
        ("a template that includes itself", own),
    ]
}

#[test]
fn hostile_templates_end_soon_with_an_error() {
    for (what, files) in [hostile_tags(), hostile_values(), hostile_files()].concat() {
        let files: Vec<(&str, &str)> = files
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_str()))
            .collect();
        let start = Instant::now();
        let error = render_files(&files).map(|text| text.len()).expect_err(what);
        assert_eq!(
            error.exit(),
            crate::exit::Exit::Unanswered,
            "{what}: {error}"
        );
        assert!(error.location().is_some(), "{what}: {error}");
        assert!(
            start.elapsed() < Duration::from_secs(2),
            "{what} took {:?}: {error}",
            start.elapsed()
        );
        assert!(error.message().len() < 300, "{what}: {error}");
    }
}

#[test]
fn all_templates_of_an_app_share_one_budget() {
    let body = "{% for a in range(end=9000) %}{{ name }}{{ name }}{{ name }}{{ name }}{% endfor %}";
    let tree: MemoryTree = (0..200)
        .map(|n| (format!("a/x{n}.yaml.tera"), body))
        .collect();
    let plugin = Plugin {
        parameters: Vec::new(),
        ..Plugin::default()
    };
    let app = Application::default();
    let start = Instant::now();
    let mut tree = tree;
    tree.insert("a/values.yaml", VALUES);
    let templates = TemplateTree::new(&tree, &app, &plugin, "a", "", "worktree").expect("values");
    let failed = (0..200)
        .filter(|n| templates.read(&format!("a/x{n}.yaml")).is_err())
        .count();
    assert!(failed > 0);
    assert!(
        start.elapsed() < Duration::from_secs(4),
        "{:?}",
        start.elapsed()
    );
}

#[test]
fn rendered_files_stand_where_their_templates_do() {
    let tree: MemoryTree = [
        ("a/values.yaml", VALUES),
        ("a/x.yaml.tera", "a: {{ name }}"),
        ("a/y.yml.tera", "b"),
        ("a/z.yaml", "c"),
        ("a/part.tera", "p"),
    ]
    .into_iter()
    .collect();
    let templates = TemplateTree::new(
        &tree,
        &Application::default(),
        &Plugin::default(),
        "a",
        "",
        "worktree",
    )
    .expect("values");
    let names: Vec<String> = templates
        .list("a")
        .expect("lists")
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    assert_eq!(names, ["part.tera", "x.yaml", "y.yml", "z.yaml"]);
    assert_eq!(templates.entry("a/x.yaml").expect("there"), Entry::File);
    assert_eq!(templates.entry("a/w.yaml").expect("there"), Entry::Missing);
    assert_eq!(
        &*templates.read("a/x.yaml.tera").expect("by its own name"),
        b"a: web"
    );
    assert_eq!(&*templates.read("a/z.yaml").expect("plain"), b"c");
}

#[test]
fn a_file_beside_its_template_is_an_error() {
    let error = render_files(&[("x.yaml.tera", "a: 1"), ("x.yaml", "a: 1")]).expect_err("both");
    assert_eq!(
        error.to_string(),
        "a/x.yaml.tera: `a/x.yaml` stands beside a template of the same name"
    );
}
