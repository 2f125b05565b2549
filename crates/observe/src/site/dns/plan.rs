//! What is asked next: a pure function of what is known.

use tightship_model::site::dns::{Code, Dns, Kind, Question, Reply, View};
use tightship_predict::dns::relay::provider;
use tightship_predict::dns::{Gap, caa, dmarc, spf};

/// The questions whose answers are missing, each once; none at the end. Only a `whole` look asks
/// for more than addresses.
pub(super) fn wanted(dns: &Dns, view: &View, whole: bool) -> Vec<Question> {
    let mut wanted = Wanted {
        view,
        questions: Vec::new(),
    };
    for name in [Some(&dns.host), dns.twin.as_ref()].into_iter().flatten() {
        for kind in [Kind::A, Kind::Aaaa] {
            wanted.ask(Question::new(name, kind));
        }
    }
    if whole {
        wanted.unchecked(&dns.host);
        wanted.missing(caa::relevant(&dns.host, view));
        if let Some(relay) = &dns.relay {
            wanted.relay(relay);
        }
        for domain in &dns.mail {
            wanted.mail(&domain.name);
            for selector in &dns.selectors {
                let name = format!("{selector}._domainkey.{}", domain.name);
                wanted.ask(Question::new(&name, Kind::Txt));
            }
        }
    }
    wanted.questions
}

struct Wanted<'a> {
    view: &'a View,
    questions: Vec<Question>,
}

impl Wanted<'_> {
    fn ask(&mut self, question: Question) {
        if self.view.reply(&question).is_none() && !self.questions.contains(&question) {
            self.questions.push(question);
        }
    }

    fn missing<T>(&mut self, result: Result<T, Gap>) {
        if let Err(Gap::Missing(question)) = result {
            self.ask(question);
        }
    }

    /// Where the resolver has no answer: does it have one that it does not believe?
    fn unchecked(&mut self, host: &str) {
        let question = Question::new(host, Kind::A);
        if let Some(Reply::Answer(answer)) = self.view.reply(&question)
            && answer.code == Code::ServFail
        {
            self.ask(Question {
                unchecked: true,
                ..question
            });
        }
    }

    /// Where a relay sends from.
    fn relay(&mut self, host: &str) {
        match provider(host) {
            Some(provider) => self.missing(provider.addresses(self.view)),
            None => {
                for kind in [Kind::A, Kind::Aaaa] {
                    self.ask(Question::new(host, kind));
                }
            }
        }
    }

    fn mail(&mut self, domain: &str) {
        self.ask(Question::new(domain, Kind::Mx));
        if let Err(question) = spf::strangers(domain, spf::Limits::WIDE, self.view) {
            self.ask(question);
        }
        self.missing(dmarc::policy(domain, self.view));
    }
}
