//! An HTTPS server with real git repositories and single pages, on a free port of this machine.

use super::certificate::Authority;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tempfile::TempDir;

/// What a page answers.
#[derive(Clone)]
pub(crate) struct Page {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// Waits this long before it answers.
    pub(crate) after: Duration,
}

impl Page {
    pub(crate) fn text(body: &str) -> Self {
        Self {
            status: 200,
            headers: Vec::new(),
            body: body.into(),
            after: Duration::ZERO,
        }
    }

    pub(crate) fn redirect(to: &str) -> Self {
        Self {
            status: 302,
            headers: vec![("Location".into(), to.into())],
            ..Self::text("")
        }
    }
}

/// A request that came in.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) path: String,
    pub(crate) headers: BTreeMap<String, String>,
}

/// The server; it stops with this value.
pub(crate) struct GitServer {
    pub(crate) port: u16,
    state: Arc<State>,
    authority: PathBuf,
    _folder: TempDir,
}

struct State {
    tls: Arc<rustls::ServerConfig>,
    repos: Mutex<BTreeMap<String, PathBuf>>,
    pages: Mutex<BTreeMap<String, Page>>,
    asked: Mutex<Vec<Asked>>,
    /// Repositories answer 401 unless the request carries this header.
    authorization: Mutex<Option<String>>,
    stopped: AtomicBool,
}

impl GitServer {
    pub(crate) fn start() -> Self {
        let authority = Authority::new("tests");
        let identity = authority.server(&["127.0.0.1", "localhost"]);
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![identity.der.clone()], identity.key_der())
            .unwrap();
        let folder = tempfile::Builder::new()
            .prefix("pushboat-web-")
            .tempdir()
            .unwrap();
        let file = folder.path().join("authority.pem");
        std::fs::write(&file, &authority.pem).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(State {
            tls: Arc::new(tls),
            repos: Mutex::default(),
            pages: Mutex::default(),
            asked: Mutex::default(),
            authorization: Mutex::default(),
            stopped: AtomicBool::new(false),
        });
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if shared.stopped.load(Ordering::SeqCst) {
                    break;
                }
                let shared = Arc::clone(&shared);
                std::thread::spawn(move || drop(serve(&shared, stream)));
            }
        });
        Self {
            port,
            state,
            authority: file,
            _folder: folder,
        }
    }

    /// Serves a repository as `/NAME`.
    pub(crate) fn repo(&self, name: &str, folder: &Path) -> String {
        let place = folder.join(".git");
        self.state
            .repos
            .lock()
            .unwrap()
            .insert(name.to_owned(), place);
        self.url(name)
    }

    pub(crate) fn page(&self, path: &str, page: Page) -> String {
        self.state
            .pages
            .lock()
            .unwrap()
            .insert(format!("/{path}"), page);
        self.url(path)
    }

    pub(crate) fn require(&self, authorization: &str) {
        *self.state.authorization.lock().unwrap() = Some(authorization.to_owned());
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("https://127.0.0.1:{}/{path}", self.port)
    }

    /// The file with the certificate that clients must trust.
    pub(crate) fn authority(&self) -> &str {
        self.authority.to_str().unwrap()
    }

    /// What was asked since the last call.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        std::mem::take(&mut *self.state.asked.lock().unwrap())
    }
}

impl Drop for GitServer {
    fn drop(&mut self) {
        self.state.stopped.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

struct Request {
    method: String,
    asked: Asked,
    body: Vec<u8>,
}

fn serve(state: &State, stream: TcpStream) -> std::io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    let session =
        rustls::ServerConnection::new(Arc::clone(&state.tls)).map_err(std::io::Error::other)?;
    let mut stream = BufReader::new(rustls::StreamOwned::new(session, stream));
    let request = read(&mut stream)?;
    state.asked.lock().unwrap().push(request.asked.clone());
    let answer = answer(state, &request);
    std::thread::sleep(answer.after);
    let stream = stream.get_mut();
    write!(
        stream,
        "HTTP/1.1 {} Answer\r\nConnection: close\r\nContent-Length: {}\r\n",
        answer.status,
        answer.body.len()
    )?;
    for (name, value) in &answer.headers {
        write!(stream, "{name}: {value}\r\n")?;
    }
    stream.write_all(b"\r\n")?;
    stream.write_all(&answer.body)?;
    stream.flush()?;
    stream.conn.send_close_notify();
    stream.flush()
}

fn read(stream: &mut impl BufRead) -> std::io::Result<Request> {
    let mut line = String::new();
    stream.read_line(&mut line)?;
    let mut words = line.split_whitespace();
    let mut word = || words.next().unwrap_or_default().to_owned();
    let (method, path) = (word(), word());
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let mut body = Vec::new();
    if let Some(length) = headers
        .get("content-length")
        .and_then(|text| text.parse().ok())
    {
        stream.take(length).read_to_end(&mut body)?;
    }
    Ok(Request {
        method,
        asked: Asked { path, headers },
        body,
    })
}

fn answer(state: &State, request: &Request) -> Page {
    let path = &request.asked.path;
    if let Some(page) = state.pages.lock().unwrap().get(path) {
        return page.clone();
    }
    let (place, query) = path.split_once('?').unwrap_or((path, ""));
    let repos = state.repos.lock().unwrap().clone();
    for (name, folder) in repos {
        let Some(rest) = place
            .strip_prefix(&format!("/{name}"))
            .map(|rest| rest.strip_prefix(".git").unwrap_or(rest))
            .filter(|rest| rest.starts_with('/'))
        else {
            continue;
        };
        let wanted = state.authorization.lock().unwrap().clone();
        if wanted.is_some() && request.asked.headers.get("authorization") != wanted.as_ref() {
            return Page {
                status: 401,
                ..Page::text("who are you?")
            };
        }
        return backend(&folder, rest, query, request);
    }
    Page {
        status: 404,
        ..Page::text("<!DOCTYPE html><title>not here</title>")
    }
}

/// Git's own server, as a web server would run it.
fn backend(folder: &Path, rest: &str, query: &str, request: &Request) -> Page {
    let header = |name: &str| request.asked.headers.get(name).cloned().unwrap_or_default();
    let mut child = Command::new("git")
        .arg("http-backend")
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", "/nonexistent")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_COUNT", "1")
        .env("GIT_CONFIG_KEY_0", "safe.directory")
        .env("GIT_CONFIG_VALUE_0", "*")
        .env("GIT_HTTP_EXPORT_ALL", "1")
        .env("GIT_PROJECT_ROOT", folder)
        .env("PATH_INFO", rest)
        .env("QUERY_STRING", query)
        .env("REQUEST_METHOD", &request.method)
        .env("CONTENT_TYPE", header("content-type"))
        .env("CONTENT_LENGTH", request.body.len().to_string())
        .env("HTTP_CONTENT_ENCODING", header("content-encoding"))
        .env("GIT_PROTOCOL", header("git-protocol"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let body = request.body.clone();
    let writer = std::thread::spawn(move || drop(stdin.write_all(&body)));
    let output = child.wait_with_output().unwrap().stdout;
    writer.join().unwrap();
    let end = output
        .windows(4)
        .position(|four| four == b"\r\n\r\n")
        .unwrap_or(0);
    let mut page = Page::text("");
    page.body = output[end + 4..].to_vec();
    for line in String::from_utf8_lossy(&output[..end]).lines() {
        let Some((name, value)) = line.split_once(':') else {
            continue;
        };
        if name.eq_ignore_ascii_case("status") {
            page.status = value.trim()[..3].parse().unwrap();
        } else {
            page.headers
                .push((name.to_owned(), value.trim().to_owned()));
        }
    }
    page
}
