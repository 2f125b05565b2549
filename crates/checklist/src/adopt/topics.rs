//! Boxes that say in words what they are about.

use super::Found;
use super::words::{Words, is};

/// A row, and groups of stems of which each must be met; a group that begins with `!` must not, and
/// one that begins with `@` is met by the heading too.
type Topic = (&'static str, &'static str);

/// A box whose words are mostly about something else is not bound.
const LEAST_SHARE: usize = 30;

/// Words with which a box is about another place than production.
const ELSEWHERE: [&str; 3] = ["staging", "laptop", "developer"];

#[rustfmt::skip]
static TOPICS: &[Topic] = &[
    ("A2.8", "csp|content; csp|security; csp|policy; !header|test|grade"),
    ("A2.8", "content; security; policy"),
    ("A3.3", "axes; install|rate|limit|enabl|lock|brute"),
    ("A3.3", "brute; force"),
    ("A4.1", "postgres; migrate|move|switch|instead; !password|backup|tls|encrypt|major"),
    ("A4.2", "migrat; run|appl|manage.py; !postgres|sqlite"),
    ("A4.3", "superuser|createsuperuser; password|strong|createsuperuser"),
    ("A4.4", "backup; database|regular|nightly; enabl|schedul|automat|configur|regular; !test|restor|verif|document|strateg|plan"),
    ("A4.5", "backup; restor; test|drill|process|verif|rehears|tried"),
    ("A5.1", "collectstatic|collect; static|collectstatic"),
    ("A5.2", "static; serv|whitenoise|cdn|nginx; !collect"),
    ("A5.3", "media|upload; storage|volume|file|store|bucket; !static"),
    ("A5.4", "gzip|brotli|compression; gzip|brotli|compression"),
    ("A5.5", "cdn|cloudflare|cache; cach; !template"),
    ("A6.1", "smtp; credential|password|secur|tls"),
    ("A6.2", "mail|email; send|deliver; test|try"),
    ("A6.3", "spf|dkim|dmarc; spf|dkim|dmarc"),
    ("A6.4", "password; reset; test|try|tried|flow"),
    ("A6.5", "order; confirm|receipt; mail|email"),
    ("A7.1", "sentry|aggregat; log|error|sentry; !release"),
    ("A7.1", "error; track|sentry|rollbar|bugsnag"),
    ("A7.2", "security; logging|log$; configur|enabl|event; !review"),
    ("A7.3", "error; alert|mail|email|notif; admin|mail|email"),
    ("A7.4", "audit; log|trail; admin|action|change"),
    ("A7.5", "fail; login; monitor|watch|review; !alert"),
    ("A8.1", "certificate|cert$|certificates; obtain|issu|valid|trusted; !lets|letsencrypt|renew|mount|volume|expir|test|monitor|transparen"),
    // Let's Encrypt as advice, not as what must have issued it.
    ("A8.1", "certificate|cert$|certificates; obtain|issu; recommend|prefer; !renew|mount|volume|expir|test|monitor|transparen"),
    ("B2.6", "certificate|cert$|certificates; lets|letsencrypt; !renew|mount|volume|expir|test|monitor|transparen"),
    ("A8.2", "https; 443|configur|enabl|listen; !redirect|drf|endpoint"),
    ("A8.3", "redirect; https; http|https|all"),
    ("A8.4", "certificate|certificates|cert$|certbot; renew; auto|automatic|schedul|cron|timer; !container|monitor|log|logs"),
    ("A8.5", "ssllabs|ssl; ssllabs|labs; test|grade|rating|run"),
    ("A9.1", "suite|pytest; run|test|tests|green|pass"),
    ("A9.2", "tests; pass; authent|account|login"),
    ("A9.3", "load; test|testing|tested"),
    ("A9.4", "security; scan"),
    ("A9.5", "check; deploy; manage.py|django"),
    ("A9.6", "bandit; bandit"),
    ("A9.7", "pip-audit; pip-audit"),
    ("A9.8", "owasp; top|review"),
    ("A10.1", "gunicorn|uvicorn|uwsgi|daphne|wsgi; server|web|configur|run|worker; !test"),
    ("A10.1", "web; server; configur|production"),
    ("A10.2", "process|supervisor|systemd; manager|supervisor|systemd|restart"),
    ("A10.3", "proxy; revers|header|forwarded; nginx|configur|header|set|right"),
    ("A10.4", "load; balanc"),
    ("A10.5", "auto|autoscal; scal|autoscal"),
    ("A11.1", "daily|nightly; backup; database|dump"),
    ("A11.2", "week; backup; !daily"),
    ("A11.4", "disaster; recover; plan|document|written; !drill"),
    ("A11.5", "rto|objective; rto|time; rto|recover"),
    ("A11.6", "rpo|objective; rpo|point; rpo|recover"),
    ("A12.1", "cpu|memory|ram$; monitor|watch|alert"),
    ("A12.2", "disk; space|full|usage; alert|monitor|watch|warn"),
    ("A12.3", "database; connection; monitor|watch|pool|alert"),
    ("A12.4", "fail; login; alert|warn"),
    ("A12.5", "error; rate; monitor|alert|watch"),
    ("A12.6", "uptime; monitor|external|check|alert"),
    ("A12.7", "health; check; dail|every|run"),
    ("A13.1", "admin; restrict|ip|allowlist|whitelist|limited; !audit|alert|log|mail"),
    ("A13.2", "ssh; key|password|login"),
    ("A13.3", "vpn; vpn"),
    ("A13.4", "least; privilege"),
    ("A13.5", "access; audit|review; !log|badge|door"),
    ("A14.1", "payment|stripe; configur|secur|key|live; !webhook"),
    ("A14.2", "api; key|secret; env|environment|variable|vault"),
    ("A14.3", "api; rate|throttl; limit|throttl"),
    ("A14.4", "webhook; sign|verif|validat"),
    ("B1.9", "database; password; strong|character|long; !postgres"),
    ("B5.1", "postgres; password; strong|long|character"),
    ("B1.10", "version|git|repository|gitignore; control|.gitignore|gitignore|commit; secret|sensitive|env|.env|credential; !histor"),
    ("B2.1", "dns; domain|configur|propagat|resolv; !spf|dkim"),
    ("B2.2", "aaaa; record|point"),
    ("B2.3", "port|ports; firewall|open|closed"),
    ("B2.4", "email; init-letsencrypt.sh|init-letsencrypt; configur|set|in|init-letsencrypt.sh"),
    ("B2.5", "domain; init-letsencrypt.sh|init-letsencrypt; configur|init-letsencrypt.sh"),
    ("B2.8", "certbot; container; running|runs|up"),
    ("B2.10", "header; security|securityheaders.com|securityheaders; grade|rating|test|securityheaders.com|score"),
    ("B3.2", "cors; origin; trusted|known|domain"),
    ("B3.4", "frontend|client; api|call|request; https; !vendor|support"),
    ("B3.5", "jwt|token; httponly|stor|localstorage"),
    ("B4.1", "compose|docker-compose.yml|compose.yml|docker-compose; production; !secret|env"),
    ("B4.2", "certbot; container; renew|configur; !running|runs"),
    ("B4.3", "certificate|certificates|cert$; volume|mount"),
    ("B4.4", "nginx; valid|syntax|test; config"),
    ("B4.5", "environment|variable; .env|env; load|read|from; !api|key"),
    ("B4.6", "secret|password|credential; docker|dockerfile|image|compose; no|hardcod|bake"),
    ("B4.7", "restart; polic|unless|always"),
    ("B5.2", "database|postgres; expos|public|internet|reachable"),
    ("B5.4", "database|role; user|role; permission|privilege|right|minimal"),
    ("B5.5", "connection; encrypt|tls|ssl; @database|postgres|db"),
    ("B6.1", "tls|ssl; protocol|version|1.2|1.3; modern|only|1.3|1.2|disable"),
    ("B6.2", "cipher; cipher"),
    ("B6.3", "header; security|hsts; present|configur|hsts|sent|set; !test|grade|rating"),
    ("B6.4", "rate|request; limit; @nginx; !api|upload"),
    ("B6.5", "server|nginx; token|version|server_tokens; hidden|hide|off"),
    ("B6.6", "ocsp; stapl"),
    ("B6.8", "body|client_max_body_size|upload; size|client_max_body_size; limit|maximum|client_max_body_size"),
    ("B7.1", "access; token; lifetime|expir|hour|minute"),
    ("B7.2", "refresh; token; lifetime|expir|day"),
    ("B7.3", "password; require|validat|policy|strength|complex; strong|enforc|validat|minimum|length; !database|postgres"),
    ("B7.4", "authenticat|login; requir|protect; route|view|endpoint|page|default"),
    ("B7.5", "admin; panel|site|page|area|interface; access|restrict|protect|limited; !audit|alert|log|mail"),
    ("B7.6", "csrf; protect|enabl|middleware; !test|tested|submission"),
    ("B8.1", "application|django; log|logs|logging; configur|enabl|set; !monitor|security|nginx|gunicorn"),
    ("B8.3", "certificate|cert$; expir; monitor|alert|watch|warn"),
    ("B8.5", "log|logs|logrotate; rotat|logrotate"),
    ("B8.6", "renew; log|logs|fail; monitor|alert|watch"),
    ("B9.1", "deploy; document|guide|runbook; complete|written|exist|current"),
    ("B9.2", "backup; strateg|plan|document; !test|restor"),
    ("B9.3", "updat|upgrad; process|procedure|document; document|written|defin|process"),
    ("B9.4", "rollback|roll; procedure|plan|defin|document|back"),
    ("B9.5", "security; updat|patch; plan|regular|automat|unattended|schedul; !document"),
    ("B9.6", "dependenc; updat; schedul|automat|dependabot|renovate"),
    ("B10.1", "feature|function; https; test|tested|work"),
    ("B10.2", "login; logout"),
    ("B10.3", "api; endpoint|route; test|tested"),
    ("B10.4", "cors; test|tested|preflight|verified"),
    ("B10.5", "form; csrf|submission; test|tested|submission"),
    ("B10.6", "mobile|phone; responsive|layout|verified|work"),
    ("B10.10", "error|404|500; page; test|tested|custom|own"),
    ("B16.3", "observatory; mozilla|grade|scan|observatory"),
    ("B16.4", "hsts; preload"),
    ("X12", "2fa|mfa|otp|factor; admin|staff"),
    ("X23", "integrity|sri$; script|style|cdn|sri$|hash"),
    ("X24", "robots.txt; robots.txt|secret|path|hidden|disclos"),
    ("X25", "cookie; __host|__secure|prefix"),
    ("X28", "caa; record|dns|caa"),
    ("X29", "security.txt; security.txt"),
    ("X39", "memory|cpu|pids; limit; container|service|docker|compose"),
    ("X40", "read; only; filesystem|root"),
];

/// The row whose words the box has, if no other row with another meaning has as many.
pub(super) fn find(words: &Words, section: &Words) -> Option<Found> {
    if ELSEWHERE.iter().any(|stem| words.has(stem)) {
        return None;
    }
    let mut best: Option<(usize, &Topic, Vec<&str>)> = None;
    let mut is_doubtful = false;
    for topic in TOPICS {
        let Some(met) = met(topic.1, words, section) else {
            continue;
        };
        let score = met.len();
        match &best {
            Some((known, other, _)) if *known == score => is_doubtful |= other.0 != topic.0,
            Some((known, ..)) if *known > score => {}
            _ => {
                is_doubtful = false;
                best = Some((score, topic, met));
            }
        }
    }
    let (_, (row, _), met) = best.filter(|_| !is_doubtful)?;
    let all = words.contents().count().max(1);
    let share = met.len() * 100 / all;
    if share < LEAST_SHARE {
        return None;
    }
    let confidence = (50 + share / 2).min(90);
    let because = format!("the words {}", met.join(", "));
    Some(Found::row(
        row,
        u8::try_from(confidence).unwrap_or(90),
        because,
    ))
}

/// The words of a box that meet the groups of a topic; `None` where one is not met.
fn met<'a>(groups: &str, words: &'a Words, section: &'a Words) -> Option<Vec<&'a str>> {
    let mut met: Vec<&str> = Vec::new();
    for group in groups.split("; ") {
        let (stems, by_heading) = match group.strip_prefix('@') {
            Some(stems) => (stems, true),
            None => (group, false),
        };
        if let Some(stems) = stems.strip_prefix('!') {
            if stems.split('|').any(|stem| words.has(stem)) {
                return None;
            }
            continue;
        }
        let of_group = |word: &&str| stems.split('|').any(|stem| is(word, stem));
        let found: Vec<_> = words.all().filter(of_group).collect();
        if found.is_empty() {
            let also = by_heading.then(|| section.all().find(of_group)).flatten();
            also?;
            continue;
        }
        for word in found {
            if !met.contains(&word) {
                met.push(word);
            }
        }
    }
    Some(met)
}
