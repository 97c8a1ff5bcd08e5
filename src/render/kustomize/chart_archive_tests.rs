//! Archives as they are, and as nobody should make them.

use std::io::Write as _;

use super::*;

/// One entry: its header and its content, padded.
fn entry(name: &str, kind: u8, content: &[u8]) -> Vec<u8> {
    let mut header = [0u8; BLOCK];
    header[..name.len()].copy_from_slice(name.as_bytes());
    header[100..108].copy_from_slice(b"0000644\0");
    header[124..136].copy_from_slice(format!("{:011o}\0", content.len()).as_bytes());
    header[156] = kind;
    header[257..265].copy_from_slice(b"ustar\x0000");
    header[148..156].fill(b' ');
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    let mut bytes = header.to_vec();
    bytes.extend(content);
    bytes.resize(bytes.len().next_multiple_of(BLOCK), 0);
    bytes
}

fn packed(entries: &[Vec<u8>]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    for entry in entries {
        encoder.write_all(entry).expect("written");
    }
    encoder.write_all(&[0; 2 * BLOCK]).expect("written");
    encoder.finish().expect("packed")
}

fn names(entries: &[Vec<u8>]) -> Result<Vec<String>> {
    Ok(unpack(&packed(entries))?
        .into_iter()
        .map(|file| file.path)
        .collect())
}

#[test]
fn files_lose_the_folder_they_stand_in() {
    let entries = [
        entry("c/", b'5', b""),
        entry("c/Chart.yaml", b'0', b"name: c"),
        entry("./c/templates/a.yaml", b'0', &[b'x'; 700]),
    ];
    assert_eq!(
        names(&entries).expect("unpacks"),
        ["Chart.yaml", "templates/a.yaml"]
    );
}

#[test]
fn long_names_come_in_records_of_their_own() {
    let long = format!("c/{}/a.yaml", "x".repeat(150));
    let pair = format!(" path={long}\n");
    let length = pair.len() + 3;
    let pax = entry("PaxHeader", b'x', format!("{length}{pair}").as_bytes());
    let gnu = entry("././@LongLink", b'L', format!("{long}\0").as_bytes());
    for record in [pax, gnu] {
        let entries = [
            record,
            entry("c/short", b'0', b"x"),
            entry("c/b", b'0', b""),
        ];
        let names = names(&entries).expect("unpacks");
        assert_eq!(names, [long.strip_prefix("c/").expect("so made"), "b"]);
    }
}

#[test]
fn what_could_lead_out_is_refused() {
    let file = |name: &str| vec![entry(name, b'0', b"x")];
    let pax = |pair: &str| {
        let length = pair.len() + 3;
        let record = entry("PaxHeader", b'x', format!("{length} {pair}").as_bytes());
        vec![record, entry("c/a", b'0', b"x")]
    };
    let mut damaged = entry("c/a", b'0', b"x");
    damaged[0] = b'd';
    let mut huge = entry("c/a", b'0', b"x");
    huge[124] = 0x80;
    let cases: Vec<Vec<Vec<u8>>> = vec![
        file("a"),
        file("/a"),
        file("c/../a"),
        file("../c/a"),
        file("c/./a"),
        file("c//a"),
        file("c/..\\a"),
        file("c/C:a"),
        vec![entry("c/a", b'2', b"")],
        vec![entry("c/a", b'1', b"")],
        vec![entry("c/a", b'3', b"")],
        vec![entry("c/a", b'6', b"")],
        vec![entry("c/a", b'S', b"")],
        vec![entry("c/a", b'0', b"x"), entry("d/a", b'0', b"y")],
        pax("path=c/../../etc/passwd\n"),
        pax("size=99999999999\n"),
        pax("linkpath=/etc/passwd\n"),
        pax("GNU.sparse.major=1\n"),
        pax("path c\n"),
        vec![entry("PaxHeader", b'x', b"9999999 path=c/a\n")],
        vec![entry("PaxHeader", b'x', b"x path=c/a\n")],
        vec![damaged],
        vec![huge],
        vec![],
    ];
    for (n, entries) in cases.iter().enumerate() {
        assert!(names(entries).is_err(), "case {n}");
    }
    assert!(unpack(b"not gzip").is_err());
    let whole = packed(&[entry("c/a", b'0', &[b'x'; 5000])]);
    assert!(unpack(&whole[..whole.len() / 2]).is_err());
}

#[test]
fn bombs_do_not_go_off() {
    let big = entry("c/a", b'0', &vec![0; 60 << 20]);
    let other = entry("c/b", b'0', &vec![0; 60 << 20]);
    assert!(names(&[big, other]).is_err());
    let many: Vec<_> = (0..=MAX_FILES)
        .map(|n| entry(&format!("c/{n}"), b'0', b""))
        .collect();
    assert!(names(&many).is_err());
}

proptest::proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(0u8..=255, 0..2000)) {
        let _ = names(&[bytes]);
    }
}
