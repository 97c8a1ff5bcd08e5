//! A cluster that is far away: hands bytes on to a real API server, each answer late.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use crate::Outcome;

/// Listens on a free port until the process ends; what the server sends arrives `delay` later.
pub(crate) fn listen(server: SocketAddr, delay: Duration) -> Outcome<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    std::thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let Ok(server) = TcpStream::connect(server) else {
                continue;
            };
            let (Ok(client_back), Ok(server_back)) = (client.try_clone(), server.try_clone())
            else {
                continue;
            };
            std::thread::spawn(move || copy(client, server, Duration::ZERO));
            std::thread::spawn(move || copy(server_back, client_back, delay));
        }
    });
    Ok(address)
}

fn copy(mut from: TcpStream, mut to: TcpStream, delay: Duration) {
    let mut buffer = vec![0; 256 * 1024];
    while let Ok(n @ 1..) = from.read(&mut buffer) {
        std::thread::sleep(delay);
        if to.write_all(&buffer[..n]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Write);
}
