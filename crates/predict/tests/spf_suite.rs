//! SPF against the suite of RFC 7208 (release 2014.04), which ships with pyspf.
//!
//! The suite is fetched by name from the package index and kept below `target`; nothing of it is
//! in this repository.

#![expect(
    clippy::print_stdout,
    reason = "the score by scenario is what one runs it for"
)]
#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tightship_model::site::dns::{Answer, Code, Data, Kind, Question, Record, Reply};
use tightship_predict::dns::Answers;
use tightship_predict::dns::spf::{Limits, Outcome, Sender, check_host};

/// How many cases the suite has.
const CASES: usize = 203;

#[test]
fn the_suite_of_rfc_7208() {
    let mut right = 0;
    let mut wrong = Vec::new();
    let mut second_choice = 0;
    for scenario in scenarios() {
        let zone = Zone::of(&scenario);
        let tests = scenario["tests"].as_object().unwrap();
        let before = right;
        for (name, test) in tests {
            match judge(&zone, test) {
                Ok(preferred) => {
                    right += 1;
                    second_choice += usize::from(!preferred);
                }
                Err(why) => wrong.push(format!("{name}: {why}")),
            }
        }
        println!(
            "{:<44}{:>4} of {:>3}",
            scenario["description"].as_str().unwrap(),
            right - before,
            tests.len()
        );
    }
    println!(
        "{right} of {} cases, {second_choice} of them by an answer that the suite allows beside \
         the one that it prefers",
        right + wrong.len()
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(right, CASES);
}

/// Whether the answer is the preferred one of those that are right.
fn judge(zone: &Zone, test: &Value) -> Result<bool, String> {
    let text = |key: &str| test[key].as_str().unwrap_or_default();
    let sender = Sender {
        ip: text("host").parse().unwrap(),
        from: text("mailfrom"),
        helo: text("helo"),
        now: 0,
    };
    let asked = zone.answers();
    let evaluation = loop {
        match check_host(&sender, Limits::RFC_7208, &asked) {
            Ok(evaluation) => break evaluation,
            Err(question) => asked.ask(zone, question),
        }
    };
    let outcome = match evaluation.outcome {
        Outcome::None => "none",
        Outcome::Neutral => "neutral",
        Outcome::Pass => "pass",
        Outcome::Fail => "fail",
        Outcome::SoftFail => "softfail",
        Outcome::TempError => "temperror",
        Outcome::PermError => "permerror",
    };
    let allowed: Vec<_> = match &test["result"] {
        Value::Array(several) => several.iter().filter_map(Value::as_str).collect(),
        one => one.as_str().into_iter().collect(),
    };
    if !allowed.contains(&outcome) {
        return Err(format!(
            "{outcome} ({}), not {allowed:?}",
            evaluation.because
        ));
    }
    let explanation = evaluation.explanation.as_deref().unwrap_or("DEFAULT");
    match test["explanation"].as_str() {
        Some(wanted) if wanted != explanation => Err(format!("explains {explanation:?}")),
        _ => Ok(allowed.first() == Some(&outcome)),
    }
}

/// The scenarios as JSON: Python's own reader of YAML translates them.
fn scenarios() -> Vec<Value> {
    const SCRIPT: &str = "import json, sys, yaml\n\
        suite = open(sys.argv[1], encoding='utf-8')\n\
        print(json.dumps(list(yaml.safe_load_all(suite)), default=str))";
    let suite = tightship_testbed::pyspf(Path::new(env!("CARGO_TARGET_TMPDIR")));
    let done = Command::new(tightship_testbed::python("django52"))
        .args(["-c", SCRIPT])
        .arg(suite.join("test/rfc7208-tests.yml"))
        .output()
        .unwrap();
    assert!(done.status.success(), "{done:?}");
    serde_json::from_slice(&done.stdout).unwrap()
}

/// What the servers of a scenario say.
struct Zone(BTreeMap<String, Vec<Entry>>);

enum Entry {
    Data(Data),
    /// No question about the name is answered, but those whose records stand before this.
    Silence,
}

impl Zone {
    fn of(scenario: &Value) -> Self {
        let mut zone = BTreeMap::new();
        for (name, entries) in scenario["zonedata"].as_object().unwrap() {
            let entries = entries.as_array().unwrap();
            // Records of the retired type SPF stand for TXT too where the name has none.
            let has_texts = entries.iter().any(|entry| entry.get("TXT").is_some());
            let read = entries.iter().filter_map(|entry| read(entry, has_texts));
            zone.insert(name.to_ascii_lowercase(), read.collect());
        }
        Self(zone)
    }

    fn answers(&self) -> Asked {
        Asked::default()
    }

    fn reply(&self, question: &Question) -> Reply {
        let mut name = question.name.clone();
        let mut records = Vec::new();
        for _ in 0..8 {
            let Some(entries) = self.0.get(&name) else {
                return answer(Code::NxDomain, records);
            };
            let mut alias = None;
            let mut is_found = false;
            for entry in entries {
                match entry {
                    Entry::Silence if !is_found => return Reply::None("no answer".to_owned()),
                    Entry::Silence => {}
                    Entry::Data(data) => {
                        is_found |= data.kind() == question.kind;
                        if let Data::Cname(target) = data {
                            alias = Some(target.clone());
                        }
                        if data.kind() == question.kind || data.kind() == Kind::Cname {
                            records.push(Record {
                                name: name.clone(),
                                data: data.clone(),
                            });
                        }
                    }
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

fn answer(code: Code, records: Vec<Record>) -> Reply {
    Reply::Answer(Answer {
        code,
        authentic: false,
        records,
    })
}

fn read(entry: &Value, has_texts: bool) -> Option<Entry> {
    let Some(entry) = entry.as_object() else {
        return Some(Entry::Silence);
    };
    let (kind, value) = entry.iter().next().unwrap();
    let text = || value.as_str().unwrap_or_default().to_owned();
    let name = || text().trim_end_matches('.').to_ascii_lowercase();
    Some(Entry::Data(match kind.as_str() {
        "SPF" if has_texts => return None,
        "TXT" if value == "NONE" => return None,
        "SPF" | "TXT" => Data::Txt(match value {
            Value::Array(strings) => strings.iter().filter_map(Value::as_str).collect(),
            _ => text(),
        }),
        "A" => Data::A(text().parse().unwrap()),
        "AAAA" => Data::Aaaa(text().parse().unwrap()),
        "MX" => Data::Mx {
            preference: u16::try_from(value[0].as_u64().unwrap()).unwrap(),
            exchange: value[1].as_str().unwrap().to_ascii_lowercase(),
        },
        "PTR" => Data::Ptr(name()),
        "CNAME" => Data::Cname(name()),
        other => panic!("a record of {other}"),
    }))
}

/// What was asked so far.
#[derive(Default)]
struct Asked(std::cell::RefCell<BTreeMap<Question, &'static Reply>>);

impl Asked {
    fn ask(&self, zone: &Zone, question: Question) {
        let reply = zone.reply(&question);
        self.0
            .borrow_mut()
            .insert(question, Box::leak(Box::new(reply)));
    }
}

impl Answers for Asked {
    fn reply(&self, question: &Question) -> Option<&Reply> {
        self.0.borrow().get(question).copied()
    }
}
