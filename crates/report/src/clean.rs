//! Neutralises text that comes from files.

use std::borrow::Cow;

/// The text on one line, without anything that a terminal, a browser or a log would obey.
///
/// One character becomes one character, so that columns stay: line breaks and tabs become spaces,
/// other control characters their picture (ESC is `␛`), and invisible or direction-changing
/// characters U+FFFD.
pub fn clean(text: &str) -> Cow<'_, str> {
    let is_plain = text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    if is_plain || text.chars().all(is_harmless) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.chars().map(harmless).collect())
    }
}

/// Whether a character is shown as itself and steers nothing.
pub(crate) fn is_harmless(c: char) -> bool {
    harmless(c) == c
}

fn harmless(c: char) -> char {
    match c {
        '\t' | '\n' | '\r' => ' ',
        '\0'..='\x1f' => char::from_u32(0x2400 + u32::from(c)).unwrap_or('\u{fffd}'),
        '\x7f' => '\u{2421}',
        // C1 controls, soft hyphen, Arabic letter mark, zero-width and direction marks, line and
        // paragraph separators, embeddings and overrides, invisible operators, isolates, byte order
        // mark, annotation anchors, tags (Unicode 16, general categories Cc, Cf, Zl and Zp).
        '\u{80}'..='\u{9f}'
        | '\u{ad}'
        | '\u{61c}'
        | '\u{180e}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}' => '\u{fffd}',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_obeyed_is_left() {
        let hostile = "a\x1b[2J\u{9b}31m\u{202e}b\u{200b}\r\n\t\x07\x7f";
        assert_eq!(clean(hostile), "a␛[2J\u{fffd}31m\u{fffd}b\u{fffd}   ␇␡");
        assert_eq!(
            clean(hostile).chars().count(),
            hostile.chars().count(),
            "columns stay"
        );
    }

    #[test]
    fn ordinary_text_is_borrowed() {
        assert!(matches!(clean("Größe «日本» 👍"), Cow::Borrowed(_)));
    }
}
