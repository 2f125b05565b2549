//! Which location takes a request:
//! [location](https://nginx.org/en/docs/http/ngx_http_core_module.html#location).

use tightship_model::nginx::Directive;

use super::{Next, Walk, size};
use crate::nginx::answer::Doubt;
use crate::nginx::leaf::{Handler, MODULES, UPSTREAMS};
use crate::nginx::location::Matcher;
use crate::nginx::scope::{Level, Scope};
use crate::nginx::uri::{self, Escape};

impl<'h, 'a> Walk<'h, 'a, '_> {
    /// `ngx_http_core_find_config_phase`.
    pub(super) fn find_location(&mut self) -> Result<Next<'a>, Doubt> {
        self.handler = None;
        self.is_changed = false;
        self.scope = self.server.scope;
        let must_redirect = self.descend()? == Match::Redirect;
        let scope = self.scope;
        if scope != self.server.scope {
            let span = scope.block().map(Directive::heading_span);
            self.note(span, format!("{} takes {}", scope.heading(), self.path));
        }
        if let (false, Some(internal)) = (self.is_internal, scope.one("internal")) {
            self.note(Some(internal.span), "only internal requests may come here");
            self.scopes.push(scope);
            return Ok(Next::Status(404));
        }
        self.enter_scope(scope);
        if self.is_too_large()? {
            return Ok(Next::Status(413));
        }
        if must_redirect {
            let name = scope.matcher().map_or("", Matcher::text);
            let mut to = uri::escape(name, Escape::Path);
            if !self.args.is_empty() {
                to = format!("{to}?{}", self.args);
            }
            self.note(None, format!("{} is missing its slash", self.path));
            self.redirect_to(to.into(), None);
            return Ok(Next::Status(301));
        }
        Ok(Next::Location)
    }

    /// Looks for the best location inside of the present place, and goes there.
    fn descend(&mut self) -> Result<Match, Doubt> {
        let outer = self.scope;
        let locations = outer.locations();
        let mut best: Option<(Scope<'h, 'a>, usize)> = None;
        let mut redirect = None;
        for location in &locations {
            self.count()?;
            match location.matcher() {
                Some(Matcher::Exact(name)) if *name == self.path => {
                    self.scope = *location;
                    return Ok(Match::Exact);
                }
                Some(Matcher::Exact(name)) if self.needs_slash(name, *location) => {
                    redirect = Some(*location);
                }
                Some(Matcher::Prefix { path, .. }) => {
                    if self.path.starts_with(path.as_str())
                        && best.is_none_or(|(_, length)| path.len() > length)
                    {
                        best = Some((*location, path.len()));
                    }
                    if self.needs_slash(path, *location) && redirect.is_none() {
                        redirect = Some(*location);
                    }
                }
                _ => {}
            }
        }
        let is_whole = best.is_some_and(|(_, length)| length == self.path.len());
        if let (Some(location), false) = (redirect, is_whole) {
            self.scope = location;
            return Ok(Match::Redirect);
        }
        let mut bars_regex = false;
        let mut result = Match::None;
        if let Some((location, _)) = best {
            self.scope = location;
            bars_regex = matches!(
                location.matcher(),
                Some(Matcher::Prefix {
                    bars_regex: true,
                    ..
                })
            );
            result = self.descend()?;
            if matches!(result, Match::Exact | Match::Redirect) {
                return Ok(result);
            }
        }
        if bars_regex {
            return Ok(result);
        }
        for location in locations {
            let Some(Matcher::Regex { pattern, caseless }) = location.matcher() else {
                continue;
            };
            let span = location.block().map(Directive::heading_span);
            let path = self.path.clone();
            if let Some(found) = self.search(pattern, *caseless, &path, span)? {
                self.capture(found);
                self.scope = location;
                self.descend()?;
                return Ok(Match::Exact);
            }
        }
        Ok(result)
    }

    /// Whether nginx redirects to `name`, which is the path with a slash more: it does where the
    /// location hands requests to another server.
    fn needs_slash(&self, name: &str, location: Scope<'h, 'a>) -> bool {
        name.strip_suffix('/') == Some(self.path.as_str())
            && UPSTREAMS
                .iter()
                .any(|name| !location.declared(name).is_empty())
    }

    /// `ngx_http_update_location_config`: takes over the place, or its `limit_except`.
    pub(super) fn enter_scope(&mut self, scope: Scope<'h, 'a>) {
        let limited = scope
            .inside()
            .find(|inner| inner.level() == Level::LimitExcept);
        self.scope = match limited {
            Some(limited) if self.is_limited(limited) => {
                let span = limited.block().map(Directive::heading_span);
                self.note(span, format!("limits {}", self.method));
                limited
            }
            _ => scope,
        };
        self.scopes.push(self.scope);
        let mut handlers = UPSTREAMS.iter().chain(&MODULES);
        let handles = handlers.any(|name| !self.scope.declared(name).is_empty());
        // A `limit_except` takes over an upstream, other handlers stay with the location.
        let takes_over = self.scope.level() == Level::LimitExcept
            && matches!(self.scope.handler(), Handler::Upstream(_));
        if handles || takes_over {
            self.handler = Some(self.scope);
        }
    }

    fn is_limited(&self, limit: Scope<'h, 'a>) -> bool {
        let listed = |method: &str| {
            let mut words = limit.block().into_iter().flat_map(Directive::texts);
            words.any(|word| word.eq_ignore_ascii_case(method))
        };
        !(listed(&self.method) || self.method == "HEAD" && listed("GET"))
    }

    /// `client_max_body_size` against the length that the client announces.
    fn is_too_large(&mut self) -> Result<bool, Doubt> {
        let length = self.request.header("content-length");
        let Some(length) = length.and_then(|length| length.trim().parse::<u64>().ok()) else {
            return Ok(false);
        };
        let directive = self.scope.one("client_max_body_size");
        let span = directive.map(|directive| directive.span);
        let most = self.scope.value("client_max_body_size").and_then(size);
        let most = most.ok_or_else(|| Doubt::new(span, "the largest body that is taken"))?;
        let is_too_large = most != 0 && length > most && !self.drops_body;
        self.drops_body |= is_too_large;
        if is_too_large {
            self.note(
                span,
                format!("a body of {length} bytes is larger than {most}"),
            );
        }
        Ok(is_too_large)
    }
}

/// How a search for a location ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Match {
    None,
    Exact,
    /// nginx redirects to the name of the location.
    Redirect,
}
