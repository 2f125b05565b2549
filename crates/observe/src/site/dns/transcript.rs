//! A look at the DNS written by hand: the readable form in which examples state what it says.
//!
//! Records stand as in a zone file, without lifetime and class: `shop.example A 203.0.113.7`. What
//! has no record does not exist. A name followed by `servfail`, `refused`, `silent`, `bogus` (an
//! answer that does not validate) or `exists` (a name without records) ends in that. Lines with a
//! colon tell what is asked: `host:`, `mail:` (the domain that files send as), `relay:`, `selector:`,
//! `unasked:` with the reason; `resolver:` begins what another resolver says, and `authentic:` says
//! that this one validates.
//!
//! ```text
//! host: shop.example
//! shop.example A 203.0.113.7
//! shop.example MX 10 mail.shop.example
//! shop.example TXT v=spf1 mx -all
//! shop.example CAA 0 issue letsencrypt.org
//! ```
//!
//! The questions are those of a real look: the same plan asks them.

use tightship_model::site::dns::{Answer, Code, Data, Dns, Lookup, Question, Record, Reply, View};

use super::{names, plan};
use crate::site::{Options, Target};

/// Reads a transcript.
///
/// # Errors
///
/// The first line that is not of the form above.
pub fn read(text: &str) -> Result<Dns, String> {
    let mut host = String::new();
    let mut unasked = None;
    let mut zones = vec![Zone::default()];
    let mut wish = super::Wish {
        resolvers: vec![([192, 0, 2, 53], 53).into()],
        ..super::Wish::default()
    };
    for line in text.lines().map(str::trim) {
        let zone = zones.last_mut().ok_or("no zone")?;
        match line.split_once(": ") {
            _ if line.is_empty() => {}
            Some(("host", name)) => host = name.to_owned(),
            Some(("mail", name)) => wish.senders.push(format!("shop@{name}")),
            Some(("relay", name)) => wish.relay = Some(name.to_owned()),
            Some(("selector", name)) => wish.selectors.push(name.to_owned()),
            Some(("unasked", reason)) => unasked = Some(reason.to_owned()),
            Some(("resolver", _)) => zones.push(Zone::default()),
            Some(("authentic", _)) => zone.authentic = true,
            _ => zone.add(line)?,
        }
    }
    let target = Target::parse(&host).map_err(|error| error.to_string())?;
    let mut options = Options::new(target);
    options.dns = wish;
    let mut dns = names::names(&options);
    dns.unasked = unasked.or(dns.unasked);
    if dns.unasked.is_none() {
        for (number, zone) in zones.iter().enumerate() {
            let view = zone.view(&dns, number);
            dns.views.push(view);
        }
    }
    Ok(dns)
}

/// What one resolver knows.
#[derive(Default)]
struct Zone {
    authentic: bool,
    records: Vec<Record>,
    /// Names that end in something else, and in what.
    ends: Vec<(String, String)>,
}

impl Zone {
    fn add(&mut self, line: &str) -> Result<(), String> {
        let wrong = || format!("{line:?} is no record");
        let (name, rest) = line.split_once(' ').ok_or_else(wrong)?;
        let name = name.to_ascii_lowercase();
        if ["servfail", "refused", "silent", "bogus", "exists"].contains(&rest) {
            self.ends.push((name, rest.to_owned()));
            return Ok(());
        }
        let (kind, value) = rest.split_once(' ').ok_or_else(wrong)?;
        let target = || value.trim_end_matches('.').to_ascii_lowercase();
        let data = match kind {
            "A" => Data::A(value.parse().map_err(|_| wrong())?),
            "AAAA" => Data::Aaaa(value.parse().map_err(|_| wrong())?),
            "CNAME" => Data::Cname(target()),
            "TXT" => Data::Txt(value.to_owned()),
            "MX" => {
                let (preference, exchange) = value.split_once(' ').ok_or_else(wrong)?;
                Data::Mx {
                    preference: preference.parse().map_err(|_| wrong())?,
                    exchange: exchange.trim_end_matches('.').to_ascii_lowercase(),
                }
            }
            "CAA" => {
                let mut words = value.splitn(3, ' ');
                let flags: u8 = words
                    .next()
                    .and_then(|word| word.parse().ok())
                    .ok_or_else(wrong)?;
                Data::Caa {
                    critical: flags >= 128,
                    tag: words.next().ok_or_else(wrong)?.to_owned(),
                    value: words.next().ok_or_else(wrong)?.to_owned(),
                }
            }
            _ => return Err(wrong()),
        };
        self.records.push(Record { name, data });
        Ok(())
    }

    fn view(&self, dns: &Dns, number: usize) -> View {
        let mut view = View {
            resolver: format!("192.0.2.{}:53", 53 + number),
            ..View::default()
        };
        loop {
            let wanted = plan::wanted(dns, &view, number == 0);
            if wanted.is_empty() || view.lookups.len() > super::MOST_QUESTIONS {
                return view;
            }
            view.lookups
                .extend(wanted.into_iter().map(|question| Lookup {
                    reply: self.reply(&question),
                    question,
                }));
        }
    }

    fn reply(&self, question: &Question) -> Reply {
        let end = self.ends.iter().find(|(name, _)| *name == question.name);
        let code = match end.map(|(_, end)| end.as_str()) {
            Some("servfail") => Some(Code::ServFail),
            Some("bogus") if !question.unchecked => Some(Code::ServFail),
            Some("refused") => Some(Code::Refused),
            Some("silent") => return Reply::None("no answer in 2s, asked 2 times".to_owned()),
            _ => None,
        };
        let answer = |code, records| {
            Reply::Answer(Answer {
                code,
                authentic: self.authentic && code != Code::ServFail,
                records,
            })
        };
        if let Some(code) = code {
            return answer(code, Vec::new());
        }
        let mut records = Vec::new();
        let mut name = question.name.clone();
        for _ in 0..8 {
            let own: Vec<_> = self
                .records
                .iter()
                .filter(|record| record.name == name)
                .collect();
            // A name with others below it exists (RFC 8020).
            let below = format!(".{name}");
            let exists = !own.is_empty()
                || end.is_some_and(|(end, _)| *end == name)
                || self.records.iter().any(|one| one.name.ends_with(&below));
            if !exists {
                return answer(Code::NxDomain, records);
            }
            let mut alias = None;
            for record in own {
                match &record.data {
                    Data::Cname(target) => {
                        alias = Some(target.clone());
                        records.push(record.clone());
                    }
                    data if data.kind() == question.kind => records.push(record.clone()),
                    _ => {}
                }
            }
            match alias {
                Some(target) => name = target,
                None => return answer(Code::NoError, records),
            }
        }
        answer(Code::ServFail, Vec::new())
    }
}

#[cfg(test)]
mod tests {
    use tightship_model::site::dns::Kind;

    use super::*;

    #[test]
    fn the_plan_asks_what_stands_there() {
        let dns = read(
            "host: www.shop.example\nselector: s1\nwww.shop.example CNAME shop.example\n\
             shop.example A 203.0.113.7\nshop.example MX 10 mail.shop.example\n\
             shop.example TXT v=spf1 include:_spf.mail.example -all\n\
             _spf.mail.example TXT v=spf1 a:out.mail.example -all\n\
             s1._domainkey.shop.example TXT v=DKIM1; p=\n\
             resolver: another\nwww.shop.example servfail\n",
        )
        .expect("a transcript");
        let asked: Vec<_> = dns.views[0]
            .lookups
            .iter()
            .map(|one| format!("{} {}", one.question.name, one.question.kind.name()))
            .collect();
        for question in [
            "www.shop.example A",
            "shop.example AAAA",
            "www.shop.example CAA",
            "example CAA",
            "shop.example MX",
            "_spf.mail.example TXT",
            "out.mail.example A",
            "out.mail.example AAAA",
            "_dmarc.shop.example TXT",
            "_dmarc.example TXT",
            "s1._domainkey.shop.example TXT",
        ] {
            let count = asked.iter().filter(|one| *one == question).count();
            assert_eq!(count, 1, "{question} in {asked:#?}");
        }
        assert_eq!(dns.views[1].lookups.len(), 4, "addresses only");
        let answer = dns.views[0].answer("www.shop.example", Kind::A);
        let answer = answer.expect("an answer");
        assert_eq!(answer.of("www.shop.example", Kind::A).count(), 1);
    }

    #[test]
    fn what_is_no_record_is_refused() {
        for text in [
            "host: shop.example\nshop.example",
            "host: shop.example\nshop.example A x",
            "host: shop.example\nshop.example NS a.example",
            "shop.example A 192.0.2.1",
        ] {
            assert!(read(text).is_err(), "{text:?}");
        }
    }
}
