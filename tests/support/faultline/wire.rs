//! The TCP connection below TLS: it can be reset instead of closed, and tells when everything was sent.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

type Callback = Box<dyn FnOnce() + Send>;

/// Steers a connection from the side of the requests.
#[derive(Default)]
pub(super) struct Control {
    reset: AtomicBool,
    on_flush: Mutex<Vec<Callback>>,
}

impl Control {
    /// From here on closing means RST.
    pub(super) fn reset(&self) {
        self.reset.store(true, Ordering::SeqCst);
    }

    /// Calls back once, when all that was written before the next flush has gone out.
    pub(super) fn on_flush(&self, callback: Callback) {
        self.on_flush.lock().unwrap().push(callback);
    }
}

pub(super) struct Wire {
    stream: TcpStream,
    control: Arc<Control>,
}

impl Wire {
    pub(super) fn new(stream: TcpStream, control: Arc<Control>) -> Self {
        Self { stream, control }
    }

    /// Nothing more may leave a connection that is to be reset, no farewell of TLS either.
    fn check(&self) -> io::Result<()> {
        match self.control.reset.load(Ordering::SeqCst) {
            true => Err(io::ErrorKind::ConnectionReset.into()),
            false => Ok(()),
        }
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        if self.control.reset.load(Ordering::SeqCst) {
            let _ = self.stream.set_zero_linger();
        }
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(cx);
        if flushed.is_ready() {
            let callbacks = std::mem::take(&mut *self.control.on_flush.lock().unwrap());
            callbacks.into_iter().for_each(|callback| callback());
        }
        flushed
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
