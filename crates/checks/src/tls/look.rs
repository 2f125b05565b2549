//! Looking at a capture of a TLS server: what checks ask for, and how they say it.

use tightship_model::nginx::Directive;
use tightship_model::site::tls::{Chain, Reach, SeenCertificate, Tls, Version};
use tightship_model::{Confidence, Deployment, Evidence, Finding, Label, Outcome, Trail};
use tightship_predict::nginx::{Http, Server, Socket, http_blocks};

/// A TLS server that spoke.
#[derive(Clone, Copy)]
pub(super) struct Seen<'a> {
    pub(super) tls: &'a Tls,
    deployment: &'a Deployment,
}

/// What was seen, or the verdict that says why nothing was.
pub(super) fn seen(deployment: &Deployment) -> Result<Seen<'_>, Outcome> {
    let unknown = |reason: String| Outcome::Unknown {
        reason,
        remedy: "look at the site again when it answers, with --url https://…".to_owned(),
        trail: Trail::default(),
    };
    let Some(site) = &deployment.site else {
        return Err(unknown("the site was not asked".to_owned()));
    };
    if site.url.starts_with("http://") {
        return Err(Outcome::NotApplicable(
            "the site was named with http://, so TLS was not asked for".to_owned(),
        ));
    }
    let Some(tls) = &site.tls else {
        return Err(unknown("TLS was not asked for".to_owned()));
    };
    match &tls.reach {
        Reach::Speaks => Ok(Seen { tls, deployment }),
        Reach::Unasked => Err(unknown("TLS was not asked for".to_owned())),
        Reach::Unreachable { reason } => Err(unknown(format!("no connection: {reason}"))),
        Reach::NotTls { reason } => Err(unknown(format!("what answers is not TLS: {reason}"))),
        Reach::Throttled { reason } => Err(unknown(format!(
            "the server stopped answering while it was asked: {reason}"
        ))),
    }
}

/// As [`seen`], where the server showed a certificate of its own.
pub(super) fn seen_certificate(deployment: &Deployment) -> Result<Seen<'_>, Outcome> {
    let seen = seen(deployment)?;
    match seen.own().next() {
        Some(_) => Ok(seen),
        None => Err(seen.without_certificate()),
    }
}

impl<'a> Seen<'a> {
    /// `shop.example:443`
    pub(super) fn place(self) -> String {
        let target = &self.tls.target;
        let name = target.server_name.as_ref().unwrap_or(&target.address);
        format!("{name}:{}", target.port)
    }

    pub(super) fn finding(
        self,
        subject: &str,
        message: String,
        seen: &str,
        advice: &str,
    ) -> Finding {
        Finding {
            subject: format!("site:tls:{subject}"),
            message,
            severity: None,
            confidence: Confidence::High,
            labels: Vec::new(),
            trail: self.trail(seen),
            django_id: None,
            advice: advice.to_owned(),
            fix: None,
        }
    }

    pub(super) fn passes(self, text: impl Into<String>, seen: &str) -> Outcome {
        Outcome::Pass(vec![Evidence {
            text: text.into(),
            trail: self.trail(seen),
        }])
    }

    fn trail(self, seen: &str) -> Trail {
        Trail::outside(format!("{} {seen}", self.place()))
    }

    /// The server's own certificates, one for each kind of key.
    pub(super) fn own(self) -> impl Iterator<Item = (&'a Chain, &'a SeenCertificate)> {
        self.tls
            .chains
            .iter()
            .filter_map(|chain| Some((chain, chain.certificates.first()?)))
    }

    /// The verdict where no certificate was seen.
    pub(super) fn without_certificate(self) -> Outcome {
        Outcome::Unknown {
            reason: format!("no certificate of {} was seen", self.place()),
            remedy: "see what it accepts with --record".to_owned(),
            trail: Trail::default(),
        }
    }

    /// The verdict on something that TLS 1.3 has not, where no older version answered: because none is
    /// spoken, or because the answer was lost.
    pub(super) fn only_modern(self, without: &str, lost: &str) -> Outcome {
        if self.tls.versions().all(|version| version >= Version::Tls13) {
            return Outcome::NotApplicable(without.to_owned());
        }
        Outcome::Unknown {
            reason: lost.to_owned(),
            remedy: "look at the site again".to_owned(),
            trail: Trail::default(),
        }
    }

    /// Whether it is this very machine under a name that no authority certifies.
    pub(super) fn is_local(self) -> bool {
        let target = &self.tls.target;
        match &target.server_name {
            Some(name) => name == "localhost" || name.ends_with(".localhost"),
            None => target
                .address
                .parse::<std::net::IpAddr>()
                .is_ok_and(|address| address.is_loopback()),
        }
    }

    /// The directive of the project's nginx that decides this, where exactly one does.
    pub(super) fn label(self, name: &str, text: &str) -> Vec<Label> {
        let mut found: Vec<&Directive> = http_blocks(&self.deployment.nginx)
            .filter_map(|http| {
                let server = self.server(http)?;
                server.scope.one(name)
            })
            .collect();
        found.dedup_by_key(|directive| directive.heading_span());
        match found.as_slice() {
            [directive] => vec![Label {
                span: directive.heading_span(),
                text: text.to_owned(),
            }],
            _ => Vec::new(),
        }
    }

    /// What the server of the project's nginx that has the name says with this directive, where exactly one
    /// has it; `None` within where it says nothing.
    pub(super) fn of_own_server(self, name: &str) -> Option<Option<&'a Directive>> {
        let asked = self.tls.target.server_name.as_deref()?;
        let mut found = http_blocks(&self.deployment.nginx).flat_map(|http| {
            let sockets = http.sockets().iter().filter(|socket| socket.ssl);
            let numbers = sockets.flat_map(|socket| &socket.servers);
            let servers = numbers.filter_map(|number| http.server(*number));
            let own = servers.filter(|server| {
                let mut names = server.names().iter();
                names.any(|own| own.form.fits(asked) == Some(true))
            });
            let said = own.map(|server| {
                let effective = server.scope.effective(name);
                let is_whole = effective.gap.is_none();
                is_whole.then(|| effective.directives.last().copied())
            });
            said.collect::<Vec<Option<Option<&Directive>>>>()
        });
        let first = found.next()??;
        let place = first.map(Directive::heading_span);
        found
            .all(|other| other.is_some_and(|other| other.map(Directive::heading_span) == place))
            .then_some(first)
    }

    /// The server that speaks TLS under the name that was asked for. Versions and suites are chosen
    /// before the name is known, by the default server.
    fn server<'h, 'b>(self, http: &'h Http<'b>) -> Option<Server<'h, 'b>> {
        let name = self.tls.target.server_name.as_deref()?;
        let names_it = |server: Server<'_, '_>| {
            let mut names = server.names().iter();
            names.any(|own| own.form.fits(name) == Some(true))
        };
        let socket: &Socket = http.sockets().iter().find(|socket| {
            let mut servers = socket
                .servers
                .iter()
                .filter_map(|number| http.server(*number));
            socket.ssl && servers.any(names_it)
        })?;
        http.server(socket.default)
    }
}

/// A count of days in words.
pub(super) fn days(seconds: i64) -> String {
    match seconds / 86_400 {
        0 => "less than a day".to_owned(),
        1 => "1 day".to_owned(),
        days => format!("{days} days"),
    }
}
