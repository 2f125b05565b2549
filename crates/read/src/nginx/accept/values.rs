//! Values that nginx parses when it reads the directive: `ngx_conf_set_*_slot` of
//! `src/core/ngx_conf_file.c`.

use tightship_model::nginx::{self, Directive, Word};

use super::table::Kind;

/// The first parameter that is not of its kind, and what nginx says of it.
pub(super) fn refused<'a>(kind: &Kind, directive: &'a Directive) -> Option<(&'a Word, String)> {
    let name = &directive.name.text;
    let first = directive.arguments.first()?;
    let text = first.text.as_str();
    let number = |text: &str| text.parse::<u64>().ok().filter(|_| !text.starts_with('+'));
    let invalid = || format!("\"{name}\" directive invalid value \"{text}\"");
    let message = match kind {
        Kind::Any | Kind::Once => return None,
        Kind::Flag if text.eq_ignore_ascii_case("on") || text.eq_ignore_ascii_case("off") => {
            return None;
        }
        Kind::Flag => {
            format!(
                "invalid value \"{text}\" in \"{name}\" directive, it must be \"on\" or \"off\""
            )
        }
        Kind::Number(least, most) => match number(text) {
            None => format!("\"{name}\" directive invalid number \"{text}\""),
            Some(number) if number < *least => {
                format!("\"{name}\" directive value must be equal to or greater than {least}")
            }
            Some(number) if number > *most => {
                format!("\"{name}\" directive value must be equal to or less than {most}")
            }
            Some(_) => return None,
        },
        Kind::Size if nginx::bytes(text).is_some() && !text.ends_with(['g', 'G']) => return None,
        Kind::Offset if nginx::bytes(text).is_some() => return None,
        Kind::Milliseconds if nginx::milliseconds(text).is_some() => return None,
        Kind::Seconds if nginx::seconds(text).is_some() => return None,
        Kind::Buffers => {
            let size = directive.arguments.get(1)?;
            let is_size = nginx::bytes(&size.text).is_some_and(|size| size > 0)
                && !size.text.ends_with(['g', 'G']);
            if number(text).is_some_and(|count| count > 0) && is_size {
                return None;
            }
            invalid()
        }
        Kind::Enum(words) if words.iter().any(|word| word.eq_ignore_ascii_case(text)) => {
            return None;
        }
        Kind::Bits(words) => {
            let is_word =
                |word: &&Word| !words.iter().any(|one| one.eq_ignore_ascii_case(&word.text));
            let wrong = directive.arguments.iter().find(is_word)?;
            return Some((wrong, format!("invalid value \"{}\"", wrong.text)));
        }
        Kind::Enum(_) => format!("invalid value \"{text}\""),
        _ => invalid(),
    };
    Some((first, message))
}
