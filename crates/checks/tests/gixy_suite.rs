//! The checks of nginx against the test files of Gixy-Next, which its authors made for its plugins.
//!
//! A file whose name ends in `_fp.conf` must stay silent, any other must be reported. The files are
//! fetched by name from the package index and kept below `target`; nothing of them is in this
//! repository. Where we answer otherwise, [`MISSES`] says why.

#![expect(
    clippy::print_stdout,
    reason = "the score by plugin is what one runs it for"
)]
#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use tightship_checks::judge;
use tightship_model::Outcome;

/// The least share of files, in percent, on which both must agree.
const FLOOR: usize = 97;

/// Which of our checks looks at what a plugin looks at.
const PLUGINS: [(&str, &str); 31] = [
    (
        "add_header_content_type",
        "nginx/content-type-by-add-header",
    ),
    ("add_header_multiline", "nginx/header-over-lines"),
    ("add_header_redefinition", "nginx/headers-dropped"),
    ("alias_traversal", "nginx/alias-traversal"),
    ("allow_without_deny", "nginx/allow-without-deny"),
    ("default_server_flag", "nginx/default-server-implied"),
    ("error_log_off", "nginx/error-log-lost"),
    ("filesystem_root_exposure", "nginx/filesystem-root-served"),
    ("hash_without_default", "nginx/map-without-default"),
    ("host_spoofing", "nginx/host-forged"),
    ("http2_misdirected_request", "nginx/misdirected-request"),
    ("http_splitting", "nginx/header-injection"),
    ("if_is_evil", "nginx/if-in-location"),
    ("invalid_regex", "nginx/capture-missing"),
    ("origins", "nginx/origin-regex-loose"),
    ("overlapping_captures", "nginx/captures-overlap"),
    ("proxy_buffering_off", "nginx/buffering-off"),
    ("proxy_pass_normalized", "nginx/path-altered"),
    (
        "proxy_set_header_redefinition",
        "nginx/proxy-headers-dropped",
    ),
    ("quic_bpf_reuseport", "nginx/quic-packets-lost"),
    ("resolver_external", "nginx/resolver-external"),
    ("return_bypasses_allow_deny", "nginx/return-bypasses-access"),
    ("ssl_ecdh_curve", "nginx/curve-unsupported"),
    (
        "ssl_stapling_letsencrypt",
        "nginx/stapling-without-responder",
    ),
    (
        "ssl_stapling_without_resolver",
        "nginx/stapling-without-resolver",
    ),
    ("ssrf", "nginx/proxy-target-chosen-by-client"),
    ("stale_dns_cache", "nginx/upstream-address-stale"),
    ("status_page_exposed", "nginx/status-page-open"),
    ("unnamed_groups", "nginx/capture-after-rewrite"),
    ("valid_referers", "nginx/referer-optional"),
    ("version_disclosure", "nginx/version-shown"),
];

/// Plugins that judge speed or style only. (`regex_redos` has no files: it asks a service on the
/// network. Ours is `nginx/regex-slow`.)
const LEFT_OUT: [(&str, &str); 6] = [
    (
        "low_keepalive_requests",
        "tuning: how often a connection is used again",
    ),
    (
        "missing_worker_processes",
        "tuning: one worker is slower, not wrong",
    ),
    (
        "mixed_case_variable",
        "style: nginx takes variables in any case",
    ),
    (
        "try_files_is_evil_too",
        "tuning: how often the disk is asked",
    ),
    ("unanchored_regex", "tuning: how far a pattern looks"),
    (
        "worker_rlimit_nofile_vs_connections",
        "tuning: how many files a worker may open",
    ),
];

/// The files on which we answer otherwise, each with the reason.
const MISSES: [(&str, &str); 9] = [
    (
        "http_splitting/mapped_value.conf",
        "the map reads $host, and nginx answers 400 to a Host with a slash or a line break",
    ),
    (
        "http_splitting/proxy_from_location_var_var.conf",
        "`set` escapes $2: nginx 1.22.1 hands %0A on as %0A",
    ),
    (
        "http_splitting/rewrite_extract_fp.conf",
        "a named group is not escaped: nginx 1.22.1 sends the line break in Location",
    ),
    (
        "invalid_regex/unparseable_provider_fp.conf",
        "the atomic group is understood: no pattern captures anything, so $1 is always empty",
    ),
    (
        "origins/origin_https.conf",
        "reported for an option that forbids http; the pattern lets in no stranger",
    ),
    (
        "proxy_set_header_redefinition/headers_option_fp.conf",
        "silent for an option that names Host alone; X-Request-Start is dropped",
    ),
    (
        "ssl_ecdh_curve/pq_hybrid.conf",
        "unknown: OpenSSL 3.5 takes X25519MLKEM768, and nothing says which one it is",
    ),
    (
        "status_page_exposed/status_page_exposed_deny_only.conf",
        "`deny all` alone: nobody reads the page",
    ),
    (
        "status_page_exposed/status_page_exposed_unix_and_tcp.conf",
        "the server listens on 127.0.0.1 and a Unix socket: no other machine reads the page",
    ),
];

#[test]
fn the_suite_of_gixy_next() {
    let suite = suite();
    let mut right: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let mut misses = BTreeSet::new();
    for (plugin, check) in PLUGINS {
        for file in files(&suite.join("tests/plugins/simply").join(plugin)) {
            let name = format!("{plugin}/{}", file.file_name().unwrap().to_string_lossy());
            let expected = !name.ends_with("_fp.conf");
            let (good, all) = right.entry(plugin).or_default();
            *all += 1;
            if reports(&suite, &file, check) == expected {
                *good += 1;
            } else {
                misses.insert(name);
            }
        }
    }
    let good: usize = right.values().map(|(good, _)| good).sum();
    let all: usize = right.values().map(|(_, all)| all).sum();
    for (plugin, (good, all)) in &right {
        println!("{plugin:<36}{good:>4} of {all:>3}");
    }
    println!(
        "{good} of {all} files, {:.2} %",
        100.0 * good as f64 / all as f64
    );
    let explained: BTreeSet<_> = MISSES.iter().map(|(file, _)| (*file).to_owned()).collect();
    assert_eq!(misses, explained, "the table of misses is out of date");
    assert!(
        good * 100 >= all * FLOOR,
        "{good} of {all} is below {FLOOR} %"
    );
}

#[test]
fn every_plugin_is_judged_or_left_out_with_a_reason() {
    let folders: BTreeSet<_> = fs::read_dir(suite().join("tests/plugins/simply"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let named: BTreeSet<_> = PLUGINS
        .iter()
        .chain(&LEFT_OUT)
        .map(|(plugin, _)| (*plugin).to_owned())
        .collect();
    assert_eq!(folders, named);
    assert!(LEFT_OUT.len() <= 8);
}

/// Whether the check has a finding in a file of the suite.
fn reports(suite: &Path, file: &Path, check: &str) -> bool {
    let folder = tempfile::tempdir().unwrap();
    let first = lay_out(suite, &fs::read_to_string(file).unwrap(), folder.path());
    let deployment = tightship_read::nginx_configuration(&first).unwrap();
    let verdicts = judge(&deployment, |candidate| candidate.id == check);
    assert_eq!(verdicts.len(), 1, "there is no check {check}");
    matches!(verdicts[0].outcome, Outcome::Fail(_))
}

/// Writes the files that a text holds: itself; or, where it is what `nginx -T` prints, each file
/// at its path. Returns the first.
fn lay_out(suite: &Path, text: &str, folder: &Path) -> PathBuf {
    const MARK: &str = "# configuration file ";
    let write = |path: &str, text: &str| {
        let path = folder.join(path.trim_start_matches('/'));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    };
    // Options of Gixy-Next itself, which are no nginx.
    let text = match text.split_once('\n') {
        Some((options, rest)) if options.starts_with("//") => rest,
        _ => text,
    };
    let mut parts = text
        .split(MARK)
        .skip(1)
        .map(|part| part.split_once(":\n").unwrap());
    if text.starts_with(MARK) {
        let (_, first) = parts.next().unwrap();
        for (path, text) in parts {
            write(path, text);
        }
        // The folder stands for the root of the machine that the dump is of.
        return write("nginx.conf", &first.replace("include /", "include "));
    }
    let included = text
        .split_whitespace()
        .find(|word| word.starts_with("tests/"));
    if let Some(path) = included.map(|path| path.trim_end_matches(';')) {
        write(path, &fs::read_to_string(suite.join(path)).unwrap());
    }
    write("nginx.conf", text)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "conf"))
        .collect();
    files.sort();
    files
}

fn suite() -> PathBuf {
    tightship_testbed::gixy_next(Path::new(env!("CARGO_TARGET_TMPDIR")))
}
