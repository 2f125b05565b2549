//! What is sent where a request fails:
//! [error_page](https://nginx.org/en/docs/http/ngx_http_core_module.html#error_page).

use tightship_model::Span;
use tightship_model::nginx::{Directive, Word};

use super::{Content, Length, Next, Walk};
use crate::nginx::answer::{Body, Doubt, Text};
use crate::nginx::uri;

impl<'a> Walk<'_, 'a, '_> {
    /// `ngx_http_special_response_handler`: the `error_page` for the status, or nginx's own.
    pub(super) fn special(&mut self, status: u16) -> Result<Next<'a>, Doubt> {
        if matches!(status, 408 | 444 | 499) {
            self.note(None, "the connection is closed");
            return Ok(Next::Send(Content::closed()));
        }
        self.kept_status = Some(status);
        self.content_type = None;
        self.closes |= matches!(status, 400 | 413 | 414 | 495..=497 | 500 | 501);
        let pages = self.scope.effective("error_page").directives;
        if !self.is_error_page && !pages.is_empty() && self.changes_left != 0 {
            self.is_error_page = self.scope.flag("recursive_error_pages") != Some(true);
            let page = pages.into_iter().find_map(|directive| {
                let page = ErrorPage::of(directive)?;
                page.statuses.contains(&status).then_some(page)
            });
            if let Some(page) = page {
                return self.error_page(&page, status);
            }
        }
        if matches!(status, 494..=497) {
            self.kept_status = Some(400);
        }
        Ok(Next::Send(self.own_page(status)))
    }

    fn error_page(&mut self, page: &ErrorPage<'a>, status: u16) -> Result<Next<'a>, Doubt> {
        let span = Some(page.directive.span);
        self.note(span, format!("the page for {status}"));
        match page.becomes {
            Some(0) => self.kept_status = None,
            Some(other) => self.kept_status = Some(other),
            None if matches!(status, 494..=497) => self.kept_status = Some(400),
            None => {}
        }
        let to = self.expand(page.to);
        if let Some(name) = to.known().filter(|to| to.starts_with('@')) {
            return Ok(self.named_location(name));
        }
        if page.to.text.starts_with('/') || to.known().is_some_and(|to| to.starts_with('/')) {
            let to = self.known(page.to)?;
            if self.method != "HEAD" {
                self.method = "GET".to_owned();
            }
            let (path, args) = uri::split_args(&to);
            return Ok(self.internal_redirect(path.to_owned(), args.to_owned()));
        }
        self.redirect_to(to, span);
        if !matches!(page.becomes, Some(301 | 302 | 303 | 307 | 308)) {
            self.kept_status = Some(302);
        }
        Ok(Next::Send(self.own_page(self.kept_status.unwrap_or(302))))
    }

    fn own_page(&mut self, status: u16) -> Content<'a> {
        let has_page = matches!(
            status,
            301..=303 | 307 | 308 | 400..=406 | 408..=416 | 421 | 429 | 494..=498 | 500..=505 | 507
        );
        self.content_type = has_page.then(|| Text::from("text/html"));
        Content {
            status: Some(status),
            body: Body::Page,
            length: if has_page {
                Length::Sent
            } else {
                Length::Known(0)
            },
            is_file: false,
        }
    }

    /// Whether the status has an `error_page` here: then nginx may take over a proxied answer.
    pub(super) fn has_page(&self, status: u16) -> Option<Span> {
        let pages = self.scope.effective("error_page").directives;
        pages.into_iter().find_map(|directive| {
            let page = ErrorPage::of(directive)?;
            page.statuses.contains(&status).then_some(directive.span)
        })
    }
}

/// One `error_page`.
struct ErrorPage<'a> {
    directive: &'a Directive,
    statuses: Vec<u16>,
    /// The status that the answer gets: 0 for the one of the page itself.
    becomes: Option<u16>,
    to: &'a Word,
}

impl<'a> ErrorPage<'a> {
    fn of(directive: &'a Directive) -> Option<Self> {
        let (to, front) = directive.arguments.split_last()?;
        let (becomes, statuses) = match front.split_last() {
            Some((last, statuses)) if last.text.starts_with('=') => {
                let code = &last.text[1..];
                let code = if code.is_empty() {
                    0
                } else {
                    code.parse().ok()?
                };
                (Some(code), statuses)
            }
            _ => (None, front),
        };
        Some(Self {
            directive,
            statuses: statuses
                .iter()
                .filter_map(|word| word.text.parse().ok())
                .collect(),
            becomes,
            to,
        })
    }
}
