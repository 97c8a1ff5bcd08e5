//! A packed chart to its files, in memory: plain files below one folder, and nothing else that an archive can hold.
//!
//! Links, devices, repeated names and names that lead out are refused, and so is what unpacks to more than a chart may have.

use std::collections::BTreeSet;
use std::io::Read as _;

use flate2::read::MultiGzDecoder;

use super::charts::{ChartFile, MAX_BYTES, MAX_FILES};
use crate::error::{Error, Result};
use crate::object::display::display;

const BLOCK: usize = 512;
/// Headers and padding come on top of the files.
const MAX_UNPACKED: usize = MAX_BYTES + MAX_FILES * 4 * BLOCK;
/// A record that only names the next file is no longer than this.
const MAX_RECORD: usize = 64 << 10;

/// The files of a gzipped tar archive, without the folder that all of them stand in.
pub fn unpack(archive: &[u8]) -> Result<Vec<ChartFile>> {
    let mut bytes = Vec::new();
    MultiGzDecoder::new(archive)
        .take(MAX_UNPACKED as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| wrong(&format!("it cannot be unpacked: {error}")))?;
    if bytes.len() > MAX_UNPACKED {
        return Err(wrong(&format!(
            "it unpacks to more than {} MiB",
            MAX_UNPACKED >> 20
        )));
    }
    let mut reader = Reader {
        bytes: &bytes,
        files: Vec::new(),
        names: BTreeSet::new(),
        total: 0,
    };
    reader.read()?;
    if reader.files.is_empty() {
        return Err(wrong("it holds no files"));
    }
    Ok(reader.files)
}

fn wrong(why: &str) -> Error {
    Error::render(format!("the chart's archive is refused: {why}"))
}

struct Reader<'a> {
    bytes: &'a [u8],
    files: Vec<ChartFile>,
    names: BTreeSet<String>,
    total: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, n: usize) -> Result<&'a [u8]> {
        let (taken, rest) = self
            .bytes
            .split_at_checked(n)
            .ok_or_else(|| wrong("it ends too soon"))?;
        self.bytes = rest;
        Ok(taken)
    }

    fn read(&mut self) -> Result<()> {
        let mut long_name = None;
        let mut n_entries = 0;
        while !self.bytes.is_empty() {
            let header = self.take(BLOCK)?;
            if header.iter().all(|byte| *byte == 0) {
                return Ok(());
            }
            n_entries += 1;
            if n_entries > 2 * MAX_FILES {
                return Err(wrong(&format!("it has more than {MAX_FILES} files")));
            }
            check_sum(header)?;
            let size = octal(&header[124..136])?;
            let content = self.take(size)?;
            self.take((BLOCK - size % BLOCK) % BLOCK)?;
            match header[156] {
                b'x' => long_name = pax_path(content)?.or(long_name),
                // What holds for all files names none.
                b'g' => {}
                b'L' => long_name = Some(text(short(content)?.split(|b| *b == 0).next())?),
                b'5' => {
                    long_name = None;
                }
                b'0' | 0 | b'7' => {
                    let name = match long_name.take() {
                        Some(name) => name,
                        None => name_of(header)?,
                    };
                    // An old way to write a folder.
                    if !name.ends_with('/') {
                        self.file(&name, content)?;
                    }
                }
                b'1' | b'2' => return Err(wrong("it holds a link")),
                other => {
                    let kind = display(&char::from(other).to_string()).into_owned();
                    return Err(wrong(&format!("it holds an entry of kind `{kind}`")));
                }
            }
        }
        Ok(())
    }

    fn file(&mut self, name: &str, content: &[u8]) -> Result<()> {
        let shown = display(name);
        let inside = name.strip_prefix("./").unwrap_or(name);
        let Some((_, path)) = inside.split_once('/') else {
            return Err(wrong(&format!("`{shown}` stands in no folder")));
        };
        let is_bad = |part: &str| {
            matches!(part, "" | "." | "..") || part.contains(['\\', ':']) || part.contains('\0')
        };
        if inside.split('/').any(is_bad) {
            return Err(wrong(&format!("`{shown}` could lead out of it")));
        }
        if !self.names.insert(path.to_owned()) {
            return Err(wrong(&format!("`{shown}` stands in it twice")));
        }
        self.total += content.len();
        if self.files.len() >= MAX_FILES || self.total > MAX_BYTES {
            return Err(wrong(&format!(
                "it has more than {MAX_FILES} files or {} MiB",
                MAX_BYTES >> 20
            )));
        }
        self.files.push(ChartFile {
            path: path.to_owned(),
            content: content.to_vec().into(),
        });
        Ok(())
    }
}

fn text(bytes: Option<&[u8]>) -> Result<String> {
    let bytes = bytes.unwrap_or_default();
    String::from_utf8(bytes.to_vec()).map_err(|_| wrong("a name in it is not UTF-8 text"))
}

/// Name and prefix of a plain header.
fn name_of(header: &[u8]) -> Result<String> {
    let field = |from: usize, to: usize| text(header[from..to].split(|byte| *byte == 0).next());
    let name = field(0, 100)?;
    let prefix = if &header[257..262] == b"ustar" && header[262] == 0 {
        field(345, 500)?
    } else {
        String::new()
    };
    Ok(if prefix.is_empty() {
        name
    } else {
        format!("{prefix}/{name}")
    })
}

/// The header's own sum, with the blanks that stand in for it.
fn check_sum(header: &[u8]) -> Result<()> {
    let sum: usize = header
        .iter()
        .enumerate()
        .map(|(n, byte)| {
            if (148..156).contains(&n) {
                usize::from(b' ')
            } else {
                usize::from(*byte)
            }
        })
        .sum();
    if octal(&header[148..156])? == sum {
        Ok(())
    } else {
        Err(wrong("a header in it is damaged"))
    }
}

fn octal(field: &[u8]) -> Result<usize> {
    let text = std::str::from_utf8(field).unwrap_or("-");
    let text = text.trim_matches(['\0', ' ']);
    if text.is_empty() {
        return Ok(0);
    }
    // A size that needs the binary form is larger than any chart.
    usize::from_str_radix(text, 8).map_err(|_| wrong("a number in it is no number"))
}

fn short(record: &[u8]) -> Result<&[u8]> {
    if record.len() > MAX_RECORD {
        return Err(wrong("a name in it is too long"));
    }
    Ok(record)
}

/// The `path` of an extended header; what else it may say changes nothing about the file but its size, which is refused.
fn pax_path(record: &[u8]) -> Result<Option<String>> {
    let mut rest = short(record)?;
    let mut path = None;
    while !rest.is_empty() {
        let damaged = || wrong("an extended header in it is damaged");
        let blank = rest.iter().position(|b| *b == b' ').ok_or_else(damaged)?;
        let length: usize = text(Some(&rest[..blank]))?.parse().map_err(|_| damaged())?;
        let (line, after) = rest.split_at_checked(length).ok_or_else(damaged)?;
        let pair = line
            .get(blank + 1..)
            .and_then(|pair| pair.strip_suffix(b"\n"))
            .ok_or_else(damaged)?;
        let equals = pair.iter().position(|b| *b == b'=').ok_or_else(damaged)?;
        match &pair[..equals] {
            b"path" => path = Some(text(Some(&pair[equals + 1..]))?),
            b"size" | b"linkpath" => return Err(damaged()),
            key if key.starts_with(b"GNU.sparse") => return Err(wrong("it holds a sparse file")),
            _ => {}
        }
        rest = after;
    }
    Ok(path)
}

#[cfg(test)]
#[path = "chart_archive_tests.rs"]
mod tests;
