//! Commands of firewalls in scripts, and their rules files.

use tightship_model::{Argv, Firewall, FirewallRule, SourceId, Span};

/// Rules of one file.
const MOST_RULES: usize = 2_000;

/// Shell scripts and rules files; their lines are asked, not their names.
pub(super) fn is_script(path: &str) -> bool {
    let name = super::name(path);
    name.ends_with(".sh")
        || name.ends_with(".nft")
        || matches!(name, "nftables.conf" | "rules.v4" | "rules.v6")
        || name.ends_with(".rules") && path.contains("iptables")
}

/// Reads any text.
pub(super) fn parse(path: &str, source: SourceId, text: &str) -> Vec<FirewallRule> {
    let name = super::name(path);
    let rules_of = match name {
        "rules.v4" | "rules.v6" => Some(Firewall::Iptables),
        _ if name.ends_with(".nft") || name == "nftables.conf" => Some(Firewall::Nft),
        _ if name.ends_with(".rules") => Some(Firewall::Iptables),
        _ => None,
    };
    let mut rules = Vec::new();
    let mut offset = 0usize;
    for raw in text.split_inclusive('\n') {
        let start = offset;
        offset += raw.len();
        let line = raw.trim();
        if line.is_empty() || line.starts_with('#') || rules.len() == MOST_RULES {
            continue;
        }
        let words = crate::command::words(line);
        let (tool, words) = match rules_of {
            Some(tool) => (tool, words),
            None => match command(words) {
                Some(found) => found,
                None => continue,
            },
        };
        let at = start + (raw.len() - raw.trim_start().len());
        let span = Span::new(source, at as u32, (at + line.len()) as u32);
        rules.push(FirewallRule {
            path: path.to_owned(),
            tool,
            argv: Argv {
                words,
                is_shell: false,
                span,
            },
            span,
        });
    }
    rules
}

/// The tool that a line calls, and the words behind it.
fn command(words: Vec<String>) -> Option<(Firewall, Vec<String>)> {
    let mut words = words.into_iter();
    let first = words.next()?;
    let first = match super::name(&first) {
        "sudo" => words.next()?,
        _ => first,
    };
    let tool = match super::name(&first) {
        "ufw" => Firewall::Ufw,
        "iptables" | "ip6tables" => Firewall::Iptables,
        "nft" => Firewall::Nft,
        "firewall-cmd" => Firewall::Firewalld,
        _ => return None,
    };
    Some((tool, words.collect()))
}
