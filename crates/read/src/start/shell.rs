//! The grammar of shell scripts, as far as start scripts use it (POSIX.1-2017, "Shell Command
//! Language", 2.10).
//!
//! Tolerant: what is not understood is a word or is passed over; nothing is run.

use std::ops::Range;

/// Commands of one script.
const MOST_ITEMS: usize = 5_000;

/// Nesting of `if`, loops and groups.
const DEEPEST: usize = 40;

/// A command with what joins it to the one before.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) statement: Statement,
    pub(super) join: Join,
    /// `&`
    pub(super) in_background: bool,
    /// In the text of the script.
    pub(super) range: Range<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Join {
    Then,
    /// `&&`
    And,
    /// `||`
    Or,
    /// `|`
    Pipe,
}

#[derive(Clone, Debug)]
pub(super) enum Statement {
    Simple(Vec<Word>),
    If {
        arms: Vec<(Vec<Item>, Vec<Item>)>,
        otherwise: Vec<Item>,
    },
    Loop {
        condition: Vec<Item>,
        body: Vec<Item>,
    },
    For(Vec<Item>),
    Case {
        subject: Word,
        arms: Vec<(Vec<Word>, Vec<Item>)>,
    },
    Function {
        name: String,
        body: Vec<Item>,
    },
    Group(Vec<Item>),
}

#[derive(Clone, Debug, Default)]
pub(super) struct Word {
    pub(super) parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Text(String),
    /// What stands behind a `$`, without braces: `NAME`, `NAME:-default`, `1`.
    Variable(String),
    /// The same inside of double quotes: it stays one word, empty or not.
    Quoted(String),
    /// `"$@"`, `$*`
    Arguments,
    /// `$(…)`, backticks, `$((…))`
    Computed,
}

impl Word {
    /// Its text, where it has no variables.
    pub(super) fn literal(&self) -> Option<String> {
        let mut text = String::new();
        for part in &self.parts {
            match part {
                Part::Text(part) => text.push_str(part),
                _ => return None,
            }
        }
        Some(text)
    }
}

/// Reads any text.
pub(super) fn parse(text: &str) -> Vec<Item> {
    let mut parser = Parser {
        text,
        at: 0,
        left: MOST_ITEMS,
        heredocs: Vec::new(),
    };
    let mut items = Vec::new();
    while parser.at < text.len() && parser.left > 0 {
        let before = parser.at;
        items.extend(parser.items(&[], 0));
        // A stray `)` or `;;` must not stop the reading.
        if parser.at == before {
            parser.bump();
        }
    }
    items
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    left: usize,
    /// Names of heredocs whose bodies begin with the next line.
    heredocs: Vec<(String, bool)>,
}

impl<'a> Parser<'a> {
    /// Commands up to one of the words that end them, which is not taken.
    fn items(&mut self, ends: &[&str], depth: usize) -> Vec<Item> {
        let mut items = Vec::new();
        let mut join = Join::Then;
        loop {
            self.space();
            match self.peek() {
                None | Some(')') => return items,
                Some(';') if self.rest().starts_with(";;") => return items,
                Some('\n' | ';') => {
                    self.separator();
                    join = Join::Then;
                    continue;
                }
                Some('&') => {
                    let is_and = self.rest().starts_with("&&");
                    self.at += 1 + usize::from(is_and);
                    match is_and {
                        true => join = Join::And,
                        false => {
                            if let Some(item) = items.last_mut() {
                                let item: &mut Item = item;
                                item.in_background = true;
                            }
                            join = Join::Then;
                        }
                    }
                    continue;
                }
                Some('|') => {
                    let is_or = self.rest().starts_with("||");
                    self.at += 1 + usize::from(is_or);
                    join = if is_or { Join::Or } else { Join::Pipe };
                    continue;
                }
                Some(_) => {}
            }
            if ends.iter().any(|end| self.is_word(end)) || self.left == 0 {
                return items;
            }
            let start = self.at;
            self.left -= 1;
            let Some(statement) = self.statement(depth) else {
                if self.at == start {
                    self.bump();
                }
                continue;
            };
            items.push(Item {
                statement,
                join,
                in_background: false,
                range: start..self.at,
            });
            join = Join::Then;
        }
    }

    fn statement(&mut self, depth: usize) -> Option<Statement> {
        let depth = depth + 1;
        if depth > DEEPEST {
            self.at = self.text.len();
            return None;
        }
        if self.take_word("!") {
            self.space();
            // Whoever asks whether the command succeeds finds the `!` before it.
            return match self.statement(depth)? {
                Statement::Simple(mut words) => {
                    let parts = vec![Part::Text("!".to_owned())];
                    words.insert(0, Word { parts });
                    Some(Statement::Simple(words))
                }
                other => Some(other),
            };
        }
        if self.take_word("if") {
            let mut arms = Vec::new();
            let mut otherwise = Vec::new();
            loop {
                let condition = self.items(&["then"], depth);
                self.take_word("then");
                let body = self.items(&["elif", "else", "fi"], depth);
                arms.push((condition, body));
                if self.take_word("elif") {
                    continue;
                }
                if self.take_word("else") {
                    otherwise = self.items(&["fi"], depth);
                }
                self.take_word("fi");
                return Some(Statement::If { arms, otherwise });
            }
        }
        if self.take_word("while") || self.take_word("until") {
            let condition = self.items(&["do"], depth);
            self.take_word("do");
            let body = self.items(&["done"], depth);
            self.take_word("done");
            return Some(Statement::Loop { condition, body });
        }
        if self.take_word("for") {
            self.items(&["do"], depth);
            self.take_word("do");
            let body = self.items(&["done"], depth);
            self.take_word("done");
            return Some(Statement::For(body));
        }
        if self.take_word("case") {
            return Some(self.case(depth));
        }
        if self.take_word("{") {
            let body = self.items(&["}"], depth);
            self.take_word("}");
            return Some(Statement::Group(body));
        }
        if self.peek() == Some('(') {
            self.at += 1;
            let body = self.items(&[], depth);
            self.take(')');
            return Some(Statement::Group(body));
        }
        self.take_word("function");
        self.simple(depth)
    }

    fn case(&mut self, depth: usize) -> Statement {
        self.space();
        let subject = self.word().unwrap_or_default();
        self.skip_lines();
        self.take_word("in");
        let mut arms = Vec::new();
        loop {
            self.skip_lines();
            if self.take_word("esac") || self.peek().is_none() || self.left == 0 {
                return Statement::Case { subject, arms };
            }
            self.take('(');
            let mut patterns = Vec::new();
            loop {
                self.space();
                patterns.extend(self.word());
                self.space();
                if !self.take('|') {
                    break;
                }
            }
            if !self.take(')') {
                self.bump();
                self.left = self.left.saturating_sub(1);
                continue;
            }
            let body = self.items(&["esac"], depth);
            if self.rest().starts_with(";;") {
                self.at += 2;
            }
            arms.push((patterns, body));
        }
    }

    fn simple(&mut self, depth: usize) -> Option<Statement> {
        let mut words: Vec<Word> = Vec::new();
        loop {
            self.space();
            match self.peek() {
                None | Some('\n' | ';' | '&' | '|' | ')') => break,
                // `name()` defines a function.
                Some('(') if words.len() == 1 => {
                    let name = words.pop().and_then(|word| word.literal())?;
                    self.at += 1;
                    self.space();
                    self.take(')');
                    self.skip_lines();
                    return Some(Statement::Function {
                        name,
                        body: match self.statement(depth)? {
                            Statement::Group(body) => body,
                            _ => Vec::new(),
                        },
                    });
                }
                Some('(') => {
                    self.at += 1;
                }
                Some('<' | '>') => self.redirection(),
                Some(c) if c.is_ascii_digit() && self.is_numbered_redirection() => {
                    self.redirection();
                }
                Some(_) => {
                    let before = self.at;
                    words.extend(self.word());
                    if self.at == before {
                        self.bump();
                    }
                }
            }
        }
        (!words.is_empty()).then_some(Statement::Simple(words))
    }

    fn is_numbered_redirection(&self) -> bool {
        let rest = self.rest().trim_start_matches(|c: char| c.is_ascii_digit());
        rest.starts_with(['<', '>'])
    }

    fn redirection(&mut self) {
        while self.peek().is_some_and(|c| c.is_ascii_digit()) {
            self.at += 1;
        }
        let is_heredoc = self.rest().starts_with("<<") && !self.rest().starts_with("<<<");
        while self
            .peek()
            .is_some_and(|c| matches!(c, '<' | '>' | '&' | '|'))
        {
            self.at += 1;
        }
        let strips = is_heredoc && self.take('-');
        self.take('-');
        self.space();
        if self
            .peek()
            .is_some_and(|c| !matches!(c, '\n' | ';' | '&' | '|' | ')'))
        {
            let target = self.word().and_then(|word| word.literal());
            if let (true, Some(name)) = (is_heredoc, target) {
                self.heredocs.push((name, strips));
            }
        }
    }

    /// A `;` or a line break, and the bodies of heredocs behind it.
    fn separator(&mut self) {
        let is_line = self.peek() == Some('\n');
        self.bump();
        if !is_line {
            return;
        }
        for (name, strips) in std::mem::take(&mut self.heredocs) {
            while self.at < self.text.len() {
                let line = self.rest().split('\n').next().unwrap_or("");
                self.at = (self.at + line.len() + 1).min(self.text.len());
                let line = match strips {
                    true => line.trim_start_matches('\t'),
                    false => line,
                };
                if line.trim_end_matches('\r') == name {
                    break;
                }
            }
        }
    }

    /// One word; `None` where none begins here.
    fn word(&mut self) -> Option<Word> {
        let mut word = Word::default();
        let mut text = String::new();
        let start = self.at;
        let mut quote = None;
        while let Some(c) = self.peek() {
            match (quote, c) {
                (None, c) if c.is_whitespace() => break,
                (None, ';' | '&' | '|' | '(' | ')' | '<' | '>') => break,
                (None, '\'') => {
                    self.at += 1;
                    let inner = self.rest().split('\'').next().unwrap_or("");
                    text.push_str(inner);
                    self.at = (self.at + inner.len() + 1).min(self.text.len());
                    continue;
                }
                (None, '"') => quote = Some('"'),
                (Some('"'), '"') => quote = None,
                (_, '\\') => {
                    self.at += 1;
                    match self.peek() {
                        Some('\n') => {}
                        Some(c) => {
                            if quote.is_some() && !matches!(c, '$' | '`' | '"' | '\\') {
                                text.push('\\');
                            }
                            text.push(c);
                        }
                        None => break,
                    }
                }
                (_, '`') => {
                    self.at += 1;
                    let inner = self.rest().split('`').next().unwrap_or("");
                    self.at = (self.at + inner.len() + 1).min(self.text.len());
                    push(&mut word, &mut text, Part::Computed);
                    continue;
                }
                (_, '$') => {
                    self.at += 1;
                    match self.dollar() {
                        Some(Part::Variable(inner)) if quote.is_some() => {
                            push(&mut word, &mut text, Part::Quoted(inner));
                        }
                        Some(part) => push(&mut word, &mut text, part),
                        None => text.push('$'),
                    }
                    continue;
                }
                (_, c) => text.push(c),
            }
            self.bump();
        }
        if !text.is_empty() || word.parts.is_empty() {
            word.parts.push(Part::Text(text));
        }
        (self.at > start).then_some(word)
    }

    /// What stands behind a `$`.
    fn dollar(&mut self) -> Option<Part> {
        match self.peek()? {
            '(' => {
                self.balanced('(', ')');
                Some(Part::Computed)
            }
            '{' => {
                let start = self.at + 1;
                self.balanced('{', '}');
                let end = self.at.saturating_sub(1).max(start);
                let inner = self.text.get(start..end).unwrap_or("");
                Some(match inner {
                    "@" | "*" => Part::Arguments,
                    inner => Part::Variable(inner.to_owned()),
                })
            }
            '@' | '*' => {
                self.at += 1;
                Some(Part::Arguments)
            }
            c if c.is_ascii_digit() || matches!(c, '#' | '?' | '$' | '!' | '-') => {
                self.at += 1;
                Some(Part::Variable(c.to_string()))
            }
            c if c == '_' || c.is_ascii_alphabetic() => {
                let rest = self.rest();
                let length = rest
                    .find(|c: char| c != '_' && !c.is_ascii_alphanumeric())
                    .unwrap_or(rest.len());
                self.at += length;
                Some(Part::Variable(rest[..length].to_owned()))
            }
            _ => None,
        }
    }

    /// Skips to behind the bracket that closes the one here.
    fn balanced(&mut self, open: char, close: char) {
        let mut depth = 0usize;
        while let Some(c) = self.peek() {
            self.bump();
            match c {
                '\\' => self.bump(),
                c if c == open => depth += 1,
                c if c == close => {
                    depth -= 1;
                    if depth == 0 {
                        return;
                    }
                }
                _ => {}
            }
        }
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn bump(&mut self) {
        self.at += self.peek().map_or(0, char::len_utf8);
    }

    fn take(&mut self, c: char) -> bool {
        let is_here = self.peek() == Some(c);
        if is_here {
            self.bump();
        }
        is_here
    }

    /// Blanks, continued lines and comments.
    fn space(&mut self) {
        loop {
            let rest = self.rest();
            let continued = rest.strip_prefix("\\\n").or(rest.strip_prefix("\\\r\n"));
            if let Some(after) = continued {
                self.at = self.text.len() - after.len();
                continue;
            }
            match self.peek() {
                Some(c) if c != '\n' && c.is_whitespace() => self.bump(),
                Some('#') => {
                    let length = rest.find('\n').unwrap_or(rest.len());
                    self.at += length;
                }
                _ => return,
            }
        }
    }

    fn skip_lines(&mut self) {
        self.space();
        while matches!(self.peek(), Some('\n' | ';')) && !self.rest().starts_with(";;") {
            self.separator();
            self.space();
        }
    }

    fn is_word(&self, word: &str) -> bool {
        self.rest().strip_prefix(word).is_some_and(|rest| {
            rest.chars()
                .next()
                .is_none_or(|c| c.is_whitespace() || matches!(c, ';' | '&' | '|' | '(' | ')'))
        })
    }

    fn take_word(&mut self, word: &str) -> bool {
        self.space();
        let is_here = self.is_word(word);
        if is_here {
            self.at += word.len();
        }
        is_here
    }
}

fn push(word: &mut Word, text: &mut String, part: Part) {
    if !text.is_empty() {
        word.parts.push(Part::Text(std::mem::take(text)));
    }
    word.parts.push(part);
}
