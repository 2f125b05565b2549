//! The text of one file as tokens and statements, exactly as nginx's `ngx_conf_read_token` cuts
//! it (`src/core/ngx_conf_file.c`, release 1.22.1).
//!
//! Tokens cover the text without a hole: printed one after the other they are the file. Statements
//! point into them. Broken text gives what could be read, and the faults with their places.

use std::borrow::Cow;
use std::ops::Range;

/// Blocks inside of blocks. nginx itself has no bound; nobody nests a tenth of this.
pub(super) const DEEPEST: usize = 100;

/// nginx reads through a buffer of this many bytes (`NGX_CONF_BUFFER`), which a word must fit into.
const LONGEST_WORD: usize = 4096;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) start: u32,
    pub(super) end: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Space,
    /// From `#` to the end of the line, without the line break.
    Comment,
    Word,
    /// With its quotes; the second one may be missing at the end of the file.
    Quoted,
    /// Everything between the braces of a Lua block.
    Foreign,
    Open,
    Close,
    Semicolon,
}

/// Tokens of one file; those behind are not read. A file of 16 MB has a fourth of this.
const MOST_TOKENS: usize = 8_000_000;

/// Faults of one file that are told.
const MOST_FAULTS: usize = 100;

/// One file.
#[derive(Debug, Default)]
pub(super) struct Syntax {
    pub(super) tokens: Vec<Token>,
    pub(super) statements: Vec<Statement>,
    pub(super) faults: Vec<SyntaxFault>,
}

/// A directive with its parameters, by tokens.
#[derive(Debug)]
pub(super) struct Statement {
    /// From the first word to the last; spaces and comments between.
    pub(super) words: Range<usize>,
    pub(super) body: Body,
}

#[derive(Debug)]
pub(super) enum Body {
    /// Ends with this `;`, or with nothing where it is missing.
    Simple(Option<usize>),
    Block {
        open: usize,
        statements: Vec<Statement>,
        /// The text between the braces where it is Lua.
        foreign: Option<usize>,
        /// `None` where the file ends first.
        close: Option<usize>,
    },
}

/// A place where nginx stops, and what it says there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SyntaxFault {
    pub(super) place: Range<u32>,
    pub(super) message: String,
}

/// Reads one file.
pub(super) fn parse(text: &str) -> Syntax {
    Parser::default().run(text)
}

/// A word as nginx takes it: without its quotes, escapes resolved.
pub(super) fn unescaped(kind: Kind, written: &str) -> Cow<'_, str> {
    let inner = match kind {
        Kind::Quoted => {
            let quote = &written[..1];
            written[1..].strip_suffix(quote).unwrap_or(&written[1..])
        }
        _ => written,
    };
    if !inner.contains('\\') {
        return Cow::Borrowed(inner);
    }
    let mut text = String::with_capacity(inner.len());
    let mut chars = inner.chars().peekable();
    while let Some(c) = chars.next() {
        let resolved = match (c, chars.peek()) {
            ('\\', Some('"')) => '"',
            ('\\', Some('\'')) => '\'',
            ('\\', Some('\\')) => '\\',
            ('\\', Some('t')) => '\t',
            ('\\', Some('r')) => '\r',
            ('\\', Some('n')) => '\n',
            _ => {
                text.push(c);
                continue;
            }
        };
        text.push(resolved);
        chars.next();
    }
    Cow::Owned(text)
}

/// A block whose end was not seen yet.
struct Open {
    words: Range<usize>,
    open: usize,
    statements: Vec<Statement>,
}

#[derive(Default)]
struct Parser {
    syntax: Syntax,
    /// The blocks around the cursor, outermost first.
    around: Vec<Open>,
    /// How many blocks around the cursor are too deep to be kept.
    too_deep: usize,
    /// The words since the last statement ended.
    words: Option<Range<usize>>,
}

impl Parser {
    fn run(mut self, text: &str) -> Syntax {
        /// Bytes of a token, in files of all kinds: the list of them is seldom moved for room.
        const BYTES: usize = 4;
        self.syntax.tokens.reserve(text.len() / BYTES);
        let mut lexer = Lexer { text, at: 0 };
        while let Some(token) = lexer.next(&mut self.syntax.faults) {
            let index = self.syntax.tokens.len();
            if index == MOST_TOKENS {
                self.fault(
                    index - 1,
                    &format!("there are more than {MOST_TOKENS} words"),
                );
                break;
            }
            self.syntax.tokens.push(token);
            match token.kind {
                Kind::Space | Kind::Comment | Kind::Foreign => {}
                Kind::Word | Kind::Quoted => {
                    let start = self.words.as_ref().map_or(index, |words| words.start);
                    self.words = Some(start..index + 1);
                }
                Kind::Semicolon => match self.words.take() {
                    Some(words) => self.add(Statement {
                        words,
                        body: Body::Simple(Some(index)),
                    }),
                    None => self.fault(index, "unexpected \";\""),
                },
                Kind::Open => self.open(index, &mut lexer),
                Kind::Close => self.close(index),
            }
        }
        self.finish(text.len() as u32)
    }

    fn open(&mut self, index: usize, lexer: &mut Lexer<'_>) {
        let words = self.words.take().unwrap_or_else(|| {
            self.fault(index, "unexpected \"{\"");
            index..index
        });
        if self.around.len() >= DEEPEST {
            if self.too_deep == 0 {
                self.fault(
                    index,
                    &format!("blocks are nested deeper than {DEEPEST} levels"),
                );
            }
            self.too_deep += 1;
            return;
        }
        if !self.is_lua(&words, lexer.text) {
            self.around.push(Open {
                words,
                open: index,
                statements: Vec::new(),
            });
            return;
        }
        let foreign = lexer.lua().map(|token| {
            self.syntax.tokens.push(token);
            index + 1
        });
        let close = lexer.close().map(|token| {
            self.syntax.tokens.push(token);
            self.syntax.tokens.len() - 1
        });
        if close.is_none() {
            self.fault(
                index,
                "unexpected end of file, expecting \"}\" of a Lua block",
            );
        }
        self.add(Statement {
            words,
            body: Body::Block {
                open: index,
                statements: Vec::new(),
                foreign,
                close,
            },
        });
    }

    fn close(&mut self, index: usize) {
        if let Some(words) = self.words.take() {
            self.fault(index, "unexpected \"}\"");
            self.add(Statement {
                words,
                body: Body::Simple(None),
            });
        }
        if self.too_deep > 0 {
            self.too_deep -= 1;
        } else if self.around.is_empty() {
            self.fault(index, "unexpected \"}\"");
        } else {
            self.end_block(Some(index));
        }
    }

    fn end_block(&mut self, close: Option<usize>) {
        let Some(block) = self.around.pop() else {
            return;
        };
        self.add(Statement {
            words: block.words,
            body: Body::Block {
                open: block.open,
                statements: block.statements,
                foreign: None,
                close,
            },
        });
    }

    fn add(&mut self, statement: Statement) {
        if self.too_deep > 0 || statement.words.is_empty() {
            return;
        }
        match self.around.last_mut() {
            Some(block) => block.statements.push(statement),
            None => self.syntax.statements.push(statement),
        }
    }

    fn finish(mut self, end: u32) -> Syntax {
        let expected = match (&self.words, self.around.is_empty()) {
            (Some(_), _) => Some("\";\" or \"}\""),
            (None, false) => Some("\"}\""),
            (None, true) => None,
        };
        if let Some(expected) = expected {
            self.syntax.faults.push(SyntaxFault {
                place: end..end,
                message: format!("unexpected end of file, expecting {expected}"),
            });
        }
        if let Some(words) = self.words.take() {
            self.add(Statement {
                words,
                body: Body::Simple(None),
            });
        }
        self.too_deep = 0;
        while !self.around.is_empty() {
            self.end_block(None);
        }
        self.syntax.faults.truncate(MOST_FAULTS);
        self.syntax
    }

    fn fault(&mut self, token: usize, message: &str) {
        let Token { start, end, .. } = self.syntax.tokens[token];
        self.syntax.faults.push(SyntaxFault {
            place: start..end,
            message: message.to_owned(),
        });
    }

    /// Whether the directive takes Lua, as those of OpenResty's module do.
    fn is_lua(&self, words: &Range<usize>, text: &str) -> bool {
        let first = self.syntax.tokens[words.clone()].first();
        first.is_some_and(|token| {
            text[token.start as usize..token.end as usize].ends_with("_by_lua_block")
        })
    }
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
}

impl Lexer<'_> {
    fn next(&mut self, faults: &mut Vec<SyntaxFault>) -> Option<Token> {
        let bytes = self.text.as_bytes();
        let start = self.at;
        let (kind, end) = match *bytes.get(start)? {
            b' ' | b'\t' | b'\r' | b'\n' => (Kind::Space, self.until(|byte| !is_space(byte))),
            b'#' => (Kind::Comment, self.until(|byte| byte == b'\n')),
            b';' => (Kind::Semicolon, start + 1),
            b'{' => (Kind::Open, start + 1),
            b'}' => (Kind::Close, start + 1),
            quote @ (b'"' | b'\'') => (Kind::Quoted, self.quoted(quote, faults)),
            _ => (Kind::Word, self.word()),
        };
        self.at = end;
        let token = Token {
            kind,
            start: start as u32,
            end: end as u32,
        };
        if matches!(kind, Kind::Word | Kind::Quoted) && end - start >= LONGEST_WORD {
            faults.push(SyntaxFault {
                place: token.start..token.end,
                message: format!("a word of {} bytes is too long", end - start),
            });
        }
        Some(token)
    }

    /// The end of a word without quotes: a space, `;` or `{`, but not the brace of `${`.
    fn word(&self) -> usize {
        let bytes = self.text.as_bytes();
        let mut at = self.at;
        let mut is_behind_dollar = false;
        while let Some(byte) = bytes.get(at) {
            match byte {
                b'\\' => {
                    at += 1;
                    is_behind_dollar = false;
                }
                b'{' if is_behind_dollar => {}
                b'$' => is_behind_dollar = true,
                b';' | b'{' => break,
                byte if is_space(*byte) => break,
                _ => is_behind_dollar = false,
            }
            at += 1;
        }
        self.boundary(at)
    }

    /// The end of a word in quotes. nginx wants a space, `;`, `{` or `)` behind it.
    fn quoted(&self, quote: u8, faults: &mut Vec<SyntaxFault>) -> usize {
        let bytes = self.text.as_bytes();
        let mut at = self.at + 1;
        while let Some(byte) = bytes.get(at) {
            match *byte {
                b'\\' => at += 1,
                byte if byte == quote => {
                    at += 1;
                    match bytes.get(at) {
                        Some(b';' | b'{' | b')') | None => {}
                        Some(byte) if is_space(*byte) => {}
                        Some(_) => {
                            let found = self.text[at..].chars().next().unwrap_or_default();
                            faults.push(SyntaxFault {
                                place: at as u32..(at + found.len_utf8()) as u32,
                                message: format!("unexpected \"{found}\""),
                            });
                        }
                    }
                    return at;
                }
                _ => {}
            }
            at += 1;
        }
        bytes.len()
    }

    /// The Lua between the braces: up to the brace that closes the first one, with Lua's strings,
    /// long brackets and comments passed over. `None` where it is empty.
    fn lua(&mut self) -> Option<Token> {
        let start = self.at;
        self.at = lua_end(self.text.as_bytes(), start);
        (self.at > start).then_some(Token {
            kind: Kind::Foreign,
            start: start as u32,
            end: self.at as u32,
        })
    }

    fn close(&mut self) -> Option<Token> {
        let start = self.at;
        (self.text.as_bytes().get(start) == Some(&b'}')).then(|| {
            self.at += 1;
            Token {
                kind: Kind::Close,
                start: start as u32,
                end: self.at as u32,
            }
        })
    }

    fn until(&self, stops: impl Fn(u8) -> bool) -> usize {
        let rest = &self.text.as_bytes()[self.at..];
        let length = rest.iter().position(|byte| stops(*byte));
        self.at + length.unwrap_or(rest.len())
    }

    /// A backslash may have skipped the first byte of a character only.
    fn boundary(&self, at: usize) -> usize {
        let mut at = at.min(self.text.len());
        while !self.text.is_char_boundary(at) {
            at += 1;
        }
        at
    }
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

fn lua_end(bytes: &[u8], start: usize) -> usize {
    let mut depth = 1;
    let mut at = start;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'{' => depth += 1,
            b'}' => {
                depth -= 1;
                if depth == 0 {
                    return at;
                }
            }
            b'"' | b'\'' => at = lua_string_end(bytes, at, *byte),
            b'[' => at = long_bracket_end(bytes, at).unwrap_or(at),
            b'-' if bytes.get(at + 1) == Some(&b'-') => {
                at = long_bracket_end(bytes, at + 2).unwrap_or_else(|| {
                    let rest = &bytes[at..];
                    at + memchr::memchr(b'\n', rest).unwrap_or(rest.len())
                });
            }
            _ => {}
        }
        at += 1;
    }
    bytes.len()
}

/// The closing quote of a string that begins at `at`.
fn lua_string_end(bytes: &[u8], at: usize, quote: u8) -> usize {
    let mut at = at + 1;
    while let Some(byte) = bytes.get(at) {
        match *byte {
            b'\\' => at += 1,
            byte if byte == quote => return at,
            _ => {}
        }
        at += 1;
    }
    bytes.len()
}

/// The last byte of `[[ ... ]]` or `[==[ ... ]==]` that begins at `at`.
fn long_bracket_end(bytes: &[u8], at: usize) -> Option<usize> {
    let level = |from: usize| {
        bytes[from..]
            .iter()
            .take_while(|byte| **byte == b'=')
            .count()
    };
    if bytes.get(at) != Some(&b'[') {
        return None;
    }
    let equals = level(at + 1);
    let mut at = at + 1 + equals;
    if bytes.get(at) != Some(&b'[') {
        return None;
    }
    while let Some(found) = memchr::memchr(b']', bytes.get(at..)?) {
        at += found + 1;
        let last = at + level(at);
        if last - at == equals && bytes.get(last) == Some(&b']') {
            return Some(last);
        }
    }
    Some(bytes.len())
}

#[cfg(test)]
mod tests;
