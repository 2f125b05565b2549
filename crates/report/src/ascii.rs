//! Text for screens that know ASCII alone.

use std::borrow::Cow;
use std::fmt::Write;

/// The text in ASCII.
///
/// What tightship itself draws and sets has a twin of one character (`…` alone has three), so that columns
/// stay. Any other
/// character, of a path or of a line of code, is written as Python's `ascii()` writes it
/// (`\xe9`, `\u65e5`, `\U0001f6a2`): nothing of it is lost.
pub fn ascii(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        match twin(c) {
            Some(twin) => plain.push(twin),
            None if c == '…' => plain.push_str("..."),
            None => escape(c, &mut plain),
        }
    }
    Cow::Owned(plain)
}

fn twin(c: char) -> Option<char> {
    Some(match c {
        c if c.is_ascii() => c,
        '─' | '–' | '·' => '-',
        '━' | '↑' => '^',
        '│' => '|',
        '┌' | '┐' | '└' | '┘' => '+',
        '●' | '•' => '*',
        '✓' => '+',
        '✗' => 'x',
        '→' | '↳' | '▶' => '>',
        '↓' => 'v',
        '“' | '”' => '"',
        '‘' | '’' => '\'',
        // Stands for what a terminal would have obeyed, whatever it was.
        '\u{fffd}' => '?',
        _ => return None,
    })
}

fn escape(c: char, plain: &mut String) {
    // Writing to a String never fails.
    let _ = match u32::from(c) {
        // The picture of a control character, in the notation of `cat -v`.
        code @ 0x2400..=0x241f => write!(plain, "^{}", char::from(code as u8 + b'@')),
        0x2421 => write!(plain, "^?"),
        code @ ..=0xff => write!(plain, "\\x{code:02x}"),
        code @ ..=0xffff => write!(plain, "\\u{code:04x}"),
        code => write!(plain, "\\U{code:08x}"),
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clean;

    #[test]
    fn what_is_drawn_has_a_twin_and_what_is_written_is_not_lost() {
        assert_eq!(ascii("── ● high │ a → b …"), "-- * high | a > b ...");
        assert_eq!(
            ascii("Größe/日本/🚢 – “x”"),
            r#"Gr\xf6\xdfe/\u65e5\u672c/\U0001f6a2 - "x""#
        );
        assert!(matches!(ascii("plain \\ text"), Cow::Borrowed(_)));
    }

    #[test]
    fn what_a_terminal_would_obey_stays_visible() {
        let hostile = clean("a\x1b[2J\u{9b}m\u{202e}\0\x7f").into_owned();
        assert_eq!(ascii(&hostile), "a^[[2J?m?^@^?");
    }
}
