//! Jails of fail2ban (jail.conf(5)).

use std::collections::BTreeMap;

use tightship_model::{Jail, SourceId, Traced};

use super::traced;
use crate::ini::{self, Dialect};

pub(super) fn is_jails(path: &str) -> bool {
    let name = super::name(path);
    matches!(name, "jail.local" | "jail.conf")
        || path.contains("jail.d/") && matches!(name.rsplit_once('.'), Some((_, "conf" | "local")))
}

/// Reads any text; `[DEFAULT]` holds for every jail that does not say otherwise.
pub(super) fn parse(path: &str, source: SourceId, text: &str) -> Vec<Jail> {
    let ini = ini::parse(source, text, Dialect::Configparser);
    let section = |name: &str| -> BTreeMap<String, Traced<String>> {
        let keys = ini.section(name);
        keys.map(|key| (key.name.clone(), traced(key))).collect()
    };
    let defaults = section("DEFAULT");
    let mut jails: Vec<Jail> = Vec::new();
    for (name, _) in &ini.sections {
        if name == "DEFAULT" || name == "INCLUDES" || jails.iter().any(|jail| jail.name == *name) {
            continue;
        }
        let mut keys = defaults.clone();
        keys.extend(section(name));
        let logs = keys.get("logpath").into_iter().flat_map(|logs| {
            let lines = logs.value.lines().map(str::trim);
            let lines = lines.filter(|line| !line.is_empty());
            lines.map(|line| Traced::new(line.to_owned(), logs.trail.clone()))
        });
        jails.push(Jail {
            name: name.clone(),
            path: path.to_owned(),
            enabled: keys.get("enabled").cloned(),
            filter: keys.get("filter").cloned(),
            log_paths: logs.collect(),
            keys: keys.clone(),
        });
    }
    jails
}
