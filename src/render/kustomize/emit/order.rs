//! The order of map keys: numbers inside names count as numbers.

#[cfg(test)]
use std::cmp::Ordering;

use crate::render::kustomize::merge_sort;

/// Whether `a` comes before `b`. The relation is kustomize's and is not transitive for some keys with digits.
pub fn comes_first(a: &str, b: &str) -> bool {
    let same = a.bytes().zip(b.bytes()).take_while(|(x, y)| x == y).count();
    // Step back to the start of the character that differs.
    let mut at = same;
    while at > 0 && !(a.is_char_boundary(at) && b.is_char_boundary(at)) {
        at -= 1;
    }
    let (Some(x), Some(y)) = (a[at..].chars().next(), b[at..].chars().next()) else {
        return a.len() < b.len();
    };
    match (x.is_alphabetic(), y.is_alphabetic()) {
        (true, true) => x < y,
        (false, true) => true,
        (true, false) => false,
        (false, false) => {
            let lead = u64::from((x == '0' || y == '0') && follows_number(&a[..at]));
            let (an, a_len) = digits(lead, &a[at..]);
            let (bn, b_len) = digits(lead, &b[at..]);
            an.cmp(&bn).then(a_len.cmp(&b_len)).then(x.cmp(&y)).is_lt()
        }
    }
}

/// Whether `text` ends in digits that are not all zero.
fn follows_number(text: &str) -> bool {
    text.chars()
        .rev()
        .take_while(char::is_ascii_digit)
        .any(|c| c != '0')
}

/// The value of the digits at the start of `text`, after `lead`, and how many they are.
fn digits(lead: u64, text: &str) -> (u64, usize) {
    text.bytes()
        .take_while(u8::is_ascii_digit)
        .fold((lead, 0), |(value, n), digit| {
            let value = value.wrapping_mul(10).wrapping_add(u64::from(digit - b'0'));
            (value, n + 1)
        })
}

/// Sorts entries by their keys.
pub fn sort<T>(entries: Vec<(&str, T)>) -> Vec<(&str, T)> {
    merge_sort::sort(entries, &|a, b| comes_first(a.0, b.0))
}

/// The same relation as an [`Ordering`], for tests.
#[cfg(test)]
pub fn compare(a: &str, b: &str) -> Ordering {
    match (comes_first(a, b), comes_first(b, a)) {
        (true, _) => Ordering::Less,
        (_, true) => Ordering::Greater,
        (false, false) => Ordering::Equal,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(expected: &[&str]) {
        let mut keys: Vec<(&str, ())> = expected.iter().map(|&key| (key, ())).collect();
        keys.reverse();
        let sorted: Vec<&str> = sort(keys).into_iter().map(|(key, ())| key).collect();
        assert_eq!(sorted, expected);
    }

    #[test]
    fn numbers_in_keys_count_as_numbers() {
        check(&["a1", "a2", "a10"]);
        check(&["item1", "item01"]);
    }

    #[test]
    fn letters_go_by_code_point_and_after_everything_else() {
        check(&["-", "A", "a"]);
        check(&["a", "aa"]);
        assert_eq!(compare("a", "a"), Ordering::Equal);
    }

    #[test]
    fn keys_that_cannot_be_ordered_do_no_harm() {
        let keys = vec![("v10", ()), ("v1alpha1", ()), ("v2", ()), ("v1", ())];
        assert_eq!(sort(keys).len(), 4);
    }
}
