//! Why an apply was refused, from the server's Status: pure.

use super::api::{ApplyFailure, FieldConflict};
use super::status::{Status, Subject, cut, reason, refusal, words};
use super::transport::Answer;
use crate::error::Reason;

/// Sorts a refused apply.
pub fn apply_failure(
    answer: &Answer,
    server: &str,
    subject: &Subject,
    namespace: &str,
) -> ApplyFailure {
    let error = refusal(answer, server, subject);
    let Some(status) = Status::parse(&answer.body) else {
        // The API server's own words for a path it does not know, which no Status goes with.
        let is_unknown_path =
            answer.status == 404 && answer.body.trim_ascii() == b"404 page not found";
        return if is_unknown_path {
            ApplyFailure::NotServed {
                error: subject.error(
                    Reason::Discovery,
                    "the server does not serve this kind and version",
                ),
            }
        } else {
            ApplyFailure::Other { error }
        };
    };
    match answer.status {
        409 if status.has_cause("FieldManagerConflict") => {
            let conflicts = conflicts(&status);
            let error = subject.error(Reason::Conflict, describe(&conflicts));
            ApplyFailure::Conflict { conflicts, error }
        }
        404 if status.details.kind == "namespaces"
            || (status.is_absent(namespace) && status.message.starts_with("namespaces ")) =>
        {
            let error = subject
                .error(Reason::Invalid, words(&status, subject))
                .hint("create the namespace first, or set the sync option `CreateNamespace=true`");
            ApplyFailure::NamespaceMissing { error }
        }
        404 => ApplyFailure::NotServed {
            error: error.because(Reason::Discovery),
        },
        400 if status.message.contains("does not support dry run") => {
            ApplyFailure::DryRunUnsupported {
                webhook: webhook(&status.message).unwrap_or_default(),
                error: error.because(Reason::Webhook),
            }
        }
        422 if reason(422, &status) == Reason::Immutable => ApplyFailure::Immutable { error },
        _ => ApplyFailure::Other { error },
    }
}

/// The fields that others hold, from the Status's causes.
pub fn conflicts(status: &Status) -> Vec<FieldConflict> {
    status
        .details
        .causes
        .iter()
        .filter(|cause| cause.reason == "FieldManagerConflict")
        .map(|cause| FieldConflict {
            manager: manager(&cause.message).unwrap_or_else(|| cut(&cause.message, 200)),
            field: cut(&cause.field, 300),
        })
        .collect()
}

/// The manager in `conflict with "kubectl-edit" using apps/v1 at …`. A manager's name may hold quotes, written as Go writes them.
fn manager(message: &str) -> Option<String> {
    let rest = message.strip_prefix("conflict with ")?;
    Some(cut(&quoted(rest)?, 128))
}

/// The webhook in `admission webhook "NAME" …`.
pub fn webhook(message: &str) -> Option<String> {
    let start = message.find("webhook \"")? + "webhook ".len();
    Some(cut(&quoted(message.get(start..)?)?, 253))
}

/// The text between the quotes that `text` begins with.
fn quoted(text: &str) -> Option<String> {
    let mut chars = text.strip_prefix('"')?.chars();
    let mut inner = String::new();
    loop {
        match chars.next()? {
            '"' => return Some(inner),
            '\\' => inner.push(chars.next()?),
            c => inner.push(c),
        }
    }
}

fn describe(conflicts: &[FieldConflict]) -> String {
    const SHOWN: usize = 5;
    let mut lines: Vec<String> = conflicts
        .iter()
        .take(SHOWN)
        .map(|conflict| format!("`{}` is held by `{}`", conflict.field, conflict.manager))
        .collect();
    if conflicts.len() > SHOWN {
        lines.push(format!("and {} more", conflicts.len() - SHOWN));
    }
    lines.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn failure(code: u16, mut body: Value) -> ApplyFailure {
        body["kind"] = json!("Status");
        let answer = Answer {
            status: code,
            headers: http::HeaderMap::new(),
            body: body.to_string().into(),
        };
        apply_failure(
            &answer,
            "https://a",
            &Subject::write("apply ConfigMap/ns/x"),
            "ns",
        )
    }

    #[test]
    fn conflicts_name_manager_and_field() {
        let failure = failure(
            409,
            json!({"reason": "Conflict", "details": {"causes": [
                {"reason": "FieldManagerConflict", "field": ".spec.replicas",
                 "message": "conflict with \"kubectl-edit\" with subresource \"scale\" using apps/v1 at 2026-01-01T00:00:00Z"},
                {"reason": "FieldManagerConflict", "field": ".data.a", "message": "conflict with \"a\\\"b\" using v1"}]}}),
        );
        let ApplyFailure::Conflict { conflicts, error } = failure else {
            panic!("a conflict");
        };
        assert_eq!(conflicts[0].manager, "kubectl-edit");
        assert_eq!(conflicts[1].manager, "a\"b");
        assert_eq!(
            error.message(),
            "cannot apply ConfigMap/ns/x: `.spec.replicas` is held by `kubectl-edit`, `.data.a` is held by `a\"b`"
        );
    }

    #[test]
    fn sorts_what_callers_decide_by() {
        let missing = json!({"reason": "NotFound", "message": "namespaces \"ns\" not found", "details": {"name": "ns", "kind": "namespaces"}});
        assert!(matches!(
            failure(404, missing),
            ApplyFailure::NamespaceMissing { .. }
        ));
        let unknown = json!({"reason": "NotFound", "message": "the server could not find the requested resource"});
        assert!(matches!(
            failure(404, unknown),
            ApplyFailure::NotServed { .. }
        ));
        let dry = json!({"reason": "BadRequest", "message": "admission webhook \"w.example\" does not support dry run"});
        let ApplyFailure::DryRunUnsupported { webhook, .. } = failure(400, dry) else {
            panic!("a webhook in the way");
        };
        assert_eq!(webhook, "w.example");
        let immutable = json!({"reason": "Invalid", "details": {"causes": [{"field": "spec.selector", "message": "field is immutable"}]}});
        assert!(matches!(
            failure(422, immutable),
            ApplyFailure::Immutable { .. }
        ));
    }
}
