//! Git's smart HTTP protocol over [`Https`]: what gix needs to talk to a server, and nothing of its own.

use std::io::{self, BufRead, BufReader, Cursor, Read, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use gix_transport::client::blocking_io::http::{GetResponse, Http, PostBodyDataKind, PostResponse};

use super::address::Address;
use super::https::{Answer, Header, Https};
use crate::error::{Error, Result};

/// Bytes of one answer: the pack of a commit with its files.
const MAX_ANSWER_BYTES: u64 = 256 << 20;

type GixResult<T = ()> = std::result::Result<T, gix::Error>;

/// Why a request failed, in our words: what passes through gix comes out in its own.
#[derive(Clone, Default)]
pub struct Failure(Arc<Mutex<Option<Error>>>);

impl Failure {
    pub fn take(&self) -> Option<Error> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn keep(&self, error: Error) -> io::Error {
        let text = error.message();
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
        io::Error::other(text)
    }
}

/// The connection of one fetch.
pub struct Smart {
    client: Client,
    /// Where the repository is after redirects.
    base: Option<String>,
}

#[derive(Clone)]
struct Client {
    https: Arc<Https>,
    deadline: Instant,
    failure: Failure,
}

impl Smart {
    pub fn new(https: Arc<Https>, deadline: Instant, failure: Failure) -> Self {
        Self {
            client: Client {
                https,
                deadline,
                failure,
            },
            base: None,
        }
    }
}

impl Http for Smart {
    type Headers = Box<dyn BufRead + Send + Sync + Unpin>;
    type ResponseBody = Box<dyn BufRead + Send + Sync>;
    type PostBody = PostBody;

    fn get(
        &mut self,
        url: &str,
        base_url: &str,
        headers: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> GixResult<GetResponse<Self::Headers, Self::ResponseBody>> {
        let headers = split(headers);
        let answer = || {
            let address = Address::parse(url)?;
            self.client
                .https
                .get(&address, &headers, MAX_ANSWER_BYTES, self.client.deadline)
        };
        let answer =
            answer().map_err(|error| gix::Error::from_error(self.client.failure.keep(error)))?;
        // A redirect is followed by the requests after it if it kept what was asked for.
        let tail = url.strip_prefix(base_url).unwrap_or_default();
        self.base = answer
            .address
            .to_string()
            .strip_suffix(tail)
            .map(str::to_owned);
        let headers = header_lines(&answer);
        Ok(GetResponse {
            headers: Box::new(Cursor::new(headers)),
            body: Box::new(BufReader::new(answer.body)),
        })
    }

    fn post(
        &mut self,
        url: &str,
        _base_url: &str,
        headers: impl IntoIterator<Item = impl AsRef<str>>,
        _body: PostBodyDataKind,
    ) -> GixResult<PostResponse<Self::Headers, Self::ResponseBody, Self::PostBody>> {
        let exchange = Arc::new(Mutex::new(Exchange {
            client: self.client.clone(),
            url: url.to_owned(),
            headers: split(headers),
            body: Vec::new(),
            answer: None,
        }));
        Ok(PostResponse {
            post_body: PostBody(Arc::clone(&exchange)),
            headers: Box::new(BufReader::new(Part::headers(Arc::clone(&exchange)))),
            body: Box::new(BufReader::new(Part::body(exchange))),
        })
    }

    fn configure(&mut self, _config: &dyn std::any::Any) -> GixResult {
        Ok(())
    }

    fn redirected_base_url(&self) -> Option<String> {
        self.base.clone()
    }
}

/// A request that is sent when its answer is first read: until then its body is written.
struct Exchange {
    client: Client,
    url: String,
    headers: Vec<Header>,
    body: Vec<u8>,
    answer: Option<Parts>,
}

struct Parts {
    headers: Cursor<Vec<u8>>,
    body: Box<dyn Read + Send + Sync>,
}

impl Exchange {
    fn answer(&mut self) -> io::Result<&mut Parts> {
        let parts = match self.answer.take() {
            Some(parts) => parts,
            None => self
                .send()
                .map_err(|error| self.client.failure.keep(error))?,
        };
        Ok(self.answer.insert(parts))
    }

    fn send(&self) -> Result<Parts> {
        let Client {
            https, deadline, ..
        } = &self.client;
        let address = Address::parse(&self.url)?;
        let answer = https.post(
            &address,
            &self.headers,
            &self.body,
            MAX_ANSWER_BYTES,
            *deadline,
        )?;
        Ok(Parts {
            headers: Cursor::new(header_lines(&answer)),
            body: answer.body,
        })
    }
}

/// What is written to a server.
pub struct PostBody(Arc<Mutex<Exchange>>);

impl Write for PostBody {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut exchange = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        exchange.body.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// One part of the answer.
struct Part {
    exchange: Arc<Mutex<Exchange>>,
    is_body: bool,
}

impl Part {
    fn headers(exchange: Arc<Mutex<Exchange>>) -> Self {
        Self {
            exchange,
            is_body: false,
        }
    }

    fn body(exchange: Arc<Mutex<Exchange>>) -> Self {
        Self {
            exchange,
            is_body: true,
        }
    }
}

impl Read for Part {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut exchange = self.exchange.lock().unwrap_or_else(PoisonError::into_inner);
        let parts = exchange.answer()?;
        if self.is_body {
            parts.body.read(buffer)
        } else {
            parts.headers.read(buffer)
        }
    }
}

/// `name: value` to its parts, without the name of the program that gix would give.
fn split(headers: impl IntoIterator<Item = impl AsRef<str>>) -> Vec<Header> {
    headers
        .into_iter()
        .filter_map(|header| {
            let (name, value) = header.as_ref().split_once(':')?;
            let is_ours = name.eq_ignore_ascii_case("user-agent")
                || name.eq_ignore_ascii_case("authorization");
            (!is_ours).then(|| (name.to_owned(), value.trim().to_owned()))
        })
        .collect()
}

fn header_lines(answer: &Answer) -> Vec<u8> {
    let lines = answer
        .headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}\n"));
    lines.collect::<String>().into_bytes()
}
