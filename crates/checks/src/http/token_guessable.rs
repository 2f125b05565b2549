use tightship_model::site::http::{Http, Mark, Purpose};
use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use super::behaviour::{all_answered, probed};
use super::look::{Answered, shown, unseen};

pub(super) static CHECK: Check = Check {
    id: "http/token-guessable",
    title: "A compressed page gives away a token by its length",
    severity: Severity::Medium,
    needs: &[Need::Site],
    items: &["A5.4", "B6.7"],
    django_ids: &[],
    references: &[
        Reference::Url("https://www.breachattack.com/"),
        Reference::Django("ref/middleware/#module-django.middleware.gzip"),
        Reference::Cwe(208),
    ],
    doc: include_str!("token_guessable.md"),
    run: |deployment| look(deployment).unwrap_or_else(|outcome| outcome),
};

/// How often a word and a name must be seen to say anything.
const TIMES: usize = 3;

/// Bytes by which equal answers may differ: nonces of equal length pack a little differently.
const NOISE: usize = 4;

fn look(deployment: &Deployment) -> Result<Outcome, Outcome> {
    let (http, _) = probed(deployment, Purpose::BreachOpen, "breach")?;
    let opened = all_answered(http.all(Purpose::BreachOpen))?;
    if opened.iter().any(|page| !page.exchange.is_secure()) {
        return Err(Outcome::NotApplicable(
            "over plain HTTP the tokens themselves are read".to_owned(),
        ));
    }
    if http.all(Purpose::BreachWord).next().is_none() {
        return nothing_to_give_away(&opened);
    }
    let sent = Sent::of(http, &opened)?;
    let Some(token) = sent.token()? else {
        return Ok(sent
            .page
            .passes("its tokens are masked anew in each answer, or the same for everybody"));
    };
    sent.weigh(token)
}

/// No page was found that holds a token and comes compressed.
fn nothing_to_give_away(opened: &[Answered<'_>]) -> Result<Outcome, Outcome> {
    let unread = opened.iter().find(|page| {
        let content = &page.answer.content;
        let is_compressed = page.answer.value("content-encoding").is_some();
        is_compressed && (content.packed.is_none() || content.cut.is_some())
    });
    if let Some(unread) = unread {
        return Err(unseen(
            format!(
                "{} comes compressed and was not read to its end",
                shown(&unread.exchange.request.url)
            ),
            "see that what it repeats of a query and its tokens are not in one answer, or that tokens \
             are masked as Django's are",
        ));
    }
    Ok(Outcome::Pass(
        opened
            .iter()
            .map(|page| {
                page.evidence(match page.answer.content.packed {
                    Some(_) => "what strangers are shown holds no token",
                    None => "what strangers are shown is not compressed",
                })
            })
            .collect(),
    ))
}

/// What was sent to one page.
struct Sent<'a> {
    /// As the visitor opened it.
    page: Answered<'a>,
    words: Vec<Answered<'a>>,
    names: Vec<Answered<'a>>,
    /// As another visitor opened it.
    stranger: Answered<'a>,
}

impl<'a> Sent<'a> {
    fn of(http: &'a Http, opened: &[Answered<'a>]) -> Result<Self, Outcome> {
        let words = all_answered(http.all(Purpose::BreachWord))?;
        let names = all_answered(http.all(Purpose::BreachName))?;
        let strangers = all_answered(http.all(Purpose::BreachStranger))?;
        let (Some(page), [stranger]) = (opened.last(), &strangers[..]) else {
            return Err(cut_short());
        };
        if words.len() < TIMES || names.len() < TIMES {
            return Err(cut_short());
        }
        Ok(Self {
            page: *page,
            stranger: *stranger,
            words,
            names,
        })
    }

    /// The name of a token that is the same in each answer to the visitor and another in the one to a
    /// stranger: the control. One that all share is no secret, one that is masked anew is none to learn.
    fn token(&self) -> Result<Option<&'a str>, Outcome> {
        let value = |seen: &Answered<'_>, name: &str| {
            let mut tokens = seen.answer.content.tokens.iter();
            let token = tokens.find(|token| token.name == name)?;
            Some(token.value)
        };
        let own = || self.words.iter().chain(&self.names);
        let mut is_open = false;
        for token in &self.page.answer.content.tokens {
            let same = own()
                .filter(|seen| value(seen, &token.name) == Some(token.value))
                .count();
            let Some(other) = value(&self.stranger, &token.name) else {
                is_open = true;
                continue;
            };
            match same {
                0 => {}
                _ if other == token.value => {}
                _ if same == own().count() => return Ok(Some(&token.name)),
                _ => is_open = true,
            }
        }
        match is_open {
            true => Err(unseen(
                "the tokens of the page are now the same and now others",
                AGAIN,
            )),
            false => Ok(None),
        }
    }

    /// Holds the lengths of the answers against each other.
    fn weigh(&self, token: &str) -> Result<Outcome, Outcome> {
        let page = shown(&self.page.exchange.request.url);
        let repeated = self.words.iter().filter(|seen| repeats(seen)).count();
        if repeated < self.words.len() {
            return Err(unseen(
                match repeated {
                    0 => format!(
                        "{page} is compressed and holds {}, and repeats nothing of the query that was \
                         sent: what else it repeats was not seen",
                        shown(token)
                    ),
                    _ => format!("{page} repeats the query now and then"),
                },
                "mask the token anew in each answer as Django does, or leave the page uncompressed",
            ));
        }
        let lengths = |seen: &[Answered<'_>]| -> Option<(usize, usize)> {
            let all: Option<Vec<usize>> =
                seen.iter().map(|one| one.answer.content.packed).collect();
            let all = all?;
            Some((*all.iter().min()?, *all.iter().max()?))
        };
        let (Some(words), Some(names)) = (lengths(&self.words), lengths(&self.names)) else {
            return Err(unseen("not every answer came compressed", AGAIN));
        };
        if words.1 - words.0 > NOISE || names.1 - names.0 > NOISE {
            return Err(unseen(
                format!(
                    "equal requests for {page} are answered with {} to {} bytes: as with padding at \
                     random, which makes the attack longer and does not end it",
                    words.0, words.1
                ),
                "mask the token anew in each answer as Django does, or leave the page uncompressed",
            ));
        }
        if names.1 >= words.0 {
            return Err(unseen(
                format!("the answers of {page} are as long whatever it repeats"),
                AGAIN,
            ));
        }
        Ok(Outcome::Fail(vec![self.page.finding(
            &format!("token:{}", shown(token)),
            format!(
                "whoever reads the lengths of what a visitor is sent, in the same network, learns his \
                 {} letter by letter, while a foreign page has his browser ask for {page} again and \
                 again: what the query says is packed together with it, and a guess that fits is \
                 shorter ({} bytes instead of {})",
                shown(token),
                names.1,
                words.0
            ),
            "Mask the token anew in each answer, as `{% csrf_token %}` does; or leave pages that hold one \
             uncompressed (`gzip off;` in their location).",
        )]))
    }
}

fn repeats(seen: &Answered<'_>) -> bool {
    seen.answer.content.marks.contains(&Mark::QueryRepeated)
}

fn cut_short() -> Outcome {
    unseen("not every request was sent", AGAIN)
}

const AGAIN: &str = "look again with --probe breach alone";
