//! A stable sort that does no harm with an order that is not transitive; the standard one may panic then.

/// Sorts by a relation that says whether one item comes before another.
pub fn sort<T>(items: Vec<T>, comes_first: &impl Fn(&T, &T) -> bool) -> Vec<T> {
    let is_sorted = items
        .windows(2)
        .all(|pair| !comes_first(&pair[1], &pair[0]));
    if is_sorted {
        return items;
    }
    let mut left = items;
    let right = left.split_off(left.len() / 2);
    merge(
        sort(left, comes_first),
        sort(right, comes_first),
        comes_first,
    )
}

fn merge<T>(left: Vec<T>, right: Vec<T>, comes_first: &impl Fn(&T, &T) -> bool) -> Vec<T> {
    let mut merged = Vec::with_capacity(left.len() + right.len());
    let (mut left, mut right) = (left.into_iter().peekable(), right.into_iter().peekable());
    while let (Some(l), Some(r)) = (left.peek(), right.peek()) {
        let next = if comes_first(r, l) {
            right.next()
        } else {
            left.next()
        };
        merged.extend(next);
    }
    merged.extend(left);
    merged.extend(right);
    merged
}

#[cfg(test)]
mod tests {
    use super::sort;

    #[test]
    fn sorts_and_keeps_equals_in_place() {
        let sorted = sort(vec![(2, 'a'), (1, 'b'), (2, 'c'), (0, 'd')], &|a, b| {
            a.0 < b.0
        });
        assert_eq!(sorted, [(0, 'd'), (1, 'b'), (2, 'a'), (2, 'c')]);
    }

    #[test]
    fn survives_an_order_that_goes_in_circles() {
        let beats = |a: &u8, b: &u8| (*a + 1) % 3 == *b;
        assert_eq!(sort((0..60).map(|n| n % 3).collect(), &beats).len(), 60);
    }
}
