//! Health checks that ask a server over HTTP: what they send, and what they take for healthy.

use tightship_model::compose::Service;
use tightship_model::image::Healthcheck;
use tightship_model::{Deployment, Span};

/// The command of a health check.
pub(super) struct Probe {
    /// Its words, the program first; only those of the first command of a script.
    pub(super) words: Vec<String>,
    pub(super) span: Span,
}

/// What a program sends, and how it takes the answer.
#[derive(Debug, PartialEq)]
pub(super) struct Ask {
    pub(super) program: &'static str,
    /// As in the URL, with its port where one is written.
    pub(super) authority: String,
    pub(super) path: String,
    pub(super) query: String,
    pub(super) method: &'static str,
    /// Headers that the command names.
    pub(super) headers: Vec<(String, String)>,
    /// Whether it ends in an error where the answer is 400 or more.
    pub(super) minds_errors: bool,
    /// Whether it goes on to where a redirect leads.
    pub(super) follows: bool,
}

impl Probe {
    /// The health check that a service runs: Compose's, or else that of the image. `None` where
    /// there is none, or its script is more than one command.
    pub(super) fn of(deployment: &Deployment, service: &Service) -> Option<Self> {
        if let Some(own) = &service.healthcheck {
            if own.is_disabled {
                return None;
            }
            if let Some(test) = own.test.as_ref().filter(|test| test.open.is_empty()) {
                let (kind, rest) = test.words.split_first()?;
                let words = match kind.as_str() {
                    "CMD" => rest.to_vec(),
                    _ => first_command(rest.first()?)?,
                };
                return Some(Self {
                    words,
                    span: test.span,
                });
            }
        }
        let image = deployment.containers()?.image(&service.name)?;
        let Healthcheck::Test(test) = &image.config.healthcheck.as_ref()?.value else {
            return None;
        };
        let words = match test.argv.script() {
            Some(script) => first_command(script)?,
            None => test.argv.words.clone(),
        };
        Some(Self {
            words,
            span: test.argv.span,
        })
    }

    /// The program without its folder.
    pub(super) fn program(&self) -> &str {
        let first = self.words.first().map_or("", String::as_str);
        first.rsplit('/').next().unwrap_or(first)
    }

    /// `None` where it is no plain request: another program, an option that is not known here.
    pub(super) fn ask(&self) -> Option<Ask> {
        let arguments = self.words.get(1..)?;
        match self.program() {
            "curl" => curl(arguments),
            "wget" => wget(arguments),
            program if program.starts_with("python") => python(arguments),
            _ => None,
        }
    }
}

impl Ask {
    fn new(program: &'static str, url: &str) -> Option<Self> {
        let rest = url.strip_prefix("http://")?;
        let (authority, target) = match rest.find('/') {
            Some(at) => rest.split_at(at),
            None => (rest, "/"),
        };
        let target = target.split('#').next().unwrap_or(target);
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        Some(Self {
            program,
            authority: authority.to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            method: "GET",
            headers: Vec::new(),
            minds_errors: true,
            follows: true,
        })
    }

    /// Host and port that it connects to.
    pub(super) fn target(&self) -> Option<(&str, u16)> {
        match self.authority.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => Some((host, port.parse().ok()?)),
            _ => Some((&self.authority, 80)),
        }
    }

    /// The headers as the server gets them.
    pub(super) fn sent(&self) -> Vec<(String, String)> {
        let mut headers = self.headers.clone();
        if headers
            .iter()
            .all(|(name, _)| !name.eq_ignore_ascii_case("Host"))
        {
            let host = self
                .authority
                .strip_suffix(":80")
                .unwrap_or(&self.authority);
            headers.push(("Host".to_owned(), host.to_owned()));
        }
        headers
    }
}

/// Options of curl 7.88 that are known here. Tried: without `-f` an answer of 400 ends in 0, with
/// it in 22; a redirect ends in 0 unless `-L` follows it.
fn curl(arguments: &[String]) -> Option<Ask> {
    const WITH_VALUE: &str = "oHmAeXr";
    let (mut url, mut headers) = (None, Vec::new());
    let (mut minds_errors, mut follows, mut method) = (false, false, "GET");
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        if let Some(long) = word.strip_prefix("--") {
            match long {
                "fail" | "fail-with-body" => minds_errors = true,
                "location" => follows = true,
                "head" => method = "HEAD",
                "silent" | "show-error" | "insecure" | "ipv4" | "no-progress-meter" => {}
                "header" => headers.push(header(words.next()?)?),
                "max-time" | "connect-timeout" | "output" | "user-agent" | "retry" => {
                    words.next()?;
                }
                _ => return None,
            }
        } else if let Some(short) = word.strip_prefix('-') {
            for (at, letter) in short.char_indices() {
                match letter {
                    'f' => minds_errors = true,
                    'L' => follows = true,
                    'I' => method = "HEAD",
                    's' | 'S' | 'k' | '4' | 'i' | 'v' | 'N' => {}
                    _ if WITH_VALUE.contains(letter) => {
                        let own = &short[at + 1..];
                        let value = match own {
                            "" => words.next()?.as_str(),
                            own => own,
                        };
                        match (letter, value) {
                            ('H', text) => headers.push(header(text)?),
                            ('X', "GET") => method = "GET",
                            ('X', "HEAD") => method = "HEAD",
                            ('X', _) => return None,
                            _ => {}
                        }
                        break;
                    }
                    _ => return None,
                }
            }
        } else if url.replace(word).is_some() {
            return None;
        }
    }
    Some(Ask {
        headers,
        minds_errors,
        follows,
        method,
        ..Ask::new("curl", url?)?
    })
}

/// wget, and BusyBox's. Tried with wget 1.21: it follows redirects, and 400 or more is an error.
fn wget(arguments: &[String]) -> Option<Ask> {
    let (mut url, mut headers, mut method) = (None, Vec::new(), "GET");
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--spider" => method = "HEAD",
            "--header" => headers.push(header(words.next()?)?),
            "-O" | "-t" | "-T" | "-qO" | "-U" => {
                words.next()?;
            }
            "-q" | "-nv" | "-S" | "--quiet" | "--no-verbose" | "--no-check-certificate" => {}
            option if option.starts_with("--header=") => {
                headers.push(header(&option["--header=".len()..])?);
            }
            option
                if [
                    "--tries=",
                    "--timeout=",
                    "--output-document=",
                    "-O",
                    "-qO",
                    "-t",
                    "-T",
                ]
                .iter()
                .any(|known| option.starts_with(known)) => {}
            option if option.starts_with('-') => return None,
            _ if url.is_some() => return None,
            _ => url = Some(word),
        }
    }
    Some(Ask {
        headers,
        method,
        ..Ask::new("wget", url?)?
    })
}

/// `python -c "… urlopen('http://…') …"`, which follows redirects and raises at 400 or more.
fn python(arguments: &[String]) -> Option<Ask> {
    let [option, script] = arguments else {
        return None;
    };
    let is_other = ["Request(", "headers", "except", "Host", "%", "{"]
        .iter()
        .any(|sign| script.contains(sign));
    if option != "-c" || is_other || script.matches("://").count() != 1 {
        return None;
    }
    let (before, after) = script.split_at(script.find("http://")?);
    let quote = before.chars().next_back()?;
    if !before[..before.len() - quote.len_utf8()].ends_with("urlopen(") {
        return None;
    }
    Ask::new("python", after.split(quote).next()?)
}

fn header(text: &str) -> Option<(String, String)> {
    let (name, value) = text.split_once(':')?;
    Some((name.trim().to_owned(), value.trim().to_owned()))
}

/// The words of a script's first command; `None` where variables, pipes or further commands have a
/// say, other than `|| exit 1`.
fn first_command(script: &str) -> Option<Vec<String>> {
    let (first, otherwise) = match script.split_once("||") {
        Some((first, otherwise)) => (first, otherwise.trim()),
        None => (script, ""),
    };
    if !matches!(otherwise, "" | "exit 1" | "false" | "exit 1;" | "kill 1") {
        return None;
    }
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    for letter in first.chars() {
        match (quote, letter) {
            (Some(open), _) if letter == open => quote = None,
            (Some('"') | None, '$' | '`' | '\\') | (None, '|' | '&' | ';' | '<' | '(') => {
                return None;
            }
            (Some(_), _) => word.get_or_insert_default().push(letter),
            (None, '>') => return redirected(words, word),
            (None, '\'' | '"') => {
                quote = Some(letter);
                word.get_or_insert_default();
            }
            (None, _) if letter.is_whitespace() => words.extend(word.take()),
            (None, _) => word.get_or_insert_default().push(letter),
        }
    }
    words.extend(word);
    quote.is_none().then_some(words)
}

/// The words before `> /dev/null`.
fn redirected(mut words: Vec<String>, word: Option<String>) -> Option<Vec<String>> {
    words.extend(word.filter(|word| !matches!(word.as_str(), "1" | "2")));
    Some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(script: &str) -> Option<Ask> {
        let words = first_command(script)?;
        let span = Span::new(tightship_model::SourceId(0), 0, 0);
        Probe { words, span }.ask()
    }

    #[test]
    fn a_request_is_read_from_its_command() {
        let asked =
            ask("curl -fsS -H 'Host: shop.example' http://localhost:8000/up/?a=b || exit 1");
        let asked = asked.expect("a request");
        assert_eq!(asked.path, "/up/");
        assert_eq!(asked.query, "a=b");
        assert_eq!(asked.target(), Some(("localhost", 8000)));
        assert_eq!(
            asked.sent(),
            [("Host".to_owned(), "shop.example".to_owned())]
        );
        assert!(asked.minds_errors && !asked.follows);
        let bare = ask("curl http://127.0.0.1/").expect("a request");
        assert!(!bare.minds_errors);
        assert_eq!(bare.target(), Some(("127.0.0.1", 80)));
        let spider = ask("wget -qO- --header=Host:a http://[::1]:80/ > /dev/null");
        assert_eq!(spider.expect("a request").target(), Some(("[::1]", 80)));
    }

    #[test]
    fn what_is_not_plain_is_not_read() {
        for script in [
            "curl -f http://localhost:$PORT/",
            "curl -s http://localhost/ | grep ok",
            "curl -f http://localhost/ && ./more",
            "curl --unheard http://localhost/",
            "curl -f https://localhost/",
            "./check.sh",
        ] {
            assert_eq!(ask(script), None, "{script}");
        }
    }
}
