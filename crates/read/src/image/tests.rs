//! Dockerfiles and what they mean, case by case, with the documentation that says so.

use std::fmt::Write;

use tightship_model::image::{Action, CopyFrom, Healthcheck, Instruction};
use tightship_model::{Image, SourceId, Value};

use super::*;

/// Cases are told apart by `====`; of each, comments that begin with `##` say what it shows and
/// where that is written, then comes the file, `----`, and what it means.
const CASES: &str = include_str!("cases.txt");

#[test]
fn every_case_means_what_the_documentation_says() {
    let mut count = 0;
    let mut wrong = Vec::new();
    for case in CASES.split("\n====\n") {
        let (file, expected) = case.split_once("\n----").expect("a case has two parts");
        let title: Vec<&str> = file
            .lines()
            .take_while(|line| line.starts_with("##"))
            .collect();
        let skipped: usize = title.iter().map(|line| line.len() + 1).sum();
        let found = described(&file[skipped..].replace("\\r\n", "\r\n"), &title);
        count += 1;
        if found.trim() != expected.trim() {
            wrong.push(format!(
                "{}\nfound:\n{found}\nexpected:{expected}\n",
                title.join("\n")
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(count >= 120, "{count} cases");
}

/// What the last stage, or the `target=` of the title, means: a line for each fact. `given=A=1` in
/// the title gives an argument.
fn described(text: &str, title: &[&str]) -> String {
    let word = |wanted: &str| {
        let mut words = title.iter().flat_map(|line| line.split_whitespace());
        words.find_map(|word| word.strip_prefix(wanted).map(str::to_owned))
    };
    let given = word("given=");
    let arg = given.as_ref().and_then(|given| given.split_once('='));
    let build = Build {
        target: word("target="),
        args: arg
            .map(|(name, value)| {
                let value = Some(value.to_owned());
                (name.to_owned(), (value, Trail::outside("given")))
            })
            .into_iter()
            .collect(),
        ..Build::default()
    };
    let made = Dockerfile::parse(SourceId(0), text).evaluate(&build);
    let mut out = String::new();
    let image = Image {
        file: SourceId(0),
        context: None,
        target: None,
        services: Vec::new(),
        stages: made.stages,
        chain: made.chain,
        config: made.config,
        ignore: None,
    };
    let names: Vec<String> = image
        .own_stages()
        .map(|stage| shown(&stage.base.reference.value))
        .collect();
    writeln!(out, "from {}", names.join(" < ")).expect("a string takes it");
    for made in image.instructions() {
        out.push_str(&instruction(made, text));
    }
    let config = &image.config;
    for (name, value) in &config.env {
        writeln!(out, "env {name}={}", shown(&value.value)).expect("a string takes it");
    }
    for (name, value) in &config.labels {
        writeln!(out, "label {name}={}", shown(&value.value)).expect("a string takes it");
    }
    let argv = |argv: &tightship_model::Argv| match argv.is_shell {
        true => format!("shell {}", argv.words.join(" | ")),
        false => format!("exec {}", argv.words.join(" | ")),
    };
    let facts = [
        ("user", config.user.as_ref().map(|user| shown(&user.value))),
        (
            "workdir",
            config.workdir.as_ref().map(|at| shown(&at.value)),
        ),
        (
            "entrypoint",
            config.entrypoint.as_ref().map(|it| argv(&it.value)),
        ),
        ("cmd", config.cmd.as_ref().map(|it| argv(&it.value))),
        (
            "healthcheck",
            config.healthcheck.as_ref().map(|check| match &check.value {
                Healthcheck::Off => "off".to_owned(),
                Healthcheck::Test(test) => format!(
                    "{} every {} retries {}",
                    argv(&test.argv),
                    test.interval.as_deref().unwrap_or("default"),
                    test.retries.as_deref().unwrap_or("default"),
                ),
            }),
        ),
        (
            "stop",
            config.stop_signal.as_ref().map(|it| it.value.clone()),
        ),
    ];
    for (name, fact) in facts {
        if let Some(fact) = fact {
            writeln!(out, "{name} {fact}").expect("a string takes it");
        }
    }
    for port in &config.exposes {
        writeln!(out, "expose {}", port.value).expect("a string takes it");
    }
    for volume in &config.volumes {
        writeln!(out, "volume {}", volume.value).expect("a string takes it");
    }
    for fault in made.faults {
        let line = text[..fault.span.start as usize].matches('\n').count() + 1;
        writeln!(out, "fault {line}: {}", fault.reason).expect("a string takes it");
    }
    out
}

/// The instructions that leave nothing in the configuration.
fn instruction(made: &Instruction, text: &str) -> String {
    let body = |span: Span| {
        let text = &text[span.start as usize..span.end as usize];
        text.replace('\r', "\\r").replace('\n', "\\n")
    };
    match &made.action {
        Action::Run(run) => {
            let mut line = format!("run {}", run.argv.words.join(" | "));
            for mount in &run.mounts {
                let keys: Vec<String> =
                    mount.keys.iter().map(|(k, v)| format!("{k}={v}")).collect();
                line += &format!(" mount {} {}", mount.kind, keys.join(","));
            }
            for heredoc in &run.heredocs {
                line += &format!(" heredoc {} {}", heredoc.name, body(heredoc.body));
            }
            line + "\n"
        }
        Action::Copy(copy) => {
            let kind = if copy.is_add { "add" } else { "copy" };
            let from = match &copy.from {
                CopyFrom::Context => String::new(),
                CopyFrom::Stage(stage) => format!(" from stage {stage}"),
                CopyFrom::Image(image) => format!(" from image {image}"),
            };
            let mut line = format!(
                "{kind}{from} {} to {}{}",
                copy.sources.join(" "),
                copy.destination.as_deref().unwrap_or("?"),
                if copy.into_folder { "/" } else { "" },
            );
            for (name, value) in [("chown", &copy.chown), ("chmod", &copy.chmod)] {
                line += &value
                    .as_ref()
                    .map_or(String::new(), |v| format!(" {name} {v}"));
            }
            for heredoc in &copy.heredocs {
                line += &format!(" heredoc {} {}", heredoc.name, body(heredoc.body));
            }
            line + "\n"
        }
        Action::Arg(args) => {
            let args = args.iter().map(|arg| match &arg.value {
                Some(value) => format!("arg {}={}\n", arg.name, shown(&value.value)),
                None => format!("arg {}\n", arg.name),
            });
            args.collect()
        }
        _ => String::new(),
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Str(text) => text.clone(),
        Value::Secret(_) => "(secret)".to_owned(),
        Value::Environment(dependent) => format!("(needs {})", dependent.variables.join(",")),
        Value::Unknown(unknown) => format!("(unknown: {})", unknown.reason),
        other => format!("{other:?}"),
    }
}

/// Where instructions begin and end, against another parser wherever it takes the file.
#[test]
fn instructions_stand_where_another_parser_finds_them() {
    let mut compared = 0;
    for case in CASES.split("\n====\n") {
        let (file, _) = case.split_once("\n----").expect("a case has two parts");
        let Ok(theirs) = parse_dockerfile::parse(file) else {
            continue;
        };
        // It lets an escaped backslash continue the line, which BuildKit does not.
        if file.lines().any(|line| line.ends_with("\\\\")) {
            continue;
        }
        let theirs: Vec<usize> = theirs.instructions.iter().map(keyword_of).collect();
        let ours = lines::read(SourceId(0), file).lines;
        let ours: Vec<usize> = ours.iter().map(|line| line.span.start as usize).collect();
        assert_eq!(ours, theirs, "{file}");
        compared += 1;
    }
    assert!(compared >= 90, "{compared} compared");
}

fn keyword_of(instruction: &parse_dockerfile::Instruction<'_>) -> usize {
    use parse_dockerfile::Instruction as Theirs;
    let keyword = match instruction {
        Theirs::Add(it) => &it.add,
        Theirs::Arg(it) => &it.arg,
        Theirs::Cmd(it) => &it.cmd,
        Theirs::Copy(it) => &it.copy,
        Theirs::Entrypoint(it) => &it.entrypoint,
        Theirs::Env(it) => &it.env,
        Theirs::Expose(it) => &it.expose,
        Theirs::From(it) => &it.from,
        Theirs::Healthcheck(it) => &it.healthcheck,
        Theirs::Label(it) => &it.label,
        Theirs::Maintainer(it) => &it.maintainer,
        Theirs::Onbuild(it) => &it.onbuild,
        Theirs::Run(it) => &it.run,
        Theirs::Shell(it) => &it.shell,
        Theirs::Stopsignal(it) => &it.stopsignal,
        Theirs::User(it) => &it.user,
        Theirs::Volume(it) => &it.volume,
        Theirs::Workdir(it) => &it.workdir,
        other => panic!("{other:?}"),
    };
    keyword.span.start
}

/// What lines of an ignore file do to paths, those of Docker's manual among them.
#[test]
fn ignore_files_are_those_of_the_manual() {
    // docs.docker.com/build/concepts/context/#dockerignore-files
    for (file, ignored, kept) in [
        (
            "# comment\n*/temp*\n",
            "somedir/temporary.txt,somedir/temp",
            "temp,a/b/temp",
        ),
        (
            "*/*/temp*\n",
            "somedir/subdir/temporary.txt",
            "somedir/temp",
        ),
        ("temp?\n", "tempa,tempb", "temp,tempab,a/tempa"),
        ("**/*.go\n", "a.go,x/y/z.go", "a.goo"),
        ("/foo/bar\n", "foo/bar,foo/bar/baz", "foo,x/foo/bar"),
        ("foo/bar\n", "foo/bar", "foo/barn"),
        ("*.md\n!README.md\n", "a.md", "README.md,x/a.md"),
        (
            "*.md\n!README*.md\nREADME-secret.md\n",
            "README-secret.md,x.md",
            "README.md,README-x.md",
        ),
        (
            "*.md\nREADME-secret.md\n!README*.md\n",
            "x.md",
            "README-secret.md",
        ),
        ("*\n!src\n", "a,.env,docs/x", "src,src/a/b"),
        (
            ".git\n.env*\n",
            ".git/config,.env,.env.prod",
            "x/.env,.gitignore",
        ),
        ("**/.env\n", ".env,a/b/.env", ".env.prod"),
        ("./a/../b//c\n", "b/c", "a/b/c"),
        ("  spaced  \n", "spaced", "x"),
        ("**\n!a\n", "b,c/d", "a"),
        ("a/**\n", "a/b,a/b/c", "ab"),
        ("a/**/z\n", "a/z,a/b/z,a/b/c/z", "az,b/z"),
        ("[ab].txt\n", "a.txt,b.txt", "c.txt"),
        ("[^ab].txt\n", "c.txt", "a.txt"),
        ("\\*.txt\n", "*.txt", "a.txt"),
        ("!\n\n#x\n", "", "#x,a"),
        ("a\r\nb\r\n", "a,b", "c"),
    ] {
        let ignore = ignore::parse(SourceId(0), file);
        for path in ignored.split(',').filter(|path| !path.is_empty()) {
            assert!(ignore.judge(path).is_ignored, "{path} under {file:?}");
        }
        for path in kept.split(',') {
            assert!(!ignore.judge(path).is_ignored, "{path} under {file:?}");
        }
    }
}

#[test]
fn a_hostile_file_is_bounded() {
    // Each line doubles what the variable holds.
    let mut bomb = "FROM scratch\nENV A=xxxxxxxxxxxxxxxx\n".to_owned();
    bomb += &"ENV A=$A$A\n".repeat(200);
    let made = Dockerfile::parse(SourceId(0), &bomb).evaluate(&Build::default());
    assert!(matches!(
        made.config.env["A"].value,
        Value::Unknown(ref unknown) if unknown.cause == tightship_model::Cause::Bound
    ));
    let stages = "FROM scratch AS a\n".repeat(5_000);
    let made = Dockerfile::parse(SourceId(0), &stages).evaluate(&Build::default());
    assert_eq!((made.stages.len(), made.faults.len()), (200, 1));
    let lines = format!("FROM scratch\n{}", "ENV A=1\n".repeat(1_000_000));
    let read = lines::read(SourceId(0), &lines);
    assert_eq!((read.lines.len(), read.faults.len()), (10_000, 1));
    let nested = format!(
        "FROM scratch\nENV A={}x{}\n",
        "${B:-".repeat(5_000),
        "}".repeat(5_000)
    );
    let made = Dockerfile::parse(SourceId(0), &nested).evaluate(&Build::default());
    assert_eq!(made.faults.len(), 1);
}

proptest::proptest! {
    /// Any text is read, and every place lies in it.
    #[test]
    fn any_text_is_read(text in "(FROM|RUN|COPY|ENV|ARG|[ -~\\n\\r\\t\u{e9}]){0,60}") {
        let made = Dockerfile::parse(SourceId(0), &text).evaluate(&Build::default());
        for stage in &made.stages {
            for made in &stage.instructions {
                let range = made.span.start as usize..made.span.end as usize;
                proptest::prop_assert!(text.get(range).is_some());
            }
        }
        ignore::parse(SourceId(0), &text).judge("a/b.c");
    }
}
