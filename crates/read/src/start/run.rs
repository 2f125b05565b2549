//! What a start command leads to: scripts are followed, nothing is run.
//!
//! A branch whose condition text does not decide is followed both ways; what a variable then holds
//! is not known.

use std::collections::BTreeMap;

use tightship_model::{
    Argv, Link, LinkKind, Program, SourceId, Span, Step, StepKind, Traced, Value,
};

use super::prefix;
use super::shell::{self, Item, Join, Statement, Word};
use super::text::{Text, Variables};
use super::words::{assignment, inside, is_endless, matches, seconds, set_arguments, test};

/// Commands that are followed in one start.
const MOST_COMMANDS: usize = 2_000;

/// Scripts and functions that call each other.
const DEEPEST: usize = 12;

/// Finds the file of the repository that a path in the container is.
pub(super) trait Files {
    /// The source and its text.
    fn script(&mut self, path: &str, folder: Option<&str>) -> Option<(SourceId, String)>;
}

/// A program that stays.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) program: Program,
    /// Without what only wraps it.
    pub(super) argv: Vec<Text>,
    /// Variables that the start sets.
    pub(super) variables: BTreeMap<String, Text>,
    pub(super) user: Option<Traced<Value>>,
    pub(super) folder: Option<String>,
    pub(super) steps: Vec<Step>,
    pub(super) way: Vec<Link>,
    pub(super) span: Span,
}

/// A command of a loop that never ends.
#[derive(Clone, Debug)]
pub(super) struct Looped {
    pub(super) argv: Vec<Text>,
    /// Seconds that a round sleeps, where that is known.
    pub(super) every: Option<u64>,
    pub(super) span: Span,
}

#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub(super) found: Vec<Found>,
    pub(super) loops: Vec<Looped>,
    /// Everything that ran before, where nothing stays.
    pub(super) steps: Vec<Step>,
}

pub(super) struct Runner<'r, 'e> {
    pub(super) files: &'r mut dyn Files,
    pub(super) variables: Variables<'e>,
    pub(super) folder: Option<String>,
    pub(super) user: Option<Traced<Value>>,
    pub(super) way: Vec<Link>,
    pub(super) outcome: Outcome,
    functions: BTreeMap<String, Vec<Item>>,
    left: usize,
    depth: usize,
}

/// Whether what stands behind is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flow {
    Goes,
    /// A function or sourced script gives back.
    Returns,
    /// The script ends.
    Exits,
    /// A program stays.
    Ends,
}

/// Where a script stands.
#[derive(Clone, Copy)]
enum Site {
    File(SourceId),
    /// In a word of a command: everything stands there.
    Word(Span),
}

impl Site {
    fn span(self, range: &std::ops::Range<usize>) -> Span {
        match self {
            Self::File(source) => Span::new(source, range.start as u32, range.end as u32),
            Self::Word(span) => span,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum How {
    /// Takes the place of the script.
    Exec,
    Plain,
    InBackground,
}

impl<'r, 'e> Runner<'r, 'e> {
    pub(super) fn new(files: &'r mut dyn Files, variables: Variables<'e>) -> Self {
        Self {
            files,
            variables,
            folder: None,
            user: None,
            way: Vec::new(),
            outcome: Outcome::default(),
            functions: BTreeMap::new(),
            left: MOST_COMMANDS,
            depth: 0,
        }
    }

    /// Follows a command line that the container or the host starts.
    pub(super) fn start(mut self, argv: Vec<Text>, span: Span) -> Outcome {
        let argv = argv.into_iter().collect();
        self.launch(argv, span, How::Exec);
        self.outcome
    }

    fn script(&mut self, text: &str, site: Site) -> Flow {
        if self.depth == DEEPEST {
            return Flow::Goes;
        }
        self.depth += 1;
        let items = shell::parse(text);
        let flow = self.items(&items, site);
        self.depth -= 1;
        flow
    }

    fn items(&mut self, items: &[Item], site: Site) -> Flow {
        let mut last = Some(true);
        for (at, item) in items.iter().enumerate() {
            let is_skipped = match item.join {
                Join::Then => false,
                Join::And => last == Some(false),
                Join::Or => last == Some(true),
                Join::Pipe => true,
            };
            if is_skipped || self.left == 0 {
                continue;
            }
            self.left -= 1;
            // A list that is sent to the background takes its first commands along.
            let in_background = items[at..]
                .iter()
                .enumerate()
                .take_while(|(behind, item)| *behind == 0 || item.join != Join::Then)
                .any(|(_, item)| item.in_background);
            last = Some(true);
            let flow = match &item.statement {
                Statement::Simple(words) => {
                    let span = site.span(&item.range);
                    match self.truth_of(words) {
                        Truth::Test(truth) => {
                            last = truth;
                            Flow::Goes
                        }
                        Truth::Command => self.simple(words, span, site, in_background),
                    }
                }
                Statement::If { arms, otherwise } => self.branch(arms, otherwise, site),
                Statement::Loop { condition, body } => {
                    self.repeat(condition, body, site, in_background)
                }
                Statement::For(body) => match in_background {
                    true => Flow::Goes,
                    false => self.items(body, site),
                },
                Statement::Case { subject, arms } => self.case(subject, arms, site),
                Statement::Function { name, body } => {
                    self.functions.insert(name.clone(), body.clone());
                    Flow::Goes
                }
                Statement::Group(body) => match self.items(body, site) {
                    _ if in_background => Flow::Goes,
                    flow => flow,
                },
            };
            if flow != Flow::Goes {
                return flow;
            }
        }
        Flow::Goes
    }

    fn simple(&mut self, words: &[Word], span: Span, site: Site, in_background: bool) -> Flow {
        let mut words = words.iter().peekable();
        let mut assigned = Vec::new();
        while let Some((name, value)) = words.peek().and_then(|word| assignment(word)) {
            let value = self.variables.one(&value);
            assigned.push((name, value));
            words.next();
        }
        let argv: Vec<Text> = words.flat_map(|word| self.variables.expand(word)).collect();
        let Some(name) = argv.first().map(|word| word.text.clone()) else {
            self.variables.own.extend(assigned);
            return Flow::Goes;
        };
        let rest = || argv[1..].to_vec();
        match name.as_str() {
            "!" | ":" | "true" | "false" | "trap" | "echo" | "printf" | "wait" | "unset" => {
                Flow::Goes
            }
            "set" => {
                if let Some(arguments) = set_arguments(&argv[1..]) {
                    self.variables.arguments = arguments.to_vec();
                }
                Flow::Goes
            }
            "shift" => {
                if !self.variables.arguments.is_empty() {
                    self.variables.arguments.remove(0);
                }
                Flow::Goes
            }
            "export" | "readonly" | "local" | "declare" | "typeset" => {
                for word in rest() {
                    if let Some((name, value)) = word.text.split_once('=') {
                        let value = Text {
                            text: value.to_owned(),
                            ..word.clone()
                        };
                        self.variables.own.insert(name.to_owned(), value);
                    }
                }
                Flow::Goes
            }
            "cd" => {
                if let Some(folder) = argv.get(1).and_then(Text::known) {
                    self.folder = Some(inside(self.folder.as_deref(), folder));
                }
                Flow::Goes
            }
            "exit" => Flow::Exits,
            "return" => Flow::Returns,
            "." | "source" => {
                let path = argv.get(1).and_then(Text::known).map(str::to_owned);
                let found = path.and_then(|path| self.files.script(&path, self.folder.as_deref()));
                match found {
                    Some((source, text)) => match self.script(&text, Site::File(source)) {
                        Flow::Returns => Flow::Goes,
                        flow => flow,
                    },
                    None => Flow::Goes,
                }
            }
            _ => {
                if let Some(body) = self.functions.get(&name).cloned() {
                    if self.depth == DEEPEST {
                        return Flow::Goes;
                    }
                    let outer = std::mem::replace(&mut self.variables.arguments, rest());
                    self.depth += 1;
                    let flow = self.items(&body, site);
                    self.depth -= 1;
                    self.variables.arguments = outer;
                    return match flow {
                        Flow::Returns => Flow::Goes,
                        flow => flow,
                    };
                }
                let before = self.variables.own.clone();
                self.variables.own.extend(assigned);
                let how = match (name.as_str(), in_background) {
                    (_, true) => How::InBackground,
                    ("exec", false) => How::Exec,
                    _ => How::Plain,
                };
                let flow = self.launch(argv, span, how);
                self.variables.own = before;
                flow
            }
        }
    }

    /// Follows a command to the program that it starts.
    fn launch(&mut self, argv: Vec<Text>, span: Span, how: How) -> Flow {
        let outer = (
            self.variables.own.clone(),
            self.user.clone(),
            self.way.len(),
        );
        self.way.push(Link::new(Some(span), "starts it here"));
        let flow = self.launched(argv, span, how);
        self.way.truncate(outer.2);
        if how != How::Exec {
            (self.variables.own, self.user) = (outer.0, outer.1);
        }
        flow
    }

    fn launched(&mut self, argv: Vec<Text>, span: Span, how: How) -> Flow {
        let unwrapped = prefix::unwrap(argv, span);
        self.variables.own.extend(unwrapped.variables);
        if let Some(user) = unwrapped.user {
            let link = Link::new(Some(span), "runs as");
            self.user = Some(user.value("user", link, &super::text::plain));
        }
        if unwrapped.waits {
            self.step(StepKind::Wait, &unwrapped.argv, span);
        }
        let argv = unwrapped.argv;
        let Some(program) = argv.first() else {
            return Flow::Goes;
        };
        if let Some(script) = unwrapped.script {
            let arguments = unwrapped.arguments;
            let outer = std::mem::replace(&mut self.variables.arguments, arguments);
            let flow = self.script(&script.text, Site::Word(span));
            self.variables.arguments = outer;
            return after(flow, how);
        }
        if let Some(found) = prefix::program(&argv) {
            return self.reached(found, argv, span, how);
        }
        if self.depth < DEEPEST
            && let Some(path) = program.known()
            && let Some((source, text)) = self.files.script(path, self.folder.as_deref())
        {
            let outer = std::mem::replace(&mut self.variables.arguments, argv[1..].to_vec());
            let flow = self.script(&text, Site::File(source));
            self.variables.arguments = outer;
            return after(flow, how);
        }
        // An entrypoint that is not here hands on what it is given, as those of base images do.
        if prefix::is_entrypoint(&program.text) && argv.len() > 1 {
            return self.launched(argv[1..].to_vec(), span, how);
        }
        let name = prefix::name(&program.text).to_owned();
        self.reached(Program::Other(name), argv, span, how)
    }

    fn reached(&mut self, program: Program, argv: Vec<Text>, span: Span, how: How) -> Flow {
        let stays = program.serves_django()
            || matches!(
                program,
                Program::CeleryWorker | Program::CeleryBeat | Program::Flower | Program::Nginx
            ) && !prefix::only_asks(&program, &argv);
        if !stays && how != How::Exec {
            let kind = match &program {
                Program::Manage(command) => StepKind::Manage(command.clone()),
                Program::Other(name) if prefix::waits(name) => StepKind::Wait,
                other => StepKind::Other(other.name().to_owned()),
            };
            self.step(kind, &argv, span);
            return Flow::Goes;
        }
        self.outcome.found.push(Found {
            program,
            argv,
            variables: self.variables.own.clone(),
            user: self.user.clone(),
            folder: self.folder.clone(),
            steps: self.outcome.steps.clone(),
            way: self.way.iter().rev().cloned().collect(),
            span,
        });
        match how {
            How::InBackground => Flow::Goes,
            How::Exec | How::Plain => Flow::Ends,
        }
    }

    fn step(&mut self, kind: StepKind, argv: &[Text], span: Span) {
        self.outcome.steps.push(Step {
            kind,
            argv: Argv {
                words: argv.iter().map(|word| word.text.clone()).collect(),
                is_shell: false,
                span,
            },
        });
    }

    fn branch(&mut self, arms: &[(Vec<Item>, Vec<Item>)], otherwise: &[Item], site: Site) -> Flow {
        let mut open: Vec<&[Item]> = Vec::new();
        for (condition, body) in arms {
            match self.truth(condition) {
                Some(true) if open.is_empty() => return self.items(body, site),
                Some(true) => {
                    open.push(body);
                    return self.all(&open, site);
                }
                Some(false) => {}
                None => open.push(body),
            }
        }
        if open.is_empty() {
            return self.items(otherwise, site);
        }
        open.push(otherwise);
        self.all(&open, site)
    }

    /// Follows each of several ways; only where all of them end does the whole.
    fn all(&mut self, ways: &[&[Item]], site: Site) -> Flow {
        let before = self.variables.clone();
        let mut after = before.own.clone();
        let way = self.way.len();
        self.way.push(Link {
            span: None,
            text: "under a condition that text does not decide".to_owned(),
            kind: LinkKind::Decides,
        });
        let mut flow = Flow::Exits;
        for items in ways {
            self.variables = before.clone();
            let this = self.items(items, site);
            if this == Flow::Ends && flow == Flow::Exits {
                flow = this;
            }
            if this == Flow::Goes {
                flow = this;
                for (name, value) in &self.variables.own {
                    if before.own.get(name) != Some(value) {
                        let unclear = Text {
                            is_computed: true,
                            ..Text::default()
                        };
                        after.insert(name.clone(), unclear);
                    }
                }
            }
        }
        self.variables = before;
        self.variables.own = after;
        self.way.truncate(way);
        flow
    }

    fn case(&mut self, subject: &Word, arms: &[(Vec<Word>, Vec<Item>)], site: Site) -> Flow {
        let subject = self.variables.one(subject);
        let Some(subject) = subject.known() else {
            let ways: Vec<&[Item]> = arms.iter().map(|(_, body)| body.as_slice()).collect();
            return match ways.is_empty() {
                true => Flow::Goes,
                false => self.all(&ways, site),
            };
        };
        let chosen = arms.iter().find(|(patterns, _)| {
            patterns.iter().any(|pattern| {
                let pattern = self.variables.one(pattern);
                matches(&pattern.text, subject)
            })
        });
        match chosen {
            Some((_, body)) => self.items(body, site),
            None => Flow::Goes,
        }
    }

    fn repeat(
        &mut self,
        condition: &[Item],
        body: &[Item],
        site: Site,
        in_background: bool,
    ) -> Flow {
        if !is_endless(condition) {
            let words = condition.first().or(body.first());
            let span = words.map_or_else(|| site.span(&(0..0)), |item| site.span(&item.range));
            self.step(StepKind::Wait, &[], span);
            return Flow::Goes;
        }
        let mut commands = Vec::new();
        self.commands(body, site, &mut commands);
        let sleeps: Vec<Option<u64>> = commands
            .iter()
            .filter(|(argv, _)| argv.first().is_some_and(|word| word.text == "sleep"))
            .map(|(argv, _)| seconds(argv.get(1)?.known()?))
            .collect();
        let every = match sleeps.is_empty() {
            true => None,
            false => sleeps.into_iter().sum(),
        };
        let mut first = None;
        for (argv, span) in commands {
            let unwrapped = prefix::unwrap(argv, span).argv;
            let name = unwrapped
                .first()
                .map_or("", |word| prefix::name(&word.text));
            if matches!(name, "" | "sleep" | "wait" | "trap" | ":" | "echo") {
                continue;
            }
            first.get_or_insert((unwrapped.clone(), span));
            self.outcome.loops.push(Looped {
                argv: unwrapped,
                every,
                span,
            });
        }
        match first {
            Some((argv, span)) if !in_background => {
                let name = prefix::name(&argv[0].text).to_owned();
                let program = prefix::program(&argv).unwrap_or(Program::Other(name));
                self.reached(program, argv, span, How::Exec)
            }
            _ if in_background => Flow::Goes,
            _ => Flow::Ends,
        }
    }

    /// The simple commands inside, whatever decides whether they run.
    fn commands(&mut self, items: &[Item], site: Site, found: &mut Vec<(Vec<Text>, Span)>) {
        for item in items {
            match &item.statement {
                Statement::Simple(words) => {
                    let words = words.iter().filter(|word| assignment(word).is_none());
                    let argv = words.flat_map(|word| self.variables.expand(word)).collect();
                    found.push((argv, site.span(&item.range)));
                }
                Statement::If { arms, otherwise } => {
                    for (condition, body) in arms {
                        self.commands(condition, site, found);
                        self.commands(body, site, found);
                    }
                    self.commands(otherwise, site, found);
                }
                Statement::Loop { body, .. }
                | Statement::For(body)
                | Statement::Group(body)
                | Statement::Function { body, .. } => self.commands(body, site, found),
                Statement::Case { arms, .. } => {
                    for (_, body) in arms {
                        self.commands(body, site, found);
                    }
                }
            }
        }
    }

    /// Whether a condition holds; `None` where text does not tell.
    fn truth(&self, condition: &[Item]) -> Option<bool> {
        let mut truth = Some(true);
        for item in condition {
            let Statement::Simple(words) = &item.statement else {
                return None;
            };
            let this = match self.truth_of(words) {
                Truth::Test(truth) => truth,
                Truth::Command => None,
            };
            truth = match (item.join, truth) {
                (Join::And, Some(true)) | (Join::Or, Some(false)) | (Join::Then, _) => this,
                (Join::And, Some(false)) => Some(false),
                (Join::Or, Some(true)) => Some(true),
                (Join::And, None) if this == Some(false) => Some(false),
                (Join::Or, None) if this == Some(true) => Some(true),
                _ => None,
            };
        }
        truth
    }

    fn truth_of(&self, words: &[Word]) -> Truth {
        let texts: Vec<Text> = words.iter().map(|word| self.variables.one(word)).collect();
        let names: Vec<&str> = texts.iter().map(|text| text.text.as_str()).collect();
        let (is_negated, names, texts) = match names.split_first() {
            Some((&"!", rest)) => (true, rest, &texts[1..]),
            _ => (false, names.as_slice(), texts.as_slice()),
        };
        let inner = match names {
            ["[", .., "]"] | ["[[", .., "]]"] => &texts[1..texts.len() - 1],
            ["test", ..] => &texts[1..],
            ["true" | ":"] => return Truth::Test(Some(!is_negated)),
            ["false"] => return Truth::Test(Some(is_negated)),
            _ if is_negated => return Truth::Test(None),
            _ => return Truth::Command,
        };
        Truth::Test(test(inner).map(|truth| truth != is_negated))
    }
}

enum Truth {
    Test(Option<bool>),
    Command,
}

fn after(flow: Flow, how: How) -> Flow {
    match how {
        How::Exec => Flow::Ends,
        How::Plain if flow == Flow::Ends => flow,
        How::Plain | How::InBackground => Flow::Goes,
    }
}
