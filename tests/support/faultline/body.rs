//! The body of an answer, which may end too early or never.

use super::wire::Control;
use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

/// How a body ends before its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    Cut,
    Stall,
}

pub(super) enum Source {
    Whole(Bytes),
    Endless(Incoming),
}

type Callback = Box<dyn FnOnce() + Send>;

pub(super) struct Scripted {
    source: Source,
    /// How many bytes may pass, and what comes then.
    limit: Option<(usize, Ending)>,
    control: Arc<Control>,
    /// Called when the last byte has left.
    after: Option<Callback>,
    over: Option<Ending>,
    flushed: Option<Arc<AtomicBool>>,
}

impl Scripted {
    pub(super) fn new(
        source: Source,
        limit: Option<(usize, Ending)>,
        control: Arc<Control>,
        after: Option<Callback>,
    ) -> Self {
        let mut body = Self {
            source,
            limit,
            control,
            after,
            over: None,
            flushed: None,
        };
        if body.is_end_stream() {
            body.relayed(); // nobody will ask for a body that is empty
        }
        body
    }

    fn relayed(&mut self) {
        if let Some(after) = self.after.take() {
            self.control.on_flush(after);
        }
    }

    /// Lets pass what the limit allows.
    fn clip(&mut self, mut bytes: Bytes) -> Bytes {
        if let Some((left, ending)) = &mut self.limit {
            bytes.truncate(*left);
            *left -= bytes.len();
            if *left == 0 {
                self.over = Some(*ending);
            }
        }
        bytes
    }

    /// What was sent must arrive before the connection breaks, so the end waits for the flush.
    fn end(&mut self, ending: Ending, cx: &Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if ending == Ending::Stall {
            return Poll::Pending;
        }
        if let Some(flushed) = &self.flushed {
            return match flushed.load(Ordering::SeqCst) {
                true => Poll::Ready(Some(Err(io::ErrorKind::ConnectionAborted.into()))),
                false => Poll::Pending,
            };
        }
        let flushed = Arc::new(AtomicBool::new(false));
        self.flushed = Some(Arc::clone(&flushed));
        let waker = cx.waker().clone();
        self.control.on_flush(Box::new(move || {
            flushed.store(true, Ordering::SeqCst);
            waker.wake();
        }));
        Poll::Pending
    }
}

impl Body for Scripted {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if let Some((0, ending)) = self.limit {
            self.over = Some(ending);
        }
        if let Some(ending) = self.over {
            return self.end(ending, cx);
        }
        let bytes = match &mut self.source {
            Source::Whole(bytes) => std::mem::take(bytes),
            Source::Endless(incoming) => match Pin::new(incoming).poll_frame(cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Some(Ok(frame))) => frame.into_data().unwrap_or_default(),
                Poll::Ready(Some(Err(error))) => {
                    return Poll::Ready(Some(Err(io::Error::other(error))));
                }
                Poll::Ready(None) => Bytes::new(),
            },
        };
        if bytes.is_empty() {
            self.relayed();
            return Poll::Ready(None);
        }
        let bytes = self.clip(bytes);
        if self.is_end_stream() {
            self.relayed();
        }
        Poll::Ready(Some(Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.limit.is_none() && matches!(&self.source, Source::Whole(bytes) if bytes.is_empty())
    }

    /// Unknown: the length that the server announced stays as it is, however much really comes.
    fn size_hint(&self) -> SizeHint {
        SizeHint::default()
    }
}
