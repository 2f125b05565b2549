//! The form of a login, as a browser would fill it in.

use serde_json::Value;
use url::Url;

use crate::site::http::html::{Filled, Input};

/// A form that asks for a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Form {
    pub(super) action: Url,
    /// The fields that take the account; some logins of APIs take either of two.
    pub(super) accounts: Vec<String>,
    pub(super) password: String,
    /// What a browser sends beside them, without being asked.
    pub(super) others: Vec<(String, String)>,
    /// Why what is sent may be no whole attempt to log in.
    pub(super) doubt: Option<String>,
    /// Whether it is sent as JSON.
    pub(super) is_json: bool,
}

/// Django's name of the token.
pub(super) const TOKEN: &str = "csrfmiddlewaretoken";

/// Names that tell which field takes the account: those of Django, allauth and django-two-factor-auth
/// first.
const ACCOUNTS: [&str; 6] = [
    "login",
    "username",
    "auth-username",
    "email",
    "user",
    "id_login",
];

/// What widgets that tell people from programs are loaded from.
const RIDDLES: [&str; 5] = [
    "recaptcha",
    "hcaptcha",
    "challenges.cloudflare.com",
    "friendlycaptcha",
    "altcha",
];

/// The first form of a page that is sent by POST and asks for a password.
///
/// # Errors
///
/// Why there is none that can be filled in.
pub(super) fn read(forms: &[Filled], scripts: &[&str], page: &Url) -> Result<Form, String> {
    let filled = forms
        .iter()
        .find(|filled| filled.form.has_password && filled.form.method == "POST")
        .ok_or("the login holds no form with a password: a script or another site asks for it")?;
    let action = Url::parse(&filled.form.action).map_err(|error| error.to_string())?;
    if action.origin() != page.origin() {
        return Err("the form of the login is sent to another site".to_owned());
    }
    let is_password = |input: &&Input| input.kind == "password";
    let mut passwords = filled.inputs.iter().filter(is_password);
    let (Some(password), None) = (passwords.next(), passwords.next()) else {
        return Err("the form asks for more than one password".to_owned());
    };
    let texts: Vec<&Input> = filled
        .inputs
        .iter()
        .filter(|input| is_text(input))
        .collect();
    let account = texts
        .iter()
        .find(|input| ACCOUNTS.contains(&input.name.as_str()))
        .or(match &texts[..] {
            [_] => texts.first(),
            _ => None,
        })
        .ok_or("which field of the login takes the account is not clear")?;
    let more: Vec<&str> = texts
        .iter()
        .map(|input| input.name.as_str())
        .filter(|name| *name != account.name)
        .collect();
    let riddle = scripts.iter().find_map(|script| {
        let known = RIDDLES.iter().find(|known| script.contains(**known));
        known.copied()
    });
    let doubt = match (riddle, &more[..]) {
        (Some(riddle), _) => Some(format!(
            "the form asks for the answer to a riddle ({riddle})"
        )),
        (None, []) => None,
        (None, more) => Some(format!("the form also asks for {}", more.join(", "))),
    };
    Ok(Form {
        action,
        accounts: vec![account.name.clone()],
        password: password.name.clone(),
        others: others(&filled.inputs, &account.name),
        doubt,
        is_json: false,
    })
}

/// What the login of an API asks for, by its answer to an empty object: it refuses it, and names the
/// fields that it misses.
///
/// # Errors
///
/// Why nothing tells that it is a login.
pub(super) fn of_api(status: u16, body: &[u8], url: &Url) -> Result<Form, String> {
    /// The status of Django REST framework and of allauth for fields that are missing.
    const MISSES: u16 = 400;
    const PASSWORD: &str = "password";
    let missed = match status {
        MISSES => missed(body),
        _ => Vec::new(),
    };
    if !missed.iter().any(|name| name == PASSWORD) {
        return Err(format!(
            "{url} answers {status} to an empty object and asks for no password: nothing tells that it \
             is a login"
        ));
    }
    let mut form = Form {
        action: url.clone(),
        accounts: Vec::new(),
        password: PASSWORD.to_owned(),
        others: Vec::new(),
        doubt: None,
        is_json: true,
    };
    form.takes(missed);
    Ok(form)
}

impl Form {
    /// Takes the account into those of these fields that are known to hold it. dj-rest-auth asks for none,
    /// as it takes one or the other; then [`offered`] tells.
    pub(super) fn takes(&mut self, names: Vec<String>) {
        let names = names.into_iter().filter(|name| *name != self.password);
        let (accounts, more): (Vec<_>, Vec<_>) =
            names.partition(|name| ACCOUNTS.contains(&name.as_str()));
        self.accounts = accounts;
        self.doubt =
            (!more.is_empty()).then(|| format!("the API also asks for {}", more.join(", ")));
    }
}

/// The fields that a view of Django REST framework takes, by its answer to `OPTIONS`.
pub(super) fn offered(body: &[u8]) -> Vec<String> {
    let said: Value = serde_json::from_slice(body).unwrap_or_default();
    let Some(fields) = said.pointer("/actions/POST").and_then(Value::as_object) else {
        return Vec::new();
    };
    let is_taken = |field: &Value| field.get("read_only") != Some(&Value::Bool(true));
    let taken = fields.iter().filter(|(_, field)| is_taken(field));
    named(taken.map(|(name, _)| name.clone()).collect())
}

/// The fields that a refusal names: as keys (Django REST framework), or each as the `param` of an error
/// (allauth).
fn missed(body: &[u8]) -> Vec<String> {
    let Ok(Value::Object(said)) = serde_json::from_slice(body) else {
        return Vec::new();
    };
    named(match said.get("errors") {
        Some(Value::Array(errors)) => errors
            .iter()
            .filter_map(|error| error.get("param")?.as_str().map(str::to_owned))
            .collect(),
        _ => {
            let lists = said.iter().filter(|(_, said)| said.is_array());
            lists.map(|(name, _)| name.clone()).collect()
        }
    })
}

/// What a stranger calls its fields stands in messages.
fn named(mut names: Vec<String>) -> Vec<String> {
    names.retain(|name| name.len() <= 64 && !name.contains(char::is_control));
    names.truncate(16);
    names
}

fn is_text(input: &Input) -> bool {
    matches!(
        input.kind.as_str(),
        "" | "text" | "email" | "tel" | "search"
    )
}

/// Hidden fields, empty ones, and the first button with a name.
fn others(inputs: &[Input], account: &str) -> Vec<(String, String)> {
    let mut has_button = false;
    let mut sends = |input: &&Input| match input.kind.as_str() {
        "hidden" => true,
        "submit" => !std::mem::replace(&mut has_button, true),
        _ => is_text(input) && input.name != account,
    };
    inputs
        .iter()
        .filter(|input| !input.name.is_empty())
        .filter(|input| sends(input))
        .map(|input| (input.name.clone(), input.value.clone()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::http::html;

    fn form(text: &str) -> Result<Form, String> {
        let page = Url::parse("https://shop.example/login/?next=/").expect("an address");
        let (seen, forms) = html::read(text, &page);
        let scripts: Vec<_> = seen
            .scripts
            .iter()
            .filter_map(|script| script.url.as_deref())
            .collect();
        read(&forms, &scripts, &page)
    }

    #[test]
    fn the_form_of_django_is_filled_in() {
        let form = form(
            "<form method=get><input name=q></form><form method=post>\
             <input type=hidden name=csrfmiddlewaretoken value=abc><input name=username>\
             <input type=password name=password><input type=checkbox name=remember>\
             <input type=submit value=Log><input type=submit name=go value=1>\
             <input type=submit name=no></form>",
        )
        .expect("a form");
        assert_eq!(form.action.path(), "/login/");
        assert_eq!(form.accounts, ["username"]);
        assert_eq!((form.doubt, form.is_json), (None, false));
        let others = [("csrfmiddlewaretoken", "abc"), ("go", "1")];
        assert_eq!(
            form.others,
            others.map(|(name, value)| (name.to_owned(), value.to_owned()))
        );
    }

    #[test]
    fn an_api_says_what_it_misses() {
        let url = Url::parse("https://shop.example/api/token/").expect("an address");
        let of = |body: &str| of_api(400, body.as_bytes(), &url);
        for (body, accounts) in [
            (r#"{"username":["x"],"password":["x"]}"#, &["username"][..]),
            (r#"{"password":["x"],"email":["x"]}"#, &["email"]),
            // Which one it takes is not told.
            (r#"{"password":["x"]}"#, &[]),
            (
                r#"{"status":400,"errors":[{"param":"password"},{"param":"email","code":"required"}]}"#,
                &["email"],
            ),
        ] {
            let form = of(body).expect(body);
            assert_eq!(form.accounts, accounts, "{body}");
            assert!(form.is_json && form.doubt.is_none() && form.others.is_empty());
        }
        let more = of(r#"{"password":["x"],"captcha":["x"]}"#).expect("a form");
        assert_eq!(more.doubt.as_deref(), Some("the API also asks for captcha"));
        for body in ["", "[]", "{}", r#"{"detail":"no"}"#, r#"{"password":"x"}"#] {
            let error = of(body).expect_err(body);
            assert!(error.contains("nothing tells"), "{error}");
        }
        let options = r#"{"name":"Login","actions":{"POST":{"username":{"required":false},
            "email":{"required":false},"password":{},"token":{"read_only":true}}}}"#;
        assert_eq!(
            offered(options.as_bytes()),
            ["username", "email", "password"]
        );
        assert!(offered(b"no JSON").is_empty() && offered(b"{}").is_empty());
        let closed = of_api(401, br#"{"password":["x"]}"#, &url).expect_err("closed");
        assert!(closed.contains("answers 401"), "{closed}");
    }

    #[test]
    fn what_cannot_be_filled_in_is_said() {
        for (text, reason) in [
            ("<div id=app></div>", "no form with a password"),
            (
                "<form action=https://sso.example/ method=post><input name=login>\
                 <input type=password name=p></form>",
                "another site",
            ),
            (
                "<form method=post><input name=a><input name=b>\
                 <input type=password name=p></form>",
                "not clear",
            ),
            (
                "<form method=post><input name=login><input type=password name=p>\
                 <input type=password name=q></form>",
                "more than one",
            ),
        ] {
            let error = form(text).expect_err(text);
            assert!(error.contains(reason), "{error}");
        }
        let riddle = form(
            "<script src=https://www.google.com/recaptcha/api.js></script><form method=post>\
             <input name=login><input type=password name=p></form>",
        );
        let doubt = riddle.expect("a form").doubt.expect("a doubt");
        assert!(doubt.contains("recaptcha"), "{doubt}");
    }
}
