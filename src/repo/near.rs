//! Finds what a mistyped name may have meant.

/// The candidate nearest to `word`, if one is near enough to be worth saying.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    near(word, candidates).into_iter().next()
}

/// The candidates near to `word`, nearest first: a few edits away, or one contains the other.
pub fn near<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let folded = word.to_lowercase();
    let limit = 1 + folded.chars().count() / 4;
    let mut found: Vec<(usize, &str)> = candidates
        .into_iter()
        .filter_map(|candidate| {
            let other = candidate.to_lowercase();
            let distance = distance(&folded, &other);
            let contains = folded.len() >= 3
                && (other.contains(&folded) || folded.contains(&other))
                && !other.is_empty();
            (distance <= limit || contains).then_some((distance, candidate))
        })
        .collect();
    found.sort_unstable();
    found.dedup();
    found.into_iter().map(|(_, candidate)| candidate).collect()
}

/// How many single-character edits lie between two words. Words beyond 100 characters count as far apart.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len() > 100 || b.len() > 100 {
        return usize::MAX;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offers_names_that_are_a_slip_away() {
        let names = ["guestbook", "payments", "payments-api"];
        assert_eq!(nearest("gestbook", names), Some("guestbook"));
        assert_eq!(near("payment", names), ["payments", "payments-api"]);
        assert_eq!(nearest("x", names), None);
    }
}
