//! Caches that keep their entries in files.

use tightship_model::{Deployment, Dict, Outcome, Setting, Traced, Value};

use crate::setting::{not_set, setting, unknown};

/// A file cache: its alias in CACHES and where it lies.
pub(super) struct FileCache<'a> {
    pub(super) alias: &'a str,
    pub(super) location: &'a Traced<Value>,
}

/// Asks all file caches; `Err` where CACHES is not known, or none of them lies in files.
pub(super) fn with_file_caches<T>(
    deployment: &Deployment,
    ask: impl FnOnce(Vec<FileCache<'_>>) -> T,
) -> Result<T, Outcome> {
    let setting = setting(deployment, "CACHES").ok_or_else(|| not_set("CACHES"))?;
    let Value::Dict(caches) = &setting.value.value else {
        return Err(not_known(&setting));
    };
    let found = file_caches(caches);
    if found.is_empty() {
        return Err(
            if setting.value.value.state() == tightship_model::State::Known {
                Outcome::NotApplicable("no cache keeps its entries in files".to_owned())
            } else {
                not_known(&setting)
            },
        );
    }
    Ok(ask(found))
}

fn file_caches(caches: &Dict) -> Vec<FileCache<'_>> {
    caches
        .entries
        .iter()
        .filter_map(|(alias, cache)| {
            let cache = cache.value.as_dict()?;
            (cache.get("BACKEND")?.value.as_str()? == FILE_BASED).then_some(FileCache {
                alias: alias.as_str()?,
                location: cache.get("LOCATION")?,
            })
        })
        .collect()
}

fn not_known(setting: &Setting<'_>) -> Outcome {
    match setting.value.ask(&|_| None) {
        tightship_model::Answer::Doubt(doubt) => unknown("CACHES", &doubt, &setting.value.trail),
        _ => not_set("CACHES"),
    }
}

const FILE_BASED: &str = "django.core.cache.backends.filebased.FileBasedCache";
