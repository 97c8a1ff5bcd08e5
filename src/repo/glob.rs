//! Globs as Argo CD reads them: `*` matches anything, `/` included, `?` one character, `[a-z]`, `[!a]` and `{a,b}`. Pure.
//!
//! Matching takes at most the product of both lengths: no pattern can make it slow.

/// Alternatives that one pattern may unfold to.
const MAX_ALTERNATIVES: usize = 1000;

/// Whether `text` matches all of `pattern`. A pattern that is no valid glob matches only itself.
pub fn matches(pattern: &str, text: &str) -> bool {
    let Some(alternatives) = unfold(pattern) else {
        return pattern == text;
    };
    let text: Vec<char> = text.chars().collect();
    alternatives.iter().any(|tokens| run(tokens, &text))
}

/// Whether `pattern` means more than itself.
pub fn is_glob(pattern: &str) -> bool {
    pattern.contains(['*', '?', '[', '{'])
}

/// Whether a file of this name makes its directory a kustomization.
pub fn is_kustomization(name: &str) -> bool {
    matches!(
        name,
        "kustomization.yaml" | "kustomization.yml" | "Kustomization"
    )
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Char(char),
    One,
    Any,
    Class {
        negated: bool,
        ranges: Vec<(char, char)>,
    },
}

/// All alternatives of a pattern as tokens; `None` for a bracket that is not closed or too many alternatives.
fn unfold(pattern: &str) -> Option<Vec<Vec<Token>>> {
    let chars: Vec<char> = pattern.chars().collect();
    let mut at = 0;
    let alternatives = sequence(&chars, &mut at, 0)?;
    (at == chars.len()).then_some(alternatives)
}

fn sequence(chars: &[char], at: &mut usize, depth: usize) -> Option<Vec<Vec<Token>>> {
    let mut all: Vec<Vec<Token>> = vec![Vec::new()];
    while let Some(&c) = chars.get(*at) {
        if depth > 0 && (c == ',' || c == '}') {
            return Some(all);
        }
        *at += 1;
        let token = match c {
            '*' => Token::Any,
            '?' => Token::One,
            '[' => class(chars, at)?,
            '\\' => {
                let escaped = *chars.get(*at)?;
                *at += 1;
                Token::Char(escaped)
            }
            '{' => {
                all = product(&all, &braces(chars, at, depth)?)?;
                continue;
            }
            c => Token::Char(c),
        };
        for tokens in &mut all {
            if token != Token::Any || tokens.last() != Some(&Token::Any) {
                tokens.push(token.clone());
            }
        }
    }
    (depth == 0).then_some(all)
}

fn braces(chars: &[char], at: &mut usize, depth: usize) -> Option<Vec<Vec<Token>>> {
    if depth >= 8 {
        return None;
    }
    let mut choices = Vec::new();
    loop {
        choices.extend(sequence(chars, at, depth + 1)?);
        let closing = *chars.get(*at)?;
        *at += 1;
        if closing == '}' {
            return Some(choices);
        }
    }
}

fn product(heads: &[Vec<Token>], tails: &[Vec<Token>]) -> Option<Vec<Vec<Token>>> {
    if heads.len() * tails.len() > MAX_ALTERNATIVES {
        return None;
    }
    let joined = |head: &Vec<Token>, tail: &Vec<Token>| head.iter().chain(tail).cloned().collect();
    Some(
        heads
            .iter()
            .flat_map(|head| tails.iter().map(move |tail| joined(head, tail)))
            .collect(),
    )
}

fn class(chars: &[char], at: &mut usize) -> Option<Token> {
    let negated = matches!(chars.get(*at), Some('!' | '^'));
    if negated {
        *at += 1;
    }
    let mut ranges = Vec::new();
    loop {
        let from = *chars.get(*at)?;
        *at += 1;
        if from == ']' && !ranges.is_empty() {
            return Some(Token::Class { negated, ranges });
        }
        let to = match (chars.get(*at), chars.get(*at + 1)) {
            (Some('-'), Some(&to)) if to != ']' => {
                *at += 2;
                to
            }
            _ => from,
        };
        ranges.push((from, to));
    }
}

/// The usual matcher: on a mismatch the last `*` takes one character more.
fn run(tokens: &[Token], text: &[char]) -> bool {
    let (mut t, mut c) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while c < text.len() {
        match tokens.get(t) {
            Some(Token::Any) => {
                star = Some((t, c));
                t += 1;
                continue;
            }
            Some(token) if takes(token, text[c]) => {
                t += 1;
                c += 1;
                continue;
            }
            Some(_) | None => {}
        }
        let Some((star_at, taken)) = star else {
            return false;
        };
        star = Some((star_at, taken + 1));
        t = star_at + 1;
        c = taken + 1;
    }
    tokens[t..].iter().all(|token| *token == Token::Any)
}

fn takes(token: &Token, c: char) -> bool {
    match token {
        Token::Char(wanted) => *wanted == c,
        Token::One | Token::Any => true,
        Token::Class { negated, ranges } => {
            ranges.iter().any(|(from, to)| (*from..=*to).contains(&c)) != *negated
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(pattern: &str, yes: &[&str], no: &[&str]) {
        for text in yes {
            assert!(matches(pattern, text), "{pattern} must match {text}");
        }
        for text in no {
            assert!(!matches(pattern, text), "{pattern} must not match {text}");
        }
    }

    #[test]
    fn globs_match_as_argo_cd_reads_them() {
        check("*.yaml", &["a.yaml", "sub/a.yaml"], &["a.yml", "yaml"]);
        check("{a,b*}.yaml", &["a.yaml", "bc.yaml"], &["c.yaml", "a"]);
        check("pay-[a-c]?", &["pay-a1"], &["pay-d1", "pay-a"]);
        check("[!a]x", &["bx"], &["ax"]);
        check("{env/{dev,prod},x}/*", &["env/dev/a", "x/b"], &["env/a"]);
        check("", &[""], &["a"]);
        check("a[", &["a["], &["a"]);
        check("{a", &["{a"], &["a"]);
        check("\\*", &["*"], &["a"]);
        check("a,b", &["a,b"], &["a"]);
    }

    proptest! {
        #[test]
        fn a_text_without_signs_matches_itself_and_a_star(text in "[a-z0-9./-]{0,30}") {
            prop_assert!(matches(&text, &text));
            prop_assert!(matches("*", &text));
            let prefix = format!("{}*", &text);
            prop_assert!(matches(&prefix, &text));
        }

        #[test]
        fn no_pattern_panics_or_hangs(pattern in "[a*?\\[\\]{},!\\\\-]{0,40}", text in "[a-]{0,60}") {
            let _ = matches(&pattern, &text);
        }
    }
}
