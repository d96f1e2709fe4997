//! Finds where each function begins and ends, by its braces; called by the length check.
//!
//! # Invariants
//! Braces in strings and comments are no tokens, so that they cannot mislead the count.

use crate::tidy::lexer::Token;

/// A function with a body.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Function {
    pub(super) name: String,
    pub(super) first_line: usize,
    pub(super) last_line: usize,
}

/// Every function with a body, inner ones included; `fn(…)` types and signatures have none.
pub(super) fn functions(tokens: &[Token]) -> Vec<Function> {
    let starts = (0..).zip(tokens).filter(|(_, token)| token.text == "fn");
    starts.filter_map(|(at, _)| function(tokens.get(at..)?)).collect()
}

fn function(tokens: &[Token]) -> Option<Function> {
    let first = tokens.first()?;
    let name = tokens.get(1).filter(|name| name.text != "(")?;
    let mut brackets = 0_usize;
    let mut braces = 0_usize;
    for token in tokens.iter().skip(2) {
        match token.text.as_str() {
            "(" | "[" => brackets += 1,
            ")" | "]" => brackets = brackets.saturating_sub(1),
            ";" if brackets == 0 && braces == 0 => return None,
            "{" => braces += 1,
            "}" => {
                braces = braces.saturating_sub(1);
                if braces == 0 && brackets == 0 {
                    return Some(Function {
                        name: name.text.clone(),
                        first_line: first.line,
                        last_line: token.line,
                    });
                }
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::functions;
    use crate::tidy::lexer::lex;

    #[track_caller]
    fn check(text: &str, expect: &[(&str, usize, usize)]) {
        let found = functions(&lex(text).tokens);
        let found: Vec<_> =
            found.iter().map(|one| (one.name.as_str(), one.first_line, one.last_line)).collect();
        assert_eq!(found, expect, "{text}");
    }

    #[test]
    fn a_function_ends_at_its_own_brace() {
        check("fn a() {}\nfn b() {\n    if x { y }\n}\n", &[("a", 1, 1), ("b", 2, 4)]);
        check("fn a(x: [u8; { 1 }])\n{\n    \"}\"; // }\n    '}'\n}\n", &[("a", 1, 5)]);
        check("fn a() { fn b() {\n}\n}", &[("a", 1, 3), ("b", 1, 2)]);
    }

    #[test]
    fn what_has_no_body_is_no_function() {
        check("trait T { fn a(&self) -> [u8; 4]; }\ntype F = fn(u8) -> u8;\nfn", &[]);
    }
}
