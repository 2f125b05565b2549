//! Caches that keep their entries in files.

use tightship_model::{Deployment, Outcome, Traced, Value};

use crate::setting::{not_set, overridden, unclear};

/// A file cache: its alias in CACHES and where it lies.
pub(super) struct FileCache<'a> {
    pub(super) alias: &'a str,
    pub(super) location: &'a Traced<Value>,
}

/// All file caches; `Err` where CACHES is not known, or none of them lies in files.
pub(super) fn file_caches(deployment: &Deployment) -> Result<Vec<FileCache<'_>>, Outcome> {
    let caches = overridden(deployment, "CACHES").ok_or_else(|| not_set("CACHES"))?;
    let entries = caches
        .value
        .as_dict()
        .into_iter()
        .flat_map(|dict| &dict.entries);
    let found: Vec<_> = entries
        .filter_map(|(alias, cache)| {
            let cache = cache.value.as_dict()?;
            (cache.get("BACKEND")?.value.as_str()? == FILE_BASED).then_some(FileCache {
                alias: alias.as_str()?,
                location: cache.get("LOCATION")?,
            })
        })
        .collect();
    match (found.is_empty(), keeps_no_files(&caches.value)) {
        (false, _) => Ok(found),
        (true, true) => Err(Outcome::NotApplicable(
            "no cache keeps its entries in files".to_owned(),
        )),
        (true, false) => Err(unclear("CACHES", caches)),
    }
}

/// Whether the backend of every cache is known and none of them is the one of files.
fn keeps_no_files(caches: &Value) -> bool {
    caches.as_dict().is_some_and(|caches| {
        caches.rest.is_none()
            && caches.entries.iter().all(|(_, cache)| {
                let backend = cache.value.as_dict().and_then(|cache| cache.get("BACKEND"));
                backend
                    .and_then(|backend| backend.value.as_str())
                    .is_some_and(|backend| backend != FILE_BASED)
            })
    })
}

const FILE_BASED: &str = "django.core.cache.backends.filebased.FileBasedCache";
