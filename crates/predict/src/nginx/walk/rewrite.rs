//! The directives that run in order:
//! [ngx_http_rewrite_module](https://nginx.org/en/docs/http/ngx_http_rewrite_module.html).

use tightship_model::Span;
use tightship_model::nginx::{Directive, Word};

use super::variables::{Piece, pieces};
use super::{Content, LONGEST_TEXT, Length, Next, Walk};
use crate::nginx::answer::{Body, Doubt, Text};
use crate::nginx::request::Entry;
use crate::nginx::scope::{Level, Scope};
use crate::nginx::uri::{self, Escape};

/// How the directives of a block ended.
enum Flow<'a> {
    /// The last one was reached.
    On,
    /// `break`, or a `rewrite` with `last` or `break`.
    Stop,
    Leave(Next<'a>),
}

impl<'h, 'a> Walk<'h, 'a, '_> {
    /// Runs the directives of a server or location; `None` where they lead nowhere else.
    pub(super) fn rewrite(&mut self, scope: Scope<'h, 'a>) -> Result<Option<Next<'a>>, Doubt> {
        self.escapes_captures = true;
        match self.run_block(scope)? {
            Flow::On | Flow::Stop => Ok(None),
            Flow::Leave(next) => Ok(Some(next)),
        }
    }

    fn run_block(&mut self, scope: Scope<'h, 'a>) -> Result<Flow<'a>, Doubt> {
        let block = scope.block();
        for directive in block.map_or(&[][..], Directive::directives) {
            self.count()?;
            let flow = match directive.name.text.as_str() {
                "set" => self.set(directive)?,
                "if" => self.condition(directive)?,
                "break" => self.leave_rewriting(directive),
                "return" => self.return_(directive)?,
                "rewrite" => self.rewrite_path(directive)?,
                name if name.starts_with("set_by_lua") || name == "set_secure_random_alphanum" => {
                    let reason = format!("what {name} gives");
                    return Err(Doubt::new(Some(directive.span), reason));
                }
                _ => Flow::On,
            };
            if !matches!(flow, Flow::On) {
                return Ok(flow);
            }
        }
        Ok(Flow::On)
    }

    fn set(&mut self, directive: &'a Directive) -> Result<Flow<'a>, Doubt> {
        let [name, value] = &directive.arguments[..] else {
            return Ok(Flow::On);
        };
        let name = name.text.trim_start_matches('$');
        let value = self.fill(value, self.escapes_captures);
        if name == "args" {
            self.args = known(value, directive.span)?;
            self.is_target_valid = false;
        } else {
            self.variables.insert(name.to_owned(), value);
        }
        Ok(Flow::On)
    }

    fn leave_rewriting(&mut self, directive: &'a Directive) -> Flow<'a> {
        self.note(Some(directive.span), "stops the rewriting");
        if self.is_changed {
            self.is_location_valid = false;
            self.is_changed = false;
        }
        Flow::Stop
    }

    fn condition(&mut self, directive: &'a Directive) -> Result<Flow<'a>, Doubt> {
        if !self.holds(directive)? {
            return Ok(Flow::On);
        }
        self.note(Some(directive.heading_span()), "the condition holds");
        let Some(scope) = self.http.scope_of(directive) else {
            return Ok(Flow::On);
        };
        // In a server a condition runs its directives and changes no others.
        if scope
            .around()
            .is_some_and(|around| around.level() != Level::Server)
        {
            self.enter_scope(scope);
        }
        self.run_block(scope)
    }

    /// The forms of a condition.
    fn holds(&mut self, directive: &'a Directive) -> Result<bool, Doubt> {
        let refused = || Doubt::new(Some(directive.span), "what this condition says");
        let words = condition_words(&directive.arguments).ok_or_else(refused)?;
        match &words[..] {
            [operator, value] if operator.text.trim_start_matches('!').starts_with('-') => {
                let path = known(self.fill(value, self.escapes_captures), directive.span)?;
                let entry = (self.world.entry)(&path).ok_or_else(|| {
                    let reason = format!("whether {path} exists");
                    Doubt::new(Some(directive.span), reason)
                })?;
                let is_negated = operator.text.starts_with('!');
                let holds = match operator.text.trim_start_matches('!') {
                    "-f" => entry == Entry::File,
                    "-d" => entry == Entry::Folder,
                    "-e" => entry != Entry::Missing,
                    "-x" if entry == Entry::Missing => false,
                    _ => return Err(refused()),
                };
                Ok(holds != is_negated)
            }
            [variable] => {
                let value = self.variable_of(variable, directive.span)?;
                Ok(!value.is_empty() && value != "0")
            }
            [variable, operator, value] => {
                let subject = self.variable_of(variable, directive.span)?;
                match operator.text.as_str() {
                    "=" => {
                        Ok(subject
                            == known(self.fill(value, self.escapes_captures), directive.span)?)
                    }
                    "!=" => {
                        Ok(subject
                            != known(self.fill(value, self.escapes_captures), directive.span)?)
                    }
                    operator @ ("~" | "~*" | "!~" | "!~*") => {
                        if !value.is_known {
                            return Err(refused());
                        }
                        let caseless = operator.ends_with('*');
                        let span = Some(directive.span);
                        let found = self.search(&value.text, caseless, &subject, span)?;
                        let is_found = found.is_some();
                        match found {
                            Some(found) => self.capture(found),
                            None => self.captures.clear(),
                        }
                        Ok(is_found != operator.starts_with('!'))
                    }
                    _ => Err(refused()),
                }
            }
            _ => Err(refused()),
        }
    }

    fn variable_of(&mut self, word: &Word, span: Span) -> Result<String, Doubt> {
        let name = word.text.trim_start_matches('$').to_owned();
        known(self.variable(&name), span)
    }

    fn return_(&mut self, directive: &'a Directive) -> Result<Flow<'a>, Doubt> {
        let span = Some(directive.span);
        let refused = || Doubt::new(span, "what this return answers");
        let (status, text) = match &directive.arguments[..] {
            [status] if status.text.bytes().all(|byte| byte.is_ascii_digit()) => {
                (status.text.parse().map_err(|_| refused())?, None)
            }
            [to] => (302, Some(to)),
            [status, text] => (status.text.parse().map_err(|_| refused())?, Some(text)),
            _ => return Err(refused()),
        };
        self.note(span, format!("returns {status}"));
        if status >= 400 && text.is_none_or(|text| text.text.is_empty()) {
            return Ok(Flow::Leave(Next::Status(status)));
        }
        let text = match text {
            Some(word) => self.expand(word),
            None => Text::from(""),
        };
        if matches!(status, 301 | 302 | 303 | 307 | 308) {
            self.redirect_to(text, span);
            return Ok(Flow::Leave(Next::Status(status)));
        }
        if status < 200 {
            return Err(refused());
        }
        self.set_content_type()?;
        let length = match &text {
            Text::Known(text) => Length::Known(text.len()),
            Text::NotKnown { .. } => Length::Sent,
        };
        Ok(Flow::Leave(Next::Send(Content {
            status: Some(status),
            body: Body::Text(text),
            length,
            is_file: false,
        })))
    }

    fn rewrite_path(&mut self, directive: &'a Directive) -> Result<Flow<'a>, Doubt> {
        let span = Some(directive.span);
        let (Some(pattern), Some(replacement)) =
            (directive.arguments.first(), directive.arguments.get(1))
        else {
            return Ok(Flow::On);
        };
        if !pattern.is_known || !replacement.is_known {
            return Err(Doubt::new(span, "what this rewrite makes of the path"));
        }
        let path = self.path.clone();
        let Some(found) = self.search(&pattern.text, false, &path, span)? else {
            self.captures.clear();
            return Ok(Flow::On);
        };
        self.capture(found);
        let (text, keeps_args) = match replacement.text.strip_suffix('?') {
            Some(text) => (text, false),
            None => (replacement.text.as_str(), true),
        };
        let flag = directive.argument(2).unwrap_or_default();
        let is_absolute = ["http://", "https://", "$scheme"]
            .iter()
            .any(|start| text.starts_with(start));
        let status = match flag {
            "permanent" => Some(301),
            "redirect" => Some(302),
            "" if is_absolute => Some(302),
            "last" | "break" if is_absolute => Some(302),
            _ => None,
        };
        self.is_internal = true;
        self.is_target_valid = false;
        if flag == "break" {
            self.is_location_valid = false;
            self.is_changed = false;
        } else {
            self.is_changed = true;
        }
        if let Some(status) = status {
            let to = self.replacement(text, true, directive.span)?.0;
            let mut to = uri::unescape_redirect(&to);
            if keeps_args && !self.args.is_empty() {
                to.push(if text.contains('?') { '&' } else { '?' });
                to.push_str(&self.args);
            }
            self.note(span, format!("redirects to {to}"));
            self.redirect_to(Text::Known(to), span);
            return Ok(Flow::Leave(Next::Status(status)));
        }
        let (path, args) = self.replacement(text, false, directive.span)?;
        match args {
            Some(mut args) => {
                if keeps_args && !self.args.is_empty() {
                    args.push('&');
                    args.push_str(&self.args);
                }
                self.args = args;
            }
            None if !keeps_args => self.args.clear(),
            None => {}
        }
        if path.is_empty() {
            return Ok(Flow::Leave(Next::Status(500)));
        }
        self.escapes_captures = false;
        self.note(span, format!("makes the path {path}"));
        self.path = path;
        match flag {
            "last" | "break" => Ok(Flow::Stop),
            _ => Ok(Flow::On),
        }
    }

    /// The path of a replacement, and its arguments where it has a `?` of its own.
    fn replacement(
        &mut self,
        text: &str,
        is_redirect: bool,
        span: Span,
    ) -> Result<(String, Option<String>), Doubt> {
        let mut path = String::new();
        let mut args: Option<String> = None;
        for piece in pieces(text) {
            match piece {
                Piece::Literal(literal) if !is_redirect && args.is_none() => {
                    match literal.split_once('?') {
                        Some((front, behind)) => {
                            path.push_str(front);
                            args = Some(behind.to_owned());
                        }
                        None => path.push_str(literal),
                    }
                }
                piece => {
                    let escapes = is_redirect || args.is_some();
                    let value = known(self.piece(piece, escapes), span)?;
                    args.as_mut().unwrap_or(&mut path).push_str(&value);
                }
            }
            if path.len() + args.as_ref().map_or(0, String::len) > LONGEST_TEXT {
                return Err(Doubt::new(Some(span), "a path of more than 65536 bytes"));
            }
        }
        Ok((path, args))
    }

    /// A capture in an argument or a redirect is escaped where the path was.
    pub(super) fn captured(&self, number: usize, escapes: bool) -> String {
        let text = self.captures.get(number).cloned().unwrap_or_default();
        if escapes && (self.is_quoted || self.has_plus) {
            return uri::escape(&text, Escape::Args);
        }
        text
    }
}

/// The words of a condition without its parentheses.
fn condition_words(arguments: &[Word]) -> Option<Vec<Word>> {
    let mut words = arguments.to_vec();
    let first = words.first_mut()?;
    first.text = first.text.strip_prefix('(')?.to_owned();
    if first.text.is_empty() {
        words.remove(0);
    }
    let last = words.last_mut()?;
    last.text = last.text.strip_suffix(')')?.to_owned();
    if last.text.is_empty() && !last.is_quoted {
        words.pop();
    }
    Some(words)
}

fn known(text: Text, span: Span) -> Result<String, Doubt> {
    match text {
        Text::Known(text) => Ok(text),
        Text::NotKnown { reason, .. } => Err(Doubt::new(Some(span), reason)),
    }
}
