//! Histories as people make them, one by one, and random ones against a model of what runs in a cluster.

use proptest::prelude::*;

use super::*;

/// `A` whole, `a` partial, `A<1` a rollback to 1. The holds are recorded as a sync records them.
fn history(text: &str) -> Vec<Attempt> {
    let mut attempts = Vec::new();
    for word in text.split_whitespace() {
        let (content, back_to) = match word.split_once('<') {
            Some((content, id)) => (content, Some(id.parse().expect("an id"))),
            None => (word, None),
        };
        let reach = match content.chars().all(char::is_uppercase) {
            true => Reach::Whole,
            false => Reach::Partial,
        };
        record(&mut attempts, &content.to_uppercase(), reach, back_to);
    }
    attempts
}

/// What a run leaves behind.
fn record(attempts: &mut Vec<Attempt>, content: &str, reach: Reach, back_to: Option<u64>) {
    let from = held_from(attempts, &content.to_owned(), back_to);
    let held = match reach {
        Reach::Whole => held_after(from, back_to),
        Reach::Partial => from,
    };
    attempts.push(Attempt {
        id: attempts.last().map_or(1, |last| last.id + 1),
        content: content.to_owned(),
        reach,
        back_to,
        held: Held::Recorded(held),
    });
}

fn target(attempts: &[Attempt]) -> Option<u64> {
    let verdicts = verdicts(attempts);
    let found = verdicts
        .iter()
        .position(|verdict| *verdict == Verdict::Target)?;
    attempts.get(found).map(|attempt| attempt.id)
}

fn held_text(attempts: &[Attempt]) -> String {
    held(attempts).into_iter().collect::<Vec<_>>().join("")
}

#[test]
fn a_rollback_goes_to_the_newest_release_before_the_newest_that_was_applied_whole() {
    for (text, expected, why) in [
        ("", None, "nothing"),
        ("A", None, "nothing before"),
        ("A B", Some(1), "the release before"),
        ("A B c", Some(2), "after a failed release no further"),
        ("A b c", Some(1), "two that failed"),
        ("a b", None, "none was applied whole"),
        ("A b", Some(1), "the first failed release"),
        ("A B b", Some(2), "the same content again failed half-way"),
        ("A B B", Some(1), "a repair of drift is the same release"),
        ("A B A<1", None, "what was rolled back is no target"),
        ("A B C B<2", Some(1), "a second rollback goes further back"),
        ("A B C B<2 A<1", None, "and a third has nowhere to go"),
        ("A B C b<2", Some(2), "a rollback that failed is repeated"),
        (
            "A B C A<1",
            None,
            "what lies between was rolled back with it",
        ),
        (
            "A B A<1 C",
            Some(3),
            "after a fix the rollback is the release before",
        ),
        (
            "A B A<1 B C",
            Some(4),
            "what was brought back is a release again",
        ),
        ("A B A<1 B<2", Some(1), "a rollback of a rollback"),
        ("A B c B<2", Some(1), "from the good one again"),
    ] {
        assert_eq!(target(&history(text)), expected, "{text}: {why}");
    }
}

#[test]
fn what_was_live_when_the_rollback_began_is_held_and_nothing_else() {
    for (text, expected, why) in [
        ("A B", "", "no rollback"),
        ("A B A<1", "B", "what was left behind"),
        ("A B a<1", "B", "also when the rollback came to no end"),
        (
            "A B c B<2",
            "C",
            "the failed release, not the good one before",
        ),
        ("A B c A<1", "BC", "both were live in part"),
        ("A B c d B<2", "CD", "two halves over a whole"),
        ("A B C B<2 A<1", "BC", "each rollback adds its own"),
        ("A B A<1 B<2", "A", "what is deployed again is not held"),
        ("A B A<1 C", "", "other content ends it"),
        (
            "A B A<1 c",
            "B",
            "other content that was not applied whole does not",
        ),
        ("A B A<1 c C", "", "until it is"),
        ("A B A<1 b", "", "brought back on purpose"),
        ("A B A<1 C B", "", "the same content after another"),
    ] {
        assert_eq!(held_text(&history(text)), expected, "{text}: {why}");
    }
}

#[test]
fn what_older_versions_recorded_is_understood() {
    let mut attempts = history("A B A<1");
    let old = |left: Option<&str>| Held::LeftBehind(left.map(str::to_owned));
    for attempt in &mut attempts {
        attempt.held = old(None);
    }
    attempts[2].held = old(Some("B"));
    assert_eq!(held_text(&attempts), "B");
    record(&mut attempts, "C", Reach::Partial, None);
    assert_eq!(held_text(&attempts), "B", "carried on");
    record(&mut attempts, "C", Reach::Whole, None);
    assert_eq!(held_text(&attempts), "", "and ended");
}

#[test]
fn each_attempt_has_a_verdict() {
    let words = |text: &str| -> Vec<String> {
        let verdicts = verdicts(&history(text)).into_iter();
        verdicts.map(Verdict::text).collect()
    };
    assert_eq!(
        words("A B c D B<2"),
        [
            "rollback goes here",
            "same as the newest",
            "rolled back by 5",
            "rolled back by 5",
            "newest"
        ]
    );
    assert_eq!(
        words("A B c D"),
        [
            "earlier",
            "rollback goes here",
            "not all objects were applied",
            "newest"
        ]
    );
}

/// What somebody does with an app.
#[derive(Debug, Clone)]
enum Act {
    Sync(u8, Reach),
    Back(Reach),
    BackTo(u64, Reach),
}

fn act() -> impl Strategy<Value = Act> {
    let reach = prop_oneof![3 => Just(Reach::Whole), 1 => Just(Reach::Partial)];
    prop_oneof![
        5 => (0_u8..5, reach.clone()).prop_map(|(content, reach)| Act::Sync(content, reach)),
        3 => reach.clone().prop_map(Act::Back),
        1 => (1_u64..12, reach).prop_map(|(id, reach)| Act::BackTo(id, reach)),
    ]
}

/// The contents that have objects in the cluster, told without the history: a whole one replaces all, a partial one lies over them.
fn flow(runs: &mut BTreeSet<Content>, content: &str, reach: Reach) {
    if reach == Reach::Whole {
        runs.clear();
    }
    runs.insert(content.to_owned());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]
    #[test]
    fn random_histories_roll_back_as_a_person_would(acts in prop::collection::vec(act(), 1..14)) {
        let mut attempts: Vec<Attempt> = Vec::new();
        let mut runs: BTreeSet<Content> = BTreeSet::new();
        for act in acts {
            let before = attempts.clone();
            let (content, reach, back_to) = match act {
                Act::Sync(n, reach) => (char::from(b'A' + n).to_string(), reach, None),
                Act::Back(reach) => match target(&before) {
                    Some(id) => (content_of(&before, id), reach, Some(id)),
                    None => continue,
                },
                Act::BackTo(id, reach) if before.iter().any(|a| a.id == id) => (content_of(&before, id), reach, Some(id)),
                Act::BackTo(..) => continue,
            };
            if let (Some(id), Some(newest)) = (target(&before), before.last()) {
                let found = before.iter().find(|a| a.id == id).expect("an attempt");
                prop_assert!(id < newest.id && found.reach == Reach::Whole);
                // Nothing that could be gone to lies between.
                for between in before.iter().filter(|a| id < a.id && a.id < newest.id) {
                    let is_passed = before.iter().any(|r| r.back_to.is_some_and(|to| to < between.id) && between.id < r.id);
                    let is_same = newest.reach == Reach::Whole && newest.content == between.content;
                    prop_assert!(is_passed || is_same || between.reach == Reach::Partial, "{between:?}");
                }
                if newest.reach == Reach::Whole {
                    prop_assert_ne!(&found.content, &newest.content, "a rollback changes something");
                }
            }
            record(&mut attempts, &content, reach, back_to);
            let now = held(&attempts);
            prop_assert!(!now.contains(&content), "what is being deployed is not held");
            let mut expected = held(&before);
            if back_to.is_some() {
                expected.extend(runs.clone());
            } else if reach == Reach::Whole {
                expected.clear();
            }
            expected.remove(&content);
            prop_assert_eq!(now, expected, "what was live is held, and nothing else");
            flow(&mut runs, &content, reach);
        }
    }

    #[test]
    fn rollbacks_that_work_go_ever_further_back_and_come_to_an_end(acts in prop::collection::vec(act(), 1..14)) {
        let mut attempts: Vec<Attempt> = Vec::new();
        for act in acts {
            if let Act::Sync(n, reach) = act {
                record(&mut attempts, &char::from(b'A' + n).to_string(), reach, None);
            }
        }
        let mut last = u64::MAX;
        while let Some(id) = target(&attempts) {
            prop_assert!(id < last, "{id} after {last}");
            last = id;
            let content = content_of(&attempts, id);
            record(&mut attempts, &content, Reach::Whole, Some(id));
        }
    }
}

fn content_of(attempts: &[Attempt], id: u64) -> Content {
    let found = attempts.iter().find(|attempt| attempt.id == id);
    found.map(|a| a.content.clone()).unwrap_or_default()
}
