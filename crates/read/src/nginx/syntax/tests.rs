//! The tree prints its input, whatever the input is.

use proptest::prelude::*;

use super::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_text_is_printed_byte_for_byte(text in any::<String>()) {
        assert_lossless(&text);
    }

    #[test]
    fn any_bytes_are_printed_byte_for_byte(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        assert_lossless(&String::from_utf8_lossy(&bytes));
    }

    /// The characters that mean something, close together.
    #[test]
    fn any_punctuation_is_printed_byte_for_byte(text in r#"[a-c{};"'\\$# \n\r\t)(\[\]=-]{0,60}"#) {
        assert_lossless(&text);
    }

    #[test]
    fn made_configurations_are_read_without_a_fault(text in configuration()) {
        assert_lossless(&text);
        prop_assert_eq!(parse(&text).faults, []);
    }
}

#[test]
fn lua_is_one_piece() {
    let text = "content_by_lua_block {\n  ngx.say(\"}\", '}') -- }\n  --[[ } ]] a = [=[}]=] t = {}\n} a b;";
    assert_lossless(text);
    let syntax = parse(text);
    assert_eq!(syntax.faults, []);
    assert_eq!(syntax.statements.len(), 2);
    assert!(matches!(
        syntax.statements[0].body,
        Body::Block {
            foreign: Some(_),
            close: Some(_),
            ..
        }
    ));
}

#[test]
fn broken_text_gives_what_stands_around_the_fault() {
    let names = |text: &str| {
        let syntax = parse(text);
        let name = |statement: &Statement| {
            let token = syntax.tokens[statement.words.start];
            text[token.start as usize..token.end as usize].to_owned()
        };
        let names: Vec<_> = syntax.statements.iter().map(name).collect();
        (names, syntax.faults.len())
    };
    assert_eq!(names("a 1; } b 2;"), (vec!["a".into(), "b".into()], 1));
    assert_eq!(names("a 1; b { c 2;"), (vec!["a".into(), "b".into()], 1));
    assert_eq!(names("a { b } c;"), (vec!["a".into(), "c".into()], 1));
    assert_eq!(names("a \"b"), (vec!["a".into()], 1));
    assert_eq!(names("a \"b\"c;"), (vec!["a".into()], 1));
}

#[test]
fn deep_nesting_meets_a_bound_and_what_follows_is_read() {
    let text = format!("{}{} b;", "a {".repeat(300_000), "}".repeat(300_000));
    assert_lossless(&text);
    let syntax = parse(&text);
    assert_eq!(syntax.faults.len(), 1);
    assert_eq!(syntax.statements.len(), 2);
}

/// Prints by the statements, what stands between them taken from the tokens: a statement out of its
/// place, or a token in none, shows.
fn assert_lossless(text: &str) {
    let syntax = parse(text);
    let mut printer = Printer {
        text,
        syntax: &syntax,
        next: 0,
        printed: String::new(),
    };
    printer.statements(&syntax.statements);
    printer.up_to(syntax.tokens.len());
    assert_eq!(printer.printed, text);
    for fault in &syntax.faults {
        assert!(fault.place.start <= fault.place.end && fault.place.end as usize <= text.len());
        assert!(text.is_char_boundary(fault.place.start as usize));
    }
}

struct Printer<'a> {
    text: &'a str,
    syntax: &'a Syntax,
    /// The first token that was not printed.
    next: usize,
    printed: String,
}

impl Printer<'_> {
    fn statements(&mut self, statements: &[Statement]) {
        for statement in statements {
            assert!(
                statement.words.start >= self.next,
                "statements are in order"
            );
            self.up_to(statement.words.end);
            match &statement.body {
                Body::Simple(end) => self.through(*end),
                Body::Block {
                    open,
                    statements,
                    foreign,
                    close,
                } => {
                    self.through(Some(*open));
                    self.statements(statements);
                    self.through(*foreign);
                    self.through(*close);
                }
            }
        }
    }

    fn through(&mut self, token: Option<usize>) {
        if let Some(token) = token {
            self.up_to(token + 1);
        }
    }

    fn up_to(&mut self, end: usize) {
        for token in &self.syntax.tokens[self.next.min(end)..end] {
            assert_eq!(token.start as usize, self.printed.len(), "no hole");
            self.printed
                .push_str(&self.text[token.start as usize..token.end as usize]);
        }
        self.next = self.next.max(end);
    }
}

/// Configurations by nginx's grammar.
fn configuration() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        "[a-z_]{1,8}",
        "\"[a-z {};#$]{0,6}\"",
        "'[a-z {};\"\\\\n]{0,6}'".prop_map(|word| word.replace('\\', "\\\\")),
        "\\$\\{[a-z]{1,4}\\}[a-z/]{0,3}",
    ];
    let space = prop_oneof![
        Just(" "),
        Just("\n"),
        Just("\t"),
        Just(" # note; {\n"),
        Just("\r\n")
    ];
    let words = prop::collection::vec((word, space.clone()), 1..4).prop_map(|words| {
        words
            .into_iter()
            .map(|(word, space)| word + space)
            .collect::<String>()
    });
    let simple = words.clone().prop_map(|words| words + ";");
    let statement = simple.prop_recursive(5, 40, 5, move |inner| {
        (words.clone(), prop::collection::vec(inner, 0..5))
            .prop_map(|(words, inner)| format!("{words}{{{}}}", inner.concat()))
    });
    prop::collection::vec((statement, space), 0..6).prop_map(|statements| {
        statements
            .into_iter()
            .map(|(text, space)| text + space)
            .collect()
    })
}
