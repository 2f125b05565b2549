//! Who may come in: `allow`, `deny`, `auth_basic`, and what joins them.

use std::net::IpAddr;

use super::{Next, Walk};
use crate::nginx::answer::{Doubt, Header, Text};
use crate::nginx::tables::Network;

/// What one of the modules says.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Say {
    Nothing,
    Allows,
    Denies(u16),
}

/// What runs before the content and is not modelled.
const OPAQUE: [&str; 6] = [
    "access_by_lua_block",
    "access_by_lua_file",
    "access_by_lua",
    "auth_jwt",
    "auth_oidc",
    "js_access",
];

impl<'a> Walk<'_, 'a, '_> {
    /// The access phase: `None` where the request may go on.
    pub(super) fn access(&mut self) -> Result<Option<Next<'a>>, Doubt> {
        self.refuse(&OPAQUE)?;
        if let (Some(true), Some(one)) = (
            self.scope.flag("modsecurity"),
            self.scope.one("modsecurity"),
        ) {
            let doubt = Doubt::new(
                Some(one.span),
                "whether modsecurity lets the request through",
            );
            self.doubts.push(doubt);
        }
        let is_any = self.scope.value("satisfy") == Some("any");
        let mut denied: Option<u16> = None;
        let modules = [Self::address, Self::basic, Self::subrequest];
        for module in modules {
            match (module(self)?, is_any) {
                (Say::Nothing, _) | (Say::Allows, false) => {}
                (Say::Allows, true) => {
                    let is_asking = |header: &Header| header.name == "WWW-Authenticate";
                    while let Some(place) = self.out.iter().position(is_asking) {
                        self.take_back(place);
                    }
                    return Ok(None);
                }
                (Say::Denies(status), false) => return Ok(Some(Next::Status(status))),
                (Say::Denies(status), true) => {
                    if denied != Some(401) {
                        denied = Some(status);
                    }
                }
            }
        }
        Ok(denied.map(Next::Status))
    }

    /// [ngx_http_access_module](https://nginx.org/en/docs/http/ngx_http_access_module.html): the
    /// first that fits decides.
    fn address(&mut self) -> Result<Say, Doubt> {
        let client = self.client();
        for directive in self.scope.effective("deny").directives {
            let span = Some(directive.span);
            let unknown = || Doubt::new(span, "the address of the client");
            let fits = match directive.argument(0) {
                Some("all") => true,
                Some("unix:") | None => false,
                Some(text) => {
                    let network = Network::parse(text).ok_or_else(unknown)?;
                    network.holds(client.ok_or_else(unknown)?)
                }
            };
            if fits && directive.is("deny") {
                self.note(span, format!("denies {}", shown(client)));
                return Ok(Say::Denies(403));
            }
            if fits {
                return Ok(Say::Allows);
            }
        }
        Ok(Say::Nothing)
    }

    /// [ngx_http_auth_basic_module](https://nginx.org/en/docs/http/ngx_http_auth_basic_module.html).
    fn basic(&mut self) -> Result<Say, Doubt> {
        let (Some(realm), Some(_)) = (
            self.scope.one("auth_basic"),
            self.scope.one("auth_basic_user_file"),
        ) else {
            return Ok(Say::Nothing);
        };
        let Some(word) = realm.arguments.first() else {
            return Ok(Say::Nothing);
        };
        let span = Some(realm.span);
        let text = self.expand(word);
        if text.known() == Some("off") {
            return Ok(Say::Nothing);
        }
        if self.request.header("authorization").is_some() {
            return Err(Doubt::new(span, "whether the password is right"));
        }
        let value = match text {
            Text::Known(realm) => Text::Known(format!("Basic realm=\"{realm}\"")),
            unknown @ Text::NotKnown { .. } => unknown,
        };
        self.note(span, "asks for a password");
        self.out.push(Header {
            span,
            ..Header::new("WWW-Authenticate", value)
        });
        Ok(Say::Denies(401))
    }

    /// [ngx_http_auth_request_module](https://nginx.org/en/docs/http/ngx_http_auth_request_module.html):
    /// another server decides.
    fn subrequest(&mut self) -> Result<Say, Doubt> {
        match self.scope.one("auth_request") {
            Some(directive) if directive.argument(0) != Some("off") => {
                let reason = format!("what {} answers", directive.heading());
                Err(Doubt::new(Some(directive.span), reason))
            }
            _ => Ok(Say::Nothing),
        }
    }
}

fn shown(client: Option<IpAddr>) -> String {
    client.map_or_else(|| "every client".to_owned(), |client| client.to_string())
}
