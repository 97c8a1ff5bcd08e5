//! What Argo CD's annotations on an object ask for: sync options, compare options, the sync wave.
//!
//! Whatever is not honoured is named by [`told`]: nothing is passed over in silence. What follows from an option is decided in `plan`.

use super::display::display;
use super::{Object, labels};

/// What an object says of a choice that Argo CD lets a person confirm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    Yes,
    No,
    Confirm,
}

/// What the object itself says of its deletion when it leaves git.
pub fn prune(object: &Object) -> Option<Choice> {
    choice(object, "Prune")
}

/// What the object itself says of its deletion along with its app.
pub fn delete(object: &Object) -> Option<Choice> {
    choice(object, "Delete")
}

fn choice(object: &Object, key: &str) -> Option<Choice> {
    match sync_option(object, key)? {
        "true" => Some(Choice::Yes),
        "false" => Some(Choice::No),
        "confirm" => Some(Choice::Confirm),
        _ => None,
    }
}

/// A sync option that is `true` or `false`; `None` where the object does not say.
pub fn flag(object: &Object, key: &str) -> Option<bool> {
    match sync_option(object, key)? {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

/// The value of the last option of this key.
fn sync_option<'a>(object: &'a Object, key: &str) -> Option<&'a str> {
    let list = object.annotation(labels::ARGO_SYNC_OPTIONS)?;
    list.rsplit(',').find_map(|text| {
        let (found, value) = text.trim().split_once('=')?;
        (found == key).then_some(value)
    })
}

/// Whether an object that left git is no drift.
pub fn ignores_extraneous(object: &Object) -> bool {
    has_compare_option(
        object.annotation(labels::ARGO_COMPARE_OPTIONS),
        "IgnoreExtraneous",
    )
}

/// Whether what admission adds to the object is drift.
pub fn includes_mutations(object: &Object) -> bool {
    let list = object.annotation(labels::ARGO_COMPARE_OPTIONS);
    has_compare_option(list, INCLUDE_MUTATIONS)
}

/// What admission adds to an object counts.
pub const INCLUDE_MUTATIONS: &str = "IncludeMutationWebhook=true";

/// Whether a list of compare options, as an annotation holds it, has this one.
pub fn has_compare_option(list: Option<&str>, option: &str) -> bool {
    list.is_some_and(|list| list.split(',').any(|text| text.trim() == option))
}

/// The wave that the object's own annotations ask for; what is no integer counts as absent, as it does for Argo CD.
pub fn wave_number(object: &Object) -> i32 {
    let number = |annotation: &str| integer(object.annotation(annotation)?);
    number(labels::ARGO_SYNC_WAVE)
        .or_else(|| number(labels::HELM_HOOK_WEIGHT))
        .unwrap_or(0)
}

/// Go's `strconv.Atoi`: no blanks. What is too large for a wave is the first or the last one.
fn integer(text: &str) -> Option<i32> {
    let number: i64 = text.parse().ok()?;
    let clamped = number.clamp(i64::from(i32::MIN), i64::from(i32::MAX));
    i32::try_from(clamped).ok()
}

/// What of these annotations has no effect, by name.
pub fn told(object: &Object) -> Vec<String> {
    let list = |annotation| object.annotation(annotation).unwrap_or_default();
    let sync = idle(
        labels::ARGO_SYNC_OPTIONS,
        list(labels::ARGO_SYNC_OPTIONS),
        of_sync,
    );
    let compare = list(labels::ARGO_COMPARE_OPTIONS);
    let compare = idle(labels::ARGO_COMPARE_OPTIONS, compare, of_comparison);
    sync.into_iter()
        .chain(compare)
        .chain(odd_wave(object))
        .collect()
}

/// What of an Application's compare options has no effect, by name.
pub fn told_of_app(list: &str) -> Vec<String> {
    let of_app = |text: &str| match text {
        "IgnoreExtraneous" => Some("it is for objects"),
        text => of_comparison(text),
    };
    idle(labels::ARGO_COMPARE_OPTIONS, list, of_app)
}

fn idle(annotation: &str, list: &str, why: fn(&str) -> Option<&'static str>) -> Vec<String> {
    let options = list.split(',').map(str::trim);
    let options = options.filter(|text| !text.is_empty());
    let told = options.filter_map(|text| {
        let why = why(text)?;
        Some(format!(
            "`{}` in `{annotation}` has no effect: {why}",
            display(text)
        ))
    });
    told.collect()
}

fn odd_wave(object: &Object) -> Option<String> {
    let text = object.annotation(labels::ARGO_SYNC_WAVE)?;
    integer(text).is_none().then(|| {
        format!(
            "the sync wave `{}` is no whole number, so it counts as {}, as in Argo CD",
            display(text),
            wave_number(object)
        )
    })
}

/// Why a sync option of an object has no effect; nothing where it has one, or says what is done anyway.
fn of_sync(text: &str) -> Option<&'static str> {
    let (key, value) = text.split_once('=').unwrap_or((text, ""));
    let is_flag = matches!(value, "true" | "false");
    match key {
        "Prune" | "Delete" if is_flag || value == "confirm" => None,
        "Force" | "Replace" | "FailOnSharedResource" if is_flag => None,
        // All deletions come after all that is applied.
        "PruneLast" | "SkipDryRunOnMissingResource" if is_flag => None,
        "ServerSideApply" | "Validate" | "ClientSideApplyMigration" if value == "true" => None,
        "ServerSideApply" if is_flag => Some("pushboat applies on the server only"),
        "Validate" if is_flag => Some("the server checks every object"),
        "ClientSideApplyMigration" if is_flag => {
            Some("what `kubectl apply` owned is always taken over")
        }
        "CreateNamespace"
        | "ApplyOutOfSyncOnly"
        | "PrunePropagationPolicy"
        | "RespectIgnoreDifferences" => Some("it is for an Application's `syncOptions`"),
        "IgnoreExtraneous" => Some("it is a compare option"),
        _ => Some("Argo CD has no such sync option"),
    }
}

fn of_comparison(text: &str) -> Option<&'static str> {
    match text {
        "IgnoreExtraneous" | INCLUDE_MUTATIONS | "ServerSideDiff=true" => None,
        "IncludeMutationWebhook=false" => None,
        "ServerSideDiff=false" => Some("pushboat compares by the server's own dry run"),
        _ => Some("Argo CD has no such compare option"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn object(annotation: &str, text: &str) -> Object {
        Object::new(json!({"kind": "A", "metadata": {"annotations": {annotation: text}}}))
    }

    #[test]
    fn the_last_of_several_options_of_one_key_decides() {
        let of = |text| object(labels::ARGO_SYNC_OPTIONS, text);
        assert_eq!(
            prune(&of("Prune=false, Prune=confirm")),
            Some(Choice::Confirm)
        );
        assert_eq!(prune(&of("Prune=true")), Some(Choice::Yes));
        assert_eq!(prune(&of("Delete=false")), None);
        assert_eq!(delete(&of("Delete=false")), Some(Choice::No));
        assert_eq!(flag(&of("Force=true"), "Force"), Some(true));
        assert_eq!(prune(&of("Prune = false,prune=false")), None);
    }

    #[test]
    fn a_wave_is_what_go_reads_as_a_number() {
        let wave = |text| wave_number(&object(labels::ARGO_SYNC_WAVE, text));
        for (text, expected) in [
            ("2", 2),
            ("-3", -3),
            ("+4", 4),
            (" 2", 0),
            ("2 ", 0),
            ("1_0", 0),
            ("", 0),
            ("1.0", 0),
        ] {
            assert_eq!(wave(text), expected, "{text:?}");
        }
        assert_eq!(wave("3000000000"), i32::MAX);
    }

    #[test]
    fn a_wave_that_is_no_number_leaves_it_to_the_weight_and_is_told() {
        let mut object = object(labels::ARGO_SYNC_WAVE, " 2");
        assert!(
            told(&object)[0].contains("counts as 0"),
            "{:?}",
            told(&object)
        );
        object.set_annotation(labels::HELM_HOOK_WEIGHT, "7");
        assert_eq!(wave_number(&object), 7);
        assert!(
            told(&object)[0].contains("counts as 7"),
            "{:?}",
            told(&object)
        );
    }

    /// Every option that Argo CD documents, and some that it does not have: honoured, or named.
    #[test]
    fn no_option_is_passed_over_in_silence() {
        let silent = "Prune=false Prune=true Prune=confirm Delete=false Delete=confirm Force=true Replace=false PruneLast=true \
             ServerSideApply=true SkipDryRunOnMissingResource=true FailOnSharedResource=true Validate=true ,Prune=false,";
        for text in silent.split(' ') {
            let told = told(&object(labels::ARGO_SYNC_OPTIONS, text));
            assert!(told.is_empty(), "{text}: {told:?}");
        }
        let named = "Validate=false ServerSideApply=false ClientSideApplyMigration=false CreateNamespace=true ApplyOutOfSyncOnly=true \
             PrunePropagationPolicy=orphan RespectIgnoreDifferences=true IgnoreExtraneous prune=false Prune=no Prune Replace=yes Sparkle=true";
        for text in named.split(' ') {
            let told = told(&object(labels::ARGO_SYNC_OPTIONS, text));
            let is_named = told.len() == 1 && told[0].contains(&format!("`{text}`"));
            assert!(is_named, "{text}: {told:?}");
        }
        let compare = |text| told(&object(labels::ARGO_COMPARE_OPTIONS, text)).len();
        let silent = "IgnoreExtraneous IncludeMutationWebhook=true ServerSideDiff=true";
        assert!(silent.split(' ').all(|text| compare(text) == 0));
        let named = "ServerSideDiff=false Prune=false ignoreExtraneous";
        assert!(named.split(' ').all(|text| compare(text) == 1));
    }
}
