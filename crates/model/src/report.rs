//! A finished run, ready to be worded.

use crate::{Deployment, Verdict};

/// Everything a renderer needs: it holds finished data, judges nothing and reads nothing.
pub struct Report<'a> {
    pub deployment: &'a Deployment,
    /// Worst first: by severity of failures, then by id.
    pub verdicts: Vec<Verdict>,
    pub head: Head,
}

/// What was judged and with what.
#[derive(Clone, Debug, Default)]
pub struct Head {
    /// The folder as the user named it.
    pub root: String,
    /// Version of tightship.
    pub version: String,
    /// Findings that a waiver accepts, by fingerprint, with its reason and expiry.
    pub waived: Vec<(String, String)>,
    /// Waivers that match no finding, by fingerprint.
    pub idle_waivers: Vec<String>,
    /// Number of findings that the baseline already held.
    pub in_baseline: usize,
}
