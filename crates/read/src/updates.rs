//! Files that set up Dependabot and Renovate.

use tightship_model::{LooksAt, SourceId, Span, Traced, Trail, UpdateSchedule, UpdateTool};

use crate::files::Tree;
use crate::yaml;

/// [Where GitHub looks](https://docs.github.com/en/code-security/reference/supply-chain-security/dependabot-options-reference).
const DEPENDABOT: [&str; 2] = [".github/dependabot.yml", ".github/dependabot.yaml"];
/// [Where Renovate looks](https://docs.renovatebot.com/configuration-options/), the first that is
/// there; `package.json` and what is deprecated aside.
const RENOVATE: [&str; 10] = [
    "renovate.json",
    "renovate.json5",
    ".github/renovate.json",
    ".github/renovate.json5",
    ".gitlab/renovate.json",
    ".gitlab/renovate.json5",
    ".renovaterc",
    ".renovaterc.json",
    ".renovaterc.json5",
    "renovate.jsonc",
];
/// Restricts Renovate to some kinds of packages.
const ENABLED_MANAGERS: &str = "enabledManagers";

pub(crate) fn read(tree: &mut Tree) -> Vec<UpdateSchedule> {
    let mut found = Vec::new();
    found.extend(first(tree, &DEPENDABOT, dependabot));
    found.extend(first(tree, &RENOVATE, renovate));
    found
}

fn first(
    tree: &mut Tree,
    paths: &[&str],
    parse: fn(SourceId, &str) -> UpdateSchedule,
) -> Option<UpdateSchedule> {
    let path = paths.iter().find(|path| tree.has_file(path))?;
    let source = tree.read(path)?;
    Some(parse(source, tree.text(source)))
}

fn dependabot(source: SourceId, text: &str) -> UpdateSchedule {
    let (document, fault) = yaml::parse(source, text);
    let updates = document
        .as_ref()
        .and_then(|document| document.get("updates"));
    let looks_at = match updates {
        Some(updates) => LooksAt::Only(
            updates
                .items()
                .iter()
                .filter_map(|update| {
                    let kind = update.get("package-ecosystem")?;
                    let name = kind.text()?;
                    let trail = Trail::at(kind.span, format!("looks at {name}"));
                    Some(Traced::new(name.to_owned(), trail))
                })
                .collect(),
        ),
        None if fault.is_some() => LooksAt::NotKnown("it is no YAML".to_owned()),
        None => LooksAt::Only(Vec::new()),
    };
    UpdateSchedule {
        tool: UpdateTool::Dependabot,
        looks_at,
        span: updates.map_or(Span::new(source, 0, 0), |updates| updates.span),
    }
}

fn renovate(source: SourceId, text: &str) -> UpdateSchedule {
    // What a preset switches off is not seen; the kinds that a project keeps are all on by default.
    let looks_at = match text.find(ENABLED_MANAGERS) {
        None => LooksAt::All,
        Some(at) => managers(source, text, at),
    };
    UpdateSchedule {
        tool: UpdateTool::Renovate,
        looks_at,
        span: Span::new(source, 0, 0),
    }
}

fn managers(source: SourceId, text: &str, at: usize) -> LooksAt {
    let named = serde_json::from_str::<serde_json::Value>(text)
        .ok()
        .and_then(|document| Some(document.get(ENABLED_MANAGERS)?.as_array()?.clone()));
    let Some(named) = named else {
        return LooksAt::NotKnown("its list of kinds is not understood".to_owned());
    };
    let span = Span::new(source, at as u32, (at + ENABLED_MANAGERS.len()) as u32);
    LooksAt::Only(
        named
            .iter()
            .filter_map(|name| {
                let name = name.as_str()?.to_owned();
                let trail = Trail::at(span, format!("looks at {name}"));
                Some(Traced::new(name, trail))
            })
            .collect(),
    )
}
