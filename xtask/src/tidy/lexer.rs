//! Parts Rust source into code, comments and literals; called once a file by `tree`.
//!
//! It knows what is needed to tell the three apart: nested block comments, raw and byte strings,
//! and that `'a` may be a lifetime. See <https://doc.rust-lang.org/reference/tokens.html>.
//!
//! # Failure
//! Source that does not compile gives some answer and never a panic: the compiler complains of it.

/// Rust source, taken apart.
#[derive(Debug)]
pub(super) struct Source {
    /// The words and signs outside comments and literals.
    pub(super) tokens: Vec<Token>,
    /// The comments: line number and text, documentation included.
    pub(super) comments: Vec<(usize, String)>,
    /// For each line, whether it holds more than blanks and comments.
    code_lines: Vec<bool>,
}

/// A word or a single sign of code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    /// Counted from 1.
    pub(super) line: usize,
    pub(super) text: String,
}

impl Source {
    /// How many lines of code there are.
    pub(super) fn code_lines(&self) -> usize {
        self.code_lines.iter().filter(|code| **code).count()
    }

    /// How many lines of code there are from one line to another, both included.
    pub(super) fn code_lines_within(&self, first: usize, last: usize) -> usize {
        let lines = self.code_lines.iter().skip(first.saturating_sub(1));
        lines.take((last + 1).saturating_sub(first)).filter(|code| **code).count()
    }
}

/// Takes source apart.
pub(super) fn lex(text: &str) -> Source {
    let mut lexer = Lexer {
        chars: text.chars().collect(),
        at: 0,
        line: 1,
        source: Source { tokens: Vec::new(), comments: Vec::new(), code_lines: vec![false] },
    };
    while lexer.step() {}
    lexer.source
}

struct Lexer {
    chars: Vec<char>,
    at: usize,
    line: usize,
    source: Source,
}

impl Lexer {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    /// Takes the next character, which belongs to code or a literal unless `comment` is set.
    fn take(&mut self, comment: bool) -> Option<char> {
        let taken = self.peek(0)?;
        self.at += 1;
        if taken == '\n' {
            self.line += 1;
            self.source.code_lines.push(false);
        } else if !comment
            && !taken.is_whitespace()
            && let Some(code) = self.source.code_lines.last_mut()
        {
            *code = true;
        }
        Some(taken)
    }

    /// Takes one comment, literal, word or sign; false at the end.
    fn step(&mut self) -> bool {
        let Some(next) = self.peek(0) else { return false };
        match (next, self.peek(1)) {
            ('/', Some('/')) => self.line_comment(),
            ('/', Some('*')) => self.block_comment(),
            ('"', _) => self.string(),
            ('\'', _) => self.quote(),
            _ if is_word(next) => self.word(),
            _ => self.sign(),
        }
        true
    }

    fn line_comment(&mut self) {
        let line = self.line;
        let mut text = String::new();
        while let Some(next) = self.peek(0).filter(|next| *next != '\n') {
            text.push(next);
            self.take(true);
        }
        self.source.comments.push((line, text));
    }

    fn block_comment(&mut self) {
        let mut depth = 0_usize;
        let mut text = String::new();
        let mut line = self.line;
        while let Some(next) = self.peek(0) {
            let pair = (next, self.peek(1));
            match pair {
                ('/', Some('*')) => depth += 1,
                ('*', Some('/')) => depth -= 1,
                _ => {}
            }
            self.take(true);
            if next == '\n' {
                self.source.comments.push((line, std::mem::take(&mut text)));
                line = self.line;
            } else {
                text.push(next);
            }
            if matches!(pair, ('/', Some('*')) | ('*', Some('/'))) {
                text.extend(self.take(true));
            }
            if depth == 0 {
                break;
            }
        }
        self.source.comments.push((line, text));
    }

    /// A string in plain quotes; a byte or C string's prefix was taken as a word before.
    fn string(&mut self) {
        self.take(false);
        while let Some(taken) = self.take(false) {
            match taken {
                '\\' => {
                    self.take(false);
                }
                '"' => return,
                _ => {}
            }
        }
    }

    /// A character, or the sign before a lifetime.
    fn quote(&mut self) {
        match (self.peek(1), self.peek(2)) {
            (Some('\\'), _) => {
                self.take(false);
                while let Some(taken) = self.take(false) {
                    match taken {
                        '\\' => {
                            self.take(false);
                        }
                        '\'' => return,
                        _ => {}
                    }
                }
            }
            (Some(_), Some('\'')) => {
                for _ in 0..3 {
                    self.take(false);
                }
            }
            _ => self.sign(),
        }
    }

    fn word(&mut self) {
        let line = self.line;
        let mut text = String::new();
        while let Some(next) = self.peek(0).filter(|next| is_word(*next)) {
            text.push(next);
            self.take(false);
        }
        if matches!(text.as_str(), "r" | "br" | "cr") && self.raw_string() {
            return;
        }
        self.source.tokens.push(Token { line, text });
    }

    /// The rest of a raw string after its prefix; false when there is none.
    fn raw_string(&mut self) -> bool {
        let rest = self.chars.iter().skip(self.at);
        let hashes = rest.take_while(|next| **next == '#').count();
        if self.peek(hashes) != Some('"') {
            return false;
        }
        for _ in 0..=hashes {
            self.take(false);
        }
        while let Some(taken) = self.take(false) {
            if taken == '"' && (0..hashes).all(|ahead| self.peek(ahead) == Some('#')) {
                for _ in 0..hashes {
                    self.take(false);
                }
                break;
            }
        }
        true
    }

    fn sign(&mut self) {
        let line = self.line;
        if let Some(taken) = self.take(false).filter(|taken| !taken.is_whitespace()) {
            self.source.tokens.push(Token { line, text: taken.to_string() });
        }
    }
}

fn is_word(next: char) -> bool {
    next.is_alphanumeric() || next == '_'
}

#[cfg(test)]
mod tests {
    use super::lex;

    #[track_caller]
    fn check(text: &str, tokens: &str, comments: usize, code_lines: usize) {
        let source = lex(text);
        let found: Vec<&str> = source.tokens.iter().map(|token| token.text.as_str()).collect();
        assert_eq!(found.join(" "), tokens, "{text}");
        assert_eq!(source.comments.len(), comments, "{text}");
        assert_eq!(source.code_lines(), code_lines, "{text}");
    }

    #[test]
    fn comments_and_literals_are_told_from_code() {
        check("let a = \"{ // no\"; // yes {\n", "let a = ;", 1, 1);
        check("/* a /* b\n */ { */ x\n\n", "x", 2, 1);
        check("r#\"a \" { \"# y r#fn br\"\\\" z", "y r # fn z", 0, 1);
        check("'{' '\\'' '\\u{7d}' 'a b'{' &'static str", "' a b & ' static str", 0, 1);
        check("b\"\\\"{\" b'{' c\"x\" end", "b b c end", 0, 1);
        check("\"one\n  two\n\n\"", "", 0, 3);
        check("/// doc\n//! doc\n\n/* open", "", 3, 0);
    }

    #[test]
    fn broken_source_gives_some_answer() {
        for text in ["\"", "'", "'\\", "r#\"", "/*", "*/", "/* /* */", "\\", "r###"] {
            let _source = lex(text);
        }
    }
}
