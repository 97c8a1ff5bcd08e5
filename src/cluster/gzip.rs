//! Unpacks a compressed answer, with a cap on what comes out.

use std::io::Read;

use bytes::Bytes;
use flate2::read::MultiGzDecoder;
use http::HeaderMap;
use http::header::CONTENT_ENCODING;

use super::transport::{Fault, MAX_BODY};

/// The body as it was before compression.
pub fn unpack(headers: &HeaderMap, body: Bytes) -> Result<Bytes, Fault> {
    let encoding = headers
        .get(CONTENT_ENCODING)
        .and_then(|value| value.to_str().ok())
        .unwrap_or("identity");
    match encoding {
        "identity" | "" => Ok(body),
        "gzip" => gunzip(&body, MAX_BODY),
        _ => Err(Fault::BadBody("it is packed in an unknown way".to_owned())),
    }
}

fn gunzip(body: &[u8], cap: usize) -> Result<Bytes, Fault> {
    let mut unpacked = Vec::with_capacity(body.len().saturating_mul(4).min(cap));
    let limit = u64::try_from(cap).unwrap_or(u64::MAX).saturating_add(1);
    match MultiGzDecoder::new(body)
        .take(limit)
        .read_to_end(&mut unpacked)
    {
        Ok(_) if unpacked.len() > cap => Err(Fault::BadBody(
            "unpacked it is larger than 256 MiB".to_owned(),
        )),
        Ok(_) => Ok(unpacked.into()),
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
            Err(Fault::Lost("the packed answer was cut off".to_owned()))
        }
        Err(_) => Err(Fault::BadBody("it cannot be unpacked".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).expect("into memory");
        encoder.finish().expect("into memory")
    }

    #[test]
    fn a_bomb_stops_at_the_cap() {
        let bomb = gzip(&vec![0; 100_000]);
        assert!(matches!(gunzip(&bomb, 99_999), Err(Fault::BadBody(_))));
        assert_eq!(gunzip(&bomb, 100_000).map(|bytes| bytes.len()), Ok(100_000));
    }

    #[test]
    fn a_cut_body_is_lost_and_a_broken_one_is_bad() {
        let whole = gzip(b"hello hello hello");
        let cut = whole.get(..whole.len() - 4).expect("long enough");
        assert!(matches!(gunzip(cut, 1000), Err(Fault::Lost(_))));
        assert!(matches!(
            gunzip(b"<html>no gzip at all</html>", 1000),
            Err(Fault::BadBody(_))
        ));
    }
}
