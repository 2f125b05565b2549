//! Requirements in setup.cfg, setup.py and a conda environment, as far as they are literals.

use tightship_model::{SourceId, Span};

use super::{Collected, Fault, specifier};
use crate::python::syntax::{self, Ranged, ast};
use crate::yaml;

/// `install_requires` of `[options]`.
pub(super) fn setup_cfg(
    source: SourceId,
    text: &str,
    packages: &mut Collected,
) -> Result<(), Fault> {
    let mut is_inside = false;
    let mut offset = 0u32;
    for raw in text.split_inclusive('\n') {
        let start = offset;
        offset += raw.len() as u32;
        let line = raw.trim_end();
        let is_indented = line.starts_with([' ', '\t']);
        let mut rest = line;
        if !is_indented {
            is_inside = false;
            if let Some((key, value)) = line.split_once('=') {
                is_inside = key.trim() == "install_requires";
                rest = value;
            }
        }
        if !is_inside || rest.trim_start().starts_with('#') {
            continue;
        }
        if let Some(found) = specifier::parse(rest) {
            let end = start + line.len() as u32;
            let begin = end - rest.trim_start().len() as u32;
            packages.add(
                &found.name,
                found.version,
                found.text,
                Span::new(source, begin, end),
            );
        }
    }
    Ok(())
}

/// The list literal after `install_requires=`.
pub(super) fn setup_py(
    source: SourceId,
    text: &str,
    packages: &mut Collected,
) -> Result<(), Fault> {
    let parsed = syntax::parse(text);
    for statement in &parsed.module.body {
        let ast::Stmt::Expr(statement) = statement else {
            continue;
        };
        let ast::Expr::Call(call) = &*statement.value else {
            continue;
        };
        let requirements = call.arguments.keywords.iter().find(|keyword| {
            keyword
                .arg
                .as_ref()
                .is_some_and(|name| name.as_str() == "install_requires")
        });
        let elements = match requirements.map(|keyword| &keyword.value) {
            Some(ast::Expr::List(list)) => &list.elts,
            Some(ast::Expr::Tuple(tuple)) => &tuple.elts,
            _ => continue,
        };
        for element in elements {
            let ast::Expr::StringLiteral(literal) = element else {
                continue;
            };
            if let Some(found) = specifier::parse(literal.value.to_str()) {
                let range = literal.range();
                let place = Span::new(source, range.start().to_u32(), range.end().to_u32());
                packages.add(&found.name, found.version, found.text, place);
            }
        }
    }
    Ok(())
}

/// `dependencies` of a conda environment, its pip section too.
pub(super) fn conda(source: SourceId, text: &str, packages: &mut Collected) -> Result<(), Fault> {
    let (root, fault) = yaml::parse(source, text);
    let dependencies = root.as_ref().and_then(|root| root.get("dependencies"));
    for item in dependencies.map_or(&[][..], yaml::Node::items) {
        let pip = item.get("pip").map_or(&[][..], yaml::Node::items);
        for (node, is_conda) in
            std::iter::once((item, true)).chain(pip.iter().map(|node| (node, false)))
        {
            let Some(text) = node.text() else { continue };
            // conda writes `name=version=build`.
            let text = match text.split_once('=') {
                Some((name, rest))
                    if is_conda
                        && !rest.starts_with('=')
                        && !name.ends_with(['<', '>', '~', '!']) =>
                {
                    format!("{name}=={}", rest.split('=').next().unwrap_or(rest))
                }
                _ => text.to_owned(),
            };
            if let Some(found) = specifier::parse(&text) {
                packages.add(&found.name, found.version, found.text, node.span);
            }
        }
    }
    match fault {
        Some(fault) => Err(Fault {
            line: Some(fault.line),
            reason: fault.reason,
        }),
        None => Ok(()),
    }
}
