//! The API server's audit log: what really was asked and written, whatever a client says about it.

use serde_json::Value;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

/// Logs every request; the bodies of writes too. Leases of the control plane's own parts would only be noise.
pub(crate) const POLICY: &str = r#"
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived, ResponseStarted]
rules:
  - level: None
    nonResourceURLs: ["/readyz*", "/livez*", "/healthz*"]
  - level: Request
    verbs: [create, update, patch, delete, deletecollection]
  - level: Metadata
"#;

/// One request as the API server saw it.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    pub(crate) verb: String,
    /// Path and query.
    pub(crate) uri: String,
    pub(crate) user: String,
    /// The user that was impersonated, or nothing.
    pub(crate) impersonated: String,
    pub(crate) agent: String,
    pub(crate) group: String,
    pub(crate) resource: String,
    pub(crate) subresource: String,
    pub(crate) namespace: String,
    pub(crate) name: String,
    /// The HTTP status.
    pub(crate) code: u64,
    /// The body of a write; for a delete its options.
    pub(crate) body: Value,
    /// The whole event, for what has no field here.
    pub(crate) raw: Value,
}

impl Event {
    pub(crate) fn is_write(&self) -> bool {
        !matches!(self.verb.as_str(), "get" | "list" | "watch")
    }

    pub(crate) fn is_dry_run(&self) -> bool {
        self.uri.contains("dryRun=")
    }
}

/// Reads the log from this byte on, oldest first. The server may be writing its last line: an unfinished one is left out.
pub(crate) fn read(path: &Path, from: u64) -> Vec<Event> {
    let Ok(mut file) = File::open(path) else {
        return Vec::new();
    };
    file.seek(SeekFrom::Start(from)).unwrap();
    let mut log = Vec::new();
    file.read_to_end(&mut log).unwrap();
    let log = String::from_utf8_lossy(&log);
    let whole = log.rfind('\n').map_or("", |end| &log[..end]);
    // The log may have been in the middle of a line when its end was noted.
    let is_rest = from > 0 && !whole.starts_with("{\"kind\":\"Event\"");
    whole
        .lines()
        .skip(usize::from(is_rest))
        .map(|line| event(serde_json::from_str(line).unwrap()))
        .collect()
}

fn event(raw: Value) -> Event {
    let text = |pointer: &str| {
        raw.pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_string()
    };
    Event {
        verb: text("/verb"),
        uri: text("/requestURI"),
        user: text("/user/username"),
        impersonated: text("/impersonatedUser/username"),
        agent: text("/userAgent"),
        group: text("/objectRef/apiGroup"),
        resource: text("/objectRef/resource"),
        subresource: text("/objectRef/subresource"),
        namespace: text("/objectRef/namespace"),
        name: text("/objectRef/name"),
        code: raw
            .pointer("/responseStatus/code")
            .and_then(Value::as_u64)
            .unwrap_or(0),
        body: raw
            .pointer("/requestObject")
            .cloned()
            .unwrap_or(Value::Null),
        raw,
    }
}
