//! Many sites: one line for each as it is done, what they came to, and the worst as the exit code.

use std::fs::File;
use std::io::{self, IsTerminal as _, Write};
use std::num::NonZeroUsize;
use std::path::Path;
use std::process::ExitCode;
use std::sync::{Mutex, MutexGuard, PoisonError};

use indicatif::{ProgressBar, ProgressStyle};
use tightship_model::site::Site;
use tightship_model::{Check, Deployment, Head, Need, Report};
use tightship_observe::site::{Options, Target, observe_each};
use tightship_report::many::{Tally, json_line, line};

use crate::args::{self, Format, Outlet};
use crate::choices::Choices;
use crate::failure::Failure;
use crate::live;
use crate::outlet::{Manner, in_ascii, unwritable, width};
use crate::pipeline::fails;

/// `tightship check --url-file`: the exit code is that of the worst site.
pub(crate) fn check(args: &args::Check, file: &Path) -> Result<ExitCode, Failure> {
    let choices = Choices::of(args)?;
    let name = match is_stdin(file) {
        true => "stdin".to_owned(),
        false => file.display().to_string(),
    };
    let text = read(file)
        .map_err(|error| Failure::new(format!("{name} cannot be read: {error}"), HELP))?;
    // Nobody is asked before the whole list was understood.
    let mut total = 0;
    let mut first = None;
    for (number, address) in addresses(&text) {
        let target = Target::parse(address).map_err(|error| {
            Failure::new(
                format!("line {number} of {name} cannot be looked at: {error}"),
                HELP,
            )
        })?;
        first.get_or_insert(target);
        total += 1;
    }
    let Some(first) = first else {
        return Err(Failure::new(format!("{name} names no site"), HELP));
    };
    let empty = Deployment {
        now: choices.options.now,
        policy: choices.options.policy.clone(),
        ..Deployment::default()
    };
    let usual = live::options(&args.live, first, &empty)?;
    let run = Run::begin(&choices, args.manner, total, &empty)?;
    let sites = addresses(&text)
        .filter_map(|(_, address)| Target::parse(address).ok())
        .take_while(|_| !run.is_over())
        .map(|target| {
            let rate = args.live.rate.unwrap_or(Options::new(target.clone()).rate);
            let address = target.url().to_string();
            (
                address,
                Options {
                    target,
                    rate,
                    ..usual.clone()
                },
            )
        });
    let at_once = args.at_once.unwrap_or(AT_ONCE);
    observe_each(sites, at_once, |address, site| run.tell(&address, site)).map_err(|error| {
        Failure::new(
            format!("the sites of {name} could not be looked at: {error}"),
            "this machine gives no socket: is it out of files or memory?",
        )
    })?;
    run.end()
}

/// Sites that are looked at at once, unless told otherwise.
const AT_ONCE: NonZeroUsize = match NonZeroUsize::new(16) {
    Some(number) => number,
    None => NonZeroUsize::MIN,
};

const HELP: &str =
    "--url-file takes one address a line, like https://shop.example; # begins a comment";

fn is_stdin(file: &Path) -> bool {
    file.as_os_str() == "-"
}

fn read(file: &Path) -> io::Result<String> {
    match is_stdin(file) {
        true => tightship_read::text_of(io::stdin().lock()),
        false => tightship_read::given(file),
    }
}

/// The addresses of a list with the numbers of their lines, from 1. A comment begins with `#` at the
/// start of a line or behind a blank: within an address it begins a fragment.
fn addresses(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().filter_map(|(place, line)| {
        let is_comment = |(at, _): &(usize, &str)| {
            let before = &line[..*at];
            before.is_empty() || before.ends_with([' ', '\t'])
        };
        let comment = line.match_indices('#').find(is_comment);
        let address = comment.map_or(line, |(at, _)| &line[..at]).trim();
        (!address.is_empty()).then_some((place + 1, address))
    })
}

/// What all looks share.
struct Run<'a> {
    choices: &'a Choices,
    empty: &'a Deployment,
    bar: ProgressBar,
    told: Mutex<Told>,
}

/// What was told so far.
struct Told {
    sinks: Vec<Sink>,
    tally: Tally,
    code: u8,
    /// Why no more can be told; a closed pipe is quiet.
    failure: Option<Failure>,
    is_over: bool,
}

/// Where lines go.
struct Sink {
    format: Format,
    /// As the user named it.
    name: String,
    is_ascii: bool,
    out: Box<dyn Write + Send>,
}

impl<'a> Run<'a> {
    fn begin(
        choices: &'a Choices,
        manner: Manner,
        total: u64,
        empty: &'a Deployment,
    ) -> Result<Self, Failure> {
        let sinks = choices
            .outlets
            .iter()
            .map(|outlet| Sink::open(outlet, manner));
        let sinks = sinks.collect::<Result<_, _>>()?;
        let bar = match io::stderr().is_terminal() {
            true => ProgressBar::new(total),
            false => ProgressBar::hidden(),
        };
        // It is a template of ours, which can be read.
        if let Ok(style) = ProgressStyle::with_template("{pos} of {len} sites  {elapsed}") {
            bar.set_style(style);
        }
        Ok(Self {
            choices,
            empty,
            bar,
            told: Mutex::new(Told {
                sinks,
                tally: Tally::default(),
                code: 0,
                failure: None,
                is_over: false,
            }),
        })
    }

    fn is_over(&self) -> bool {
        self.told().is_over
    }

    /// Judges a site and tells it at once.
    fn tell(&self, address: &str, site: Option<Site>) {
        let Some(site) = site else {
            self.told().failure.get_or_insert(Failure::new(
                format!("tightship itself failed at {address}"),
                "this is a fault in tightship: please report it with that address",
            ));
            return;
        };
        let deployment = Deployment {
            site: Some(site),
            ..self.empty.clone()
        };
        let stands_on_site =
            |check: &Check| check.needs.contains(&Need::Site) && self.choices.selects(check);
        let verdicts = tightship_checks::judge(&deployment, stands_on_site);
        let code = u8::from(verdicts.iter().any(|verdict| fails(verdict, self.choices)));
        let report = tightship_report::Report::of(&Report {
            deployment: &deployment,
            verdicts,
            head: Head {
                root: address.to_owned(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
                site_grades: tightship_checks::site_grades(&deployment),
                ..Head::default()
            },
        });
        let mut told = self.told();
        told.tally.add(&report);
        told.code = told.code.max(code);
        self.bar.suspend(|| {
            told.write(|format, out| match format {
                Format::Json => json_line(&report, out),
                _ => line(&report, out),
            });
        });
        self.bar.inc(1);
    }

    /// Tells what the sites came to.
    fn end(self) -> Result<ExitCode, Failure> {
        self.bar.finish_and_clear();
        let mut told = self
            .told
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        let tally = std::mem::take(&mut told.tally);
        told.write(|format, out| match format {
            // Each line is a document.
            Format::Json => Ok(()),
            _ => tally.render(width(), out),
        });
        match told.failure {
            Some(failure) => Err(failure),
            None => Ok(ExitCode::from(told.code)),
        }
    }

    fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Told {
    /// Writes to each sink, whole lines at a time.
    fn write(&mut self, word: impl Fn(Format, &mut dyn Write) -> io::Result<()>) {
        for sink in &mut self.sinks {
            let mut text = Vec::new();
            let written = word(sink.format, &mut text)
                .and_then(|()| sink.out.write_all(&in_ascii(text, sink.is_ascii)))
                .and_then(|()| sink.out.flush());
            if let Err(error) = written {
                self.is_over = true;
                if error.kind() != io::ErrorKind::BrokenPipe {
                    self.failure.get_or_insert(unwritable(&sink.name, &error));
                }
            }
        }
    }
}

impl Sink {
    fn open(outlet: &Outlet, manner: Manner) -> Result<Self, Failure> {
        if !matches!(outlet.format, Format::Terminal | Format::Json) {
            return Err(Failure::new(
                "--url-file is told in the formats terminal and json alone",
                "each line of --format json is a report, which `tightship report` words",
            ));
        }
        let (name, out): (_, Box<dyn Write + Send>) = match &outlet.file {
            None if manner.no_color => (
                "stdout".to_owned(),
                Box::new(anstream::StripStream::new(io::stdout())),
            ),
            None => ("stdout".to_owned(), Box::new(anstream::stdout())),
            Some(file) => {
                let name = file.display().to_string();
                let opened = File::create(file).map_err(|error| unwritable(&name, &error))?;
                (name, Box::new(anstream::StripStream::new(opened)))
            }
        };
        let is_ascii = match &outlet.file {
            _ if outlet.format == Format::Json => false,
            None => manner.is_ascii(),
            Some(_) => manner.ascii,
        };
        Ok(Self {
            format: outlet.format,
            name,
            is_ascii,
            out,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_addresses_and_comments() {
        let text = "# sites\r\nshop.example\r\n\n  https://a.example/x#y  # ours\nhttps://b.example/#c\n\t#d\n";
        let read: Vec<_> = addresses(text).collect();
        assert_eq!(
            read,
            [
                (2, "shop.example"),
                (4, "https://a.example/x#y"),
                (5, "https://b.example/#c")
            ]
        );
    }
}
