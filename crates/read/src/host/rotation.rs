//! Rotation of logs (logrotate.conf(5)).

use tightship_model::{Argv, LogRotation, SourceId, Span, Traced, Trail};

/// Blocks of one file.
const MOST_BLOCKS: usize = 500;

const FREQUENCIES: [&str; 5] = ["hourly", "daily", "weekly", "monthly", "yearly"];

/// Scripts end with `endscript`.
const SCRIPTS: [&str; 5] = [
    "postrotate",
    "prerotate",
    "firstaction",
    "lastaction",
    "preremove",
];

/// Reads any text. What stands before the first block holds for all that follow.
pub(super) fn parse(path: &str, source: SourceId, text: &str) -> Vec<LogRotation> {
    let mut blocks = Vec::new();
    let mut defaults = LogRotation {
        path: path.to_owned(),
        ..LogRotation::default()
    };
    let mut block: Option<LogRotation> = None;
    let mut logs: Vec<Traced<String>> = Vec::new();
    let mut script: Option<(String, String, Span)> = None;
    let mut offset = 0usize;
    for raw in text.split_inclusive('\n') {
        let start = offset;
        offset += raw.len();
        let line = raw.trim();
        let at = start + (raw.len() - raw.trim_start().len());
        let span = Span::new(source, at as u32, (at + line.len()) as u32);
        if let Some((name, body, place)) = &mut script {
            if line != "endscript" {
                body.push_str(raw);
                place.end = span.end;
                continue;
            }
            let argv = Argv {
                words: vec![
                    "/bin/sh".to_owned(),
                    "-c".to_owned(),
                    body.trim().to_owned(),
                ],
                is_shell: true,
                span: *place,
            };
            let target = block.as_mut().unwrap_or(&mut defaults);
            match name.as_str() {
                "postrotate" => target.postrotate = Some(argv),
                "prerotate" => target.prerotate = Some(argv),
                _ => {}
            }
            script = None;
            continue;
        }
        if line.is_empty() || line.starts_with('#') || blocks.len() == MOST_BLOCKS {
            continue;
        }
        let (line, opens) = match line.strip_suffix('{') {
            Some(line) => (line.trim_end(), true),
            None => (line, false),
        };
        if line == "}" {
            blocks.extend(block.take());
            continue;
        }
        if block.is_none() && (opens || line.starts_with(['/', '"', '~', '*'])) {
            let names = crate::command::words(line).into_iter();
            let trail = Trail::at(span, "is rotated");
            logs.extend(names.map(|name| Traced::new(name, trail.clone())));
            if opens {
                block = Some(LogRotation {
                    logs: std::mem::take(&mut logs),
                    ..defaults.clone()
                });
            }
            continue;
        }
        let (key, value) = line.split_once([' ', '\t', '=']).unwrap_or((line, ""));
        let value = value.trim();
        if SCRIPTS.contains(&key) {
            script = Some((key.to_owned(), String::new(), span));
            continue;
        }
        let target = block.as_mut().unwrap_or(&mut defaults);
        let traced = |text: &str| Some(Traced::new(text.to_owned(), Trail::at(span, "is set")));
        match key {
            key if FREQUENCIES.contains(&key) => target.frequency = traced(key),
            "rotate" => target.rotate = traced(value),
            "size" => target.size = traced(value),
            "maxsize" => target.max_size = traced(value),
            _ => target.flags.extend(traced(line)),
        }
    }
    blocks.extend(block);
    blocks
}
