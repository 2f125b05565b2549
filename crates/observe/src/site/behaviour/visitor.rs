//! Somebody who opened the login: cookies, and the form that was served to him.

use tightship_model::site::http::{Answer, Purpose};
use url::Url;

use super::form::{self, Form, TOKEN};
use super::jar::Jar;
use super::made_up;
use crate::site::http::{Capture, Field, Question, Way, html, next};

/// A visitor with a session of his own.
pub(super) struct Visitor {
    /// Where the login was found, redirects followed.
    pub(super) page: Url,
    pub(super) form: Form,
    jar: Jar,
    way: Way,
    /// Whether the page asks browsers to tell nobody where they come from.
    is_shy: bool,
}

/// A login that was found.
#[derive(Clone, Debug)]
pub(super) struct Login {
    pub(super) url: Url,
    /// Whether it is one of an API, which takes JSON and shows no form.
    pub(super) is_api: bool,
}

/// Requests of one opening at most: the login, and where it redirects.
pub(super) const OPENING: usize = 4;

impl Visitor {
    /// Opens the login.
    ///
    /// # Errors
    ///
    /// Why there is no form to fill in.
    pub(super) async fn open(
        capture: &mut Capture,
        login: &Login,
        way: Way,
    ) -> Result<Self, String> {
        match login.is_api {
            true => Self::ask(capture, &login.url, way).await,
            false => Self::visit(capture, &login.url, way).await,
        }
    }

    /// Another one, who comes this way. Who uses an API has no session, and nothing to open.
    pub(super) async fn another(&self, capture: &mut Capture, way: Way) -> Result<Self, String> {
        if !self.form.is_json {
            return Self::visit(capture, &self.page, way).await;
        }
        Ok(Self {
            page: self.page.clone(),
            form: self.form.clone(),
            jar: Jar::default(),
            way,
            is_shy: self.is_shy,
        })
    }

    /// Asks the login of an API with nothing, which it refuses by naming what it misses.
    async fn ask(capture: &mut Capture, url: &Url, way: Way) -> Result<Self, String> {
        let mut question = Question::get(Purpose::LoginForm, url.clone());
        question.method = "POST";
        question.is_json = true;
        question.way = way;
        let (exchange, private) = capture.one(question).await?;
        let answer = exchange
            .answer()
            .ok_or_else(|| format!("{url} gave no answer"))?;
        let mut form = form::of_api(answer.status, &private.body, url)?;
        if form.accounts.is_empty() {
            let mut question = Question::get(Purpose::LoginOptions, url.clone());
            question.method = "OPTIONS";
            question.is_json = true;
            question.way = way;
            let (_, private) = capture.one(question).await?;
            form.takes(form::offered(&private.body));
        }
        if form.accounts.is_empty() {
            return Err(format!(
                "which field of {url} takes the account is not clear"
            ));
        }
        Ok(Self {
            form,
            page: url.clone(),
            jar: Jar::default(),
            way,
            is_shy: false,
        })
    }

    /// Opens the page of the login.
    async fn visit(capture: &mut Capture, login: &Url, way: Way) -> Result<Self, String> {
        let mut jar = Jar::default();
        let mut url = login.clone();
        for _ in 0..OPENING {
            let mut question = Question::get(Purpose::LoginForm, url.clone());
            question.way = way;
            if let Some(cookies) = jar.field(&url) {
                question.headers.push(cookie(cookies));
            }
            let (exchange, private) = capture.one(question).await?;
            jar.take(private.cookies.iter().map(String::as_str), &url);
            if let Some(target) = next(exchange, &url) {
                url = target;
                continue;
            }
            let answer = exchange
                .answer()
                .ok_or_else(|| format!("{url} gave no answer"))?;
            if !answer.is_success() {
                return Err(format!("the login at {url} answers {}", answer.status));
            }
            let is_shy = is_shy(answer);
            let (page, forms) = html::read(&String::from_utf8_lossy(&private.body), &url);
            let scripts: Vec<_> = page
                .scripts
                .iter()
                .filter_map(|script| script.url.as_deref())
                .collect();
            return Ok(Self {
                form: form::read(&forms, &scripts, &url)?,
                page: url,
                jar,
                way,
                is_shy,
            });
        }
        Err(format!("{login} redirects more than {} times", OPENING - 1))
    }

    /// The form as a browser sends it, with a wrong password.
    pub(super) fn sends(&self, purpose: Purpose, account: &str) -> Question {
        // Fetch, "append a request Origin header": null under this policy, although the form is
        // sent to the site that served it.
        let question = self.filled(purpose, account, &self.form.others);
        match self.is_shy {
            true => question.with("Origin", "null"),
            false => question
                .with("Origin", self.page.origin().ascii_serialization())
                .with("Referer", self.page.as_str()),
        }
        .with("Sec-Fetch-Site", "same-origin")
    }

    /// The form as a page of `origin` has a browser send it: nothing in it is a secret of the site.
    pub(super) fn is_made_to_send(
        &self,
        purpose: Purpose,
        account: &str,
        origin: &str,
    ) -> Question {
        let known = |(name, _): &&(String, String)| name != TOKEN;
        let others: Vec<_> = self.form.others.iter().filter(known).cloned().collect();
        self.filled(purpose, account, &others)
            .with("Origin", origin)
            .with("Referer", format!("{origin}/"))
            .with("Sec-Fetch-Site", "cross-site")
    }

    /// Keeps the cookies of an answer to a form.
    pub(super) fn takes(&mut self, cookies: &[String]) {
        self.jar
            .take(cookies.iter().map(String::as_str), &self.form.action);
    }

    fn filled(&self, purpose: Purpose, account: &str, others: &[(String, String)]) -> Question {
        let form = &self.form;
        let mut question = Question::get(purpose, form.action.clone());
        question.method = "POST";
        question.is_json = form.is_json;
        question.way = self.way;
        question.account = Some(account.to_owned());
        question.form = others
            .iter()
            .map(|(name, value)| Field::secret(name, value, "what the form holds"))
            .collect();
        let accounts = form.accounts.iter();
        question.form.extend(
            accounts.map(|name| Field::secret(name, account, "an account that nobody has")),
        );
        let password = made_up::password();
        let password = Field::secret(&form.password, &password, "a wrong password");
        question.form.push(password);
        if let Some(cookies) = self.jar.field(&form.action) {
            question.headers.push(cookie(cookies));
        }
        question
    }
}

/// A field of which only the names and lengths are noted.
pub(super) fn cookie(cookies: String) -> Field {
    let shown: Vec<_> = cookies
        .split("; ")
        .map(tightship_model::site::http::redact_cookie)
        .collect();
    let shown = shown.join("; ");
    Field {
        name: "Cookie".to_owned(),
        value: cookies,
        shown: Some(shown),
    }
}

/// The last policy of the list counts (Referrer Policy, section 8.1).
fn is_shy(answer: &Answer) -> bool {
    let last = answer.values("referrer-policy").last();
    let last = last.and_then(|value| value.rsplit(',').next());
    last.is_some_and(|policy| policy.trim().eq_ignore_ascii_case("no-referrer"))
}
