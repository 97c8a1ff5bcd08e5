//! One attempt of a request: when a slot is free, over a connection that leads to the right cluster, and for a write only while the run
//! may write.
//!
//! It repeats nothing but what an idle connection lost before a byte of it was sent; `send` decides the rest.

use std::sync::PoisonError;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::{ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_TYPE, HeaderValue, USER_AGENT};
use http::{Request, Uri};
use http_body_util::Full;

use super::api::ApiResource;
use super::identity::{NAMESPACE, Shown, Verdict, shown};
use super::pool::Connection;
use super::retry::Effect;
use super::send::{Attempted, Call, Care, Lane, Progress, Sender};
use super::tls;
use super::transport::{Answer, Fault, Transport};
use super::url::ApiPath;
use crate::error::{Error, Reason, Result};
use crate::object::display::display;

/// Enough to know a namespace by.
const METADATA: &str =
    "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json";

/// A server that closes so many new connections in a row after their first answer does so with all.
const CLOSED: u32 = 3;

type Tried = std::result::Result<Answer, Fault>;

/// What became of the way to an answer.
enum Way {
    Ended(Tried),
    /// The run's right to write has to be made sure of again, which may need a slot of its own.
    Stale,
}

impl Sender {
    /// One attempt, when a slot is free.
    pub(super) async fn attempt(
        &self,
        call: &Call<'_>,
        body: &Bytes,
        progress: &Progress,
    ) -> Result<Attempted> {
        let subject = call.subject;
        let current = self
            .credentials_before_deadline(subject, self.credentials.current(), progress)
            .await?;
        let request = self.request(call, body, current.header.as_ref())?;
        let transport = self.transport(current.identity.as_ref())?;
        let start = Instant::now();
        let result = loop {
            if let (Care::Write, Some(guard)) = (call.care, &self.guard) {
                self.before_deadline(subject, guard.check(), progress)
                    .await??;
            }
            let slot = match self.lane {
                Lane::Ordinary => Some(
                    self.before_deadline(subject, self.limiter.slot(), progress)
                        .await?,
                ),
                Lane::Urgent => None,
            };
            let way =
                self.before_deadline(subject, self.travel(call, &transport, &request), progress);
            let way = way.await??;
            drop(slot);
            match way {
                Way::Ended(result) => break result,
                Way::Stale => {}
            }
        };
        trace(call, &result, start.elapsed());
        if let Ok(answer) = &result {
            self.answered.store(true, Ordering::Relaxed);
            self.keep_warnings(answer, subject);
        }
        Ok(Attempted {
            result,
            used: current.header,
        })
    }

    /// Over one connection, or another where that turns out to be closed before a byte of the request was sent.
    async fn travel(
        &self,
        call: &Call<'_>,
        transport: &Transport,
        request: &Request<Full<Bytes>>,
    ) -> Result<Way> {
        let generation = self.identity.generation();
        let mut n_closed = 0;
        loop {
            let mut connection = match self
                .connect(call.care, generation, transport, request)
                .await?
            {
                Ok(connection) => connection,
                Err(tried) => return Ok(Way::Ended(tried)),
            };
            let is_reused = connection.is_reused;
            let sent = self.exchange(call, transport, &mut connection, request);
            match sent.await? {
                Way::Ended(Err(Fault::NeverSent(_) | Fault::Refused(_))) if is_reused => {}
                Way::Ended(Err(Fault::NeverSent(_)))
                    if connection.proof.is_some() && n_closed < CLOSED =>
                {
                    n_closed += 1;
                    if n_closed == CLOSED {
                        self.identity.each_answers_once();
                    }
                }
                Way::Ended(Ok(answer)) => {
                    if call.care == Care::Identify && self.is_right(&answer) {
                        connection.proof = Some(generation);
                    }
                    transport.give_back(connection);
                    return Ok(Way::Ended(Ok(answer)));
                }
                way @ (Way::Ended(Err(_)) | Way::Stale) => return Ok(way),
            }
        }
    }

    /// A connection that is good enough for the request; else how the attempt ended.
    async fn connect(
        &self,
        care: Care,
        generation: u64,
        transport: &Transport,
        request: &Request<Full<Bytes>>,
    ) -> Result<std::result::Result<Connection, Tried>> {
        let proof = match care {
            Care::Read | Care::Identify => None,
            Care::Proved | Care::Write => Some(generation),
        };
        loop {
            let mut connection = match transport.connection(request.uri(), proof).await {
                Ok(connection) => connection,
                Err(fault) => return Ok(Err(Err(fault))),
            };
            if proof.is_none() || connection.proof == proof {
                return Ok(Ok(connection));
            }
            match self.prove(transport, &mut connection, request).await? {
                Ok(()) => {}
                Err(Err(Fault::NeverSent(_))) if connection.is_reused => continue,
                Err(tried) => return Ok(Err(tried)),
            }
            if self.identity.answers_once() {
                // This one is closed by now: what it showed a moment ago has to do for the next.
                let next = transport.connection(request.uri(), None).await;
                return Ok(next.map_err(Err));
            }
            connection.proof = proof;
            return Ok(Ok(connection));
        }
    }

    /// The request itself. A write does not start without the right to write, and is given up with it: a server drops what its client no
    /// longer waits for.
    async fn exchange(
        &self,
        call: &Call<'_>,
        transport: &Transport,
        connection: &mut Connection,
        request: &Request<Full<Bytes>>,
    ) -> Result<Way> {
        let first_byte = match call.effect {
            Effect::Read => self.timeouts.first_byte_read,
            Effect::Idempotent | Effect::Conditional | Effect::Other => {
                self.timeouts.first_byte_write
            }
        };
        let guard = self.guard.as_ref().filter(|_| call.care == Care::Write);
        if guard.is_some_and(|guard| !guard.holds()) {
            return Ok(Way::Stale);
        }
        self.requests.fetch_add(1, Ordering::Relaxed);
        let exchange = transport.exchange(connection, request.clone(), first_byte);
        let Some(guard) = guard else {
            return Ok(Way::Ended(exchange.await));
        };
        tokio::select! {
            result = exchange => Ok(Way::Ended(result)),
            error = guard.ended() => Err(error),
        }
    }

    /// Asks on this very connection which cluster it leads to. Where that is not to be learnt, the attempt ends with what came instead;
    /// nothing of the request itself was sent then.
    async fn prove(
        &self,
        transport: &Transport,
        connection: &mut Connection,
        request: &Request<Full<Bytes>>,
    ) -> Result<std::result::Result<(), Tried>> {
        let mut question = Request::new(Full::default());
        let path = ApiPath::object(&ApiResource::namespace(), "", NAMESPACE)?;
        *question.uri_mut() = self.uri(&path)?;
        question.headers_mut().clone_from(request.headers());
        question.headers_mut().remove(CONTENT_TYPE);
        question
            .headers_mut()
            .insert(ACCEPT, HeaderValue::from_static(METADATA));
        self.requests.fetch_add(1, Ordering::Relaxed);
        let asked = transport
            .exchange(connection, question, self.timeouts.first_byte_read)
            .await;
        let answer = match asked {
            Ok(answer) => answer,
            Err(Fault::Lost(words) | Fault::Late(words)) => {
                return Ok(Err(Err(Fault::NeverSent(words))));
            }
            Err(fault) => return Ok(Err(Err(fault))),
        };
        match shown(&answer) {
            Some(shown) => self.judge(&shown).map(Ok),
            None if matches!(answer.status, 401 | 429) => Ok(Err(Ok(answer))),
            None => {
                let words = format!("asked which cluster it is, it answered {}", answer.status);
                Ok(Err(Err(Fault::NeverSent(words))))
            }
        }
    }

    fn judge(&self, shown: &Shown) -> Result<()> {
        match self.identity.judge(shown) {
            Verdict::Right => Ok(()),
            Verdict::Unproved => {
                self.unproved();
                Ok(())
            }
            Verdict::Wrong(expected) => {
                let (server, found) = (display(&self.origin), shown.describe());
                let text = format!(
                    "`{server}` leads to another cluster now, and nothing was sent there: its kube-system shows {found}, expected is {}",
                    expected.describe()
                );
                Err(Error::new(Reason::WrongCluster, text)
                    .hint("find out why the address leads there, such as a load balancer, a tunnel or DNS, and run again"))
            }
        }
    }

    /// Tells once that nothing proves which cluster this is.
    pub(super) fn unproved(&self) {
        self.warn(format!(
            "nothing tells whether `{}` is the right cluster: its namespace kube-system cannot be read; let the account `get` it",
            display(&self.origin)
        ));
    }

    fn is_right(&self, answer: &Answer) -> bool {
        shown(answer).is_some_and(|shown| self.judge(&shown).is_ok())
    }

    fn request(
        &self,
        call: &Call<'_>,
        body: &Bytes,
        authorization: Option<&HeaderValue>,
    ) -> Result<Request<Full<Bytes>>> {
        let mut request = Request::new(Full::new(body.clone()));
        *request.method_mut() = call.method.clone();
        *request.uri_mut() = self.uri(call.path)?;
        let headers = request.headers_mut();
        headers.clone_from(&self.headers);
        headers.insert(ACCEPT, HeaderValue::from_static(call.accept));
        headers.insert(
            USER_AGENT,
            HeaderValue::from_static(concat!("pushboat/", env!("CARGO_PKG_VERSION"))),
        );
        if !body.is_empty() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(call.content_type));
        }
        if self.compress {
            headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
        }
        if let Some(value) = authorization {
            headers.insert(AUTHORIZATION, value.clone());
        }
        Ok(request)
    }

    fn uri(&self, path: &ApiPath) -> Result<Uri> {
        let target = format!("{}{}{}", self.origin, self.prefix, path.to_request_target());
        target
            .parse()
            .map_err(|_| Error::internal(format!("`{}` makes no valid address", path.shown())))
    }

    /// The connections for the current client certificate.
    fn transport(&self, identity: Option<&(u64, tls::Identity)>) -> Result<Transport> {
        let wanted = identity.map_or(0, |(number, _)| *number);
        {
            let held = self
                .transport
                .read()
                .unwrap_or_else(PoisonError::into_inner);
            if held.0 == wanted {
                return Ok(held.1.clone());
            }
        }
        let Some((number, identity)) = identity else {
            let held = self
                .transport
                .read()
                .unwrap_or_else(PoisonError::into_inner);
            return Ok(held.1.clone());
        };
        let fresh = (self.rebuild)(identity)?;
        let mut held = self
            .transport
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        *held = (*number, fresh.clone());
        Ok(fresh)
    }
}

/// One line a request for `-vv`: no query, no header, no body.
fn trace(call: &Call<'_>, result: &std::result::Result<Answer, Fault>, took: Duration) {
    let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    let method = call.method.as_str();
    let path = call.path.shown();
    match result {
        Ok(answer) => {
            tracing::debug!(target: "pushboat::request", method, path, status = answer.status, bytes = answer.body.len(), ms);
        }
        Err(fault) => {
            tracing::debug!(target: "pushboat::request", method, path, fault = fault.words(), ms);
        }
    }
}
