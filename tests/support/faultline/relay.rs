//! Accepts connections, forwards their requests and applies the rules on the way.

use super::body::{Ending, Scripted, Source};
use super::request::Entry;
use super::rule::{Action, Answer, Phase, Rule};
use super::wire::{Control, Wire};
use crate::support::certificate::Identity;
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{
    ACCEPT_ENCODING, AUTHORIZATION, CONNECTION, CONTENT_LENGTH, HeaderName, HeaderValue,
    TRANSFER_ENCODING,
};
use hyper::http::request::Parts;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ServerConfig};
use std::io;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio_rustls::{TlsAcceptor, TlsConnector};

/// The real API server.
pub(super) struct Upstream {
    pub(super) port: u16,
    /// For requests that bring no credentials.
    pub(super) as_admin: Arc<ClientConfig>,
    /// For requests with a token of their own.
    pub(super) as_bearer: Arc<ClientConfig>,
}

pub(super) struct State {
    upstream: Upstream,
    pub(super) rules: Mutex<Vec<Arc<Rule>>>,
    pub(super) journal: Mutex<Vec<Entry>>,
    pub(super) silent: AtomicUsize,
    pub(super) connections: AtomicUsize,
}

impl State {
    pub(super) fn new(upstream: Upstream) -> Self {
        Self {
            upstream,
            rules: Mutex::default(),
            journal: Mutex::default(),
            silent: AtomicUsize::new(0),
            connections: AtomicUsize::new(0),
        }
    }

    /// Writes a request into the journal and says what is to happen to it.
    fn admit(&self, entry: &mut Entry) -> Vec<Action> {
        let rules = self.rules.lock().unwrap();
        let turn = rules.iter().filter(|rule| rule.applies(entry));
        let actions: Vec<_> = turn.flat_map(|rule| rule.actions.clone()).collect();
        let mut journal = self.journal.lock().unwrap();
        entry.index = journal.len();
        entry.harmed = !actions.is_empty();
        journal.push(entry.clone());
        actions
    }

    fn told(&self, index: usize, status: StatusCode) {
        if let Some(entry) = self.journal.lock().unwrap().get_mut(index) {
            entry.status = Some(status.as_u16());
        }
    }
}

/// Listens on a free port and returns it.
pub(super) async fn listen(state: Arc<State>, identity: &Identity) -> u16 {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![identity.der.clone()], identity.key_der())
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(tls));
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(Arc::clone(&state), acceptor.clone(), stream));
        }
    });
    port
}

async fn serve(state: Arc<State>, acceptor: TlsAcceptor, stream: TcpStream) {
    state.connections.fetch_add(1, Ordering::SeqCst);
    let fewer = |n: usize| n.checked_sub(1);
    if state
        .silent
        .fetch_update(Ordering::SeqCst, Ordering::SeqCst, fewer)
        .is_ok()
    {
        let _open = stream;
        return std::future::pending().await;
    }
    let _ = stream.set_nodelay(true);
    let control = Arc::new(Control::default());
    let Ok(stream) = acceptor
        .accept(Wire::new(stream, Arc::clone(&control)))
        .await
    else {
        return; // the client did not like the certificate
    };
    let close = Arc::new(Notify::new());
    let connection = Arc::new(Connection {
        state,
        control,
        close: Arc::clone(&close),
        idle: tokio::sync::Mutex::default(),
    });
    let service = service_fn(|request| Arc::clone(&connection).relay(request));
    let mut server = pin!(
        hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service)
    );
    tokio::select! {
        _ = &mut server => {}
        () = close.notified() => {
            server.as_mut().graceful_shutdown();
            let _ = server.await;
        }
    }
}

type Sender = SendRequest<Full<Bytes>>;

/// One client's connection. It has a connection of its own to the server, as if there were no proxy.
struct Connection {
    state: Arc<State>,
    control: Arc<Control>,
    close: Arc<Notify>,
    /// The open connection to the server and whether it speaks as the administrator.
    idle: tokio::sync::Mutex<Option<(bool, Sender)>>,
}

impl Connection {
    async fn relay(self: Arc<Self>, request: Request<Incoming>) -> io::Result<Response<Scripted>> {
        let (mut parts, body) = request.into_parts();
        let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
        let mut entry = Entry::new(&parts, body.clone());
        let actions = self.state.admit(&mut entry);

        for action in &actions {
            if let Action::Delay(time) = action {
                tokio::time::sleep(*time).await;
            }
        }
        run_hooks(&actions, Phase::BeforeForward, &entry).await;
        if actions
            .iter()
            .any(|action| matches!(action, Action::DropBeforeForward))
        {
            return Err(self.reset());
        }
        if let Some(answer) = self.own_answer(&actions, &parts, &body) {
            return Ok(self.respond(&entry, &actions, answer));
        }
        if actions
            .iter()
            .any(|action| matches!(action, Action::Edit(_)))
        {
            parts.headers.remove(ACCEPT_ENCODING);
        }
        let Ok(answer) = self.forward(parts, body).await else {
            return Err(self.reset()); // the server is gone, and that is what the client should see
        };
        self.pass_on(answer, &entry, &actions).await
    }

    /// An answer that a rule gives in the server's place.
    fn own_answer(
        self: &Arc<Self>,
        actions: &[Action],
        parts: &Parts,
        body: &Bytes,
    ) -> Option<Answer> {
        actions.iter().find_map(|action| match action {
            Action::Answer(answer) => Some(answer.clone()),
            Action::AnswerThenForward(answer, later) => {
                let (connection, parts, body) = (Arc::clone(self), parts.clone(), body.clone());
                let later = *later;
                tokio::spawn(async move {
                    tokio::time::sleep(later).await;
                    if let Ok(answer) = connection.forward(parts, body).await {
                        let _ = answer.into_body().collect().await;
                    }
                });
                Some(answer.clone())
            }
            _ => None,
        })
    }

    async fn pass_on(
        &self,
        answer: Response<Incoming>,
        entry: &Entry,
        actions: &[Action],
    ) -> io::Result<Response<Scripted>> {
        let (mut parts, body) = answer.into_parts();
        parts.headers.remove(CONNECTION);
        parts.headers.remove(TRANSFER_ENCODING);
        let source = match entry.is_endless() {
            true => Source::Endless(body),
            false => Source::Whole(body.collect().await.map_err(io::Error::other)?.to_bytes()),
        };
        run_hooks(actions, Phase::AfterAnswer, entry).await;
        let mut response = Response::from_parts(parts, source);
        for action in actions {
            match action {
                Action::DropAfterForward => return Err(self.reset()),
                Action::DelayAnswer(time) => tokio::time::sleep(*time).await,
                Action::Edit(edit) => response = edited(response, edit.as_ref()),
                _ => {}
            }
        }
        self.state.told(entry.index, response.status());
        Ok(response.map(|source| self.script(source, entry, actions)))
    }

    fn respond(&self, entry: &Entry, actions: &[Action], answer: Answer) -> Response<Scripted> {
        let response = whole(answer);
        self.state.told(entry.index, response.status());
        response.map(|source| self.script(source, entry, actions))
    }

    fn script(&self, source: Source, entry: &Entry, actions: &[Action]) -> Scripted {
        let limit = actions.iter().find_map(|action| match action {
            Action::Truncate(n) => Some((*n, Ending::Cut)),
            Action::Stall(n) => Some((*n, Ending::Stall)),
            _ => None,
        });
        let hooks = hooks(actions, Phase::AfterRelay);
        let close = actions
            .iter()
            .any(|action| matches!(action, Action::CloseAfterAnswer))
            .then(|| Arc::clone(&self.close));
        let entry = entry.clone();
        let after = Box::new(move || {
            if let Some(close) = close {
                close.notify_one();
            }
            if !hooks.is_empty() {
                tokio::task::spawn_blocking(move || hooks.iter().for_each(|hook| hook(&entry)));
            }
        });
        Scripted::new(source, limit, Arc::clone(&self.control), Some(after))
    }

    fn reset(&self) -> io::Error {
        self.control.reset();
        io::ErrorKind::ConnectionReset.into()
    }

    async fn forward(&self, parts: Parts, body: Bytes) -> io::Result<Response<Incoming>> {
        let as_admin = !parts.headers.contains_key(AUTHORIZATION);
        let mut idle = self.idle.lock().await;
        let mut sender = match self.reusable(idle.take(), as_admin).await {
            Some(sender) => sender,
            None => self.dial(as_admin).await?,
        };
        let request = Request::from_parts(parts, Full::new(body));
        let answer = sender
            .send_request(request)
            .await
            .map_err(io::Error::other)?;
        *idle = Some((as_admin, sender));
        Ok(answer)
    }

    /// The open connection, if it speaks for the same user and the server has not closed it.
    async fn reusable(&self, idle: Option<(bool, Sender)>, as_admin: bool) -> Option<Sender> {
        let (admin, mut sender) = idle?;
        (admin == as_admin && sender.ready().await.is_ok()).then_some(sender)
    }

    async fn dial(&self, as_admin: bool) -> io::Result<Sender> {
        let upstream = &self.state.upstream;
        let config = if as_admin {
            &upstream.as_admin
        } else {
            &upstream.as_bearer
        };
        let tcp = TcpStream::connect(("127.0.0.1", upstream.port)).await?;
        tcp.set_nodelay(true)?;
        let name = ServerName::try_from("127.0.0.1").unwrap();
        let stream = TlsConnector::from(Arc::clone(config))
            .connect(name, tcp)
            .await?;
        let (sender, connection) = handshake(TokioIo::new(stream))
            .await
            .map_err(io::Error::other)?;
        tokio::spawn(connection);
        Ok(sender)
    }
}

type Hooks = Vec<Arc<dyn Fn(&Entry) + Send + Sync>>;

fn hooks(actions: &[Action], wanted: Phase) -> Hooks {
    let hook = |action: &Action| match action {
        Action::Hook(phase, hook) if *phase == wanted => Some(Arc::clone(hook)),
        _ => None,
    };
    actions.iter().filter_map(hook).collect()
}

/// Hooks may run programs and wait, so they leave the threads that relay.
async fn run_hooks(actions: &[Action], phase: Phase, entry: &Entry) {
    let hooks = hooks(actions, phase);
    if hooks.is_empty() {
        return;
    }
    let entry = entry.clone();
    tokio::task::spawn_blocking(move || hooks.iter().for_each(|hook| hook(&entry)))
        .await
        .unwrap();
}

fn edited(response: Response<Source>, edit: &dyn Fn(Answer) -> Answer) -> Response<Source> {
    let (parts, source) = response.into_parts();
    let Source::Whole(body) = source else {
        return Response::from_parts(parts, source); // what has no end cannot be edited as a whole
    };
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let kept = parts
        .headers
        .iter()
        .filter(|(name, _)| **name != CONTENT_LENGTH);
    let headers = kept
        .map(|(name, value)| (name.to_string(), text(value)))
        .collect();
    whole(edit(Answer {
        status: parts.status.as_u16(),
        headers,
        body,
    }))
}

fn whole(answer: Answer) -> Response<Source> {
    let length = answer.body.len();
    let mut response = Response::new(Source::Whole(answer.body));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap();
    for (name, value) in answer.headers {
        let name: HeaderName = name.parse().unwrap();
        response.headers_mut().append(name, value.parse().unwrap());
    }
    response
        .headers_mut()
        .entry(CONTENT_LENGTH)
        .or_insert(length.into());
    response
}
