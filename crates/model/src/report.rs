//! A finished run, ready to be worded.

use crate::checklist::Judged;
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
    /// What services would give the live site; empty where none was looked at.
    pub site_grades: Vec<SiteGrade>,
    /// The checklists of the team, held against the same verdicts; `None` where nobody will read it.
    pub checklist: Option<Judged>,
}

/// The grade that a service would give the live site, computed from what was seen of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteGrade {
    /// The service: `SSL Labs`.
    pub by: &'static str,
    /// `A+`; or why there is none.
    pub grade: Result<String, String>,
    /// How it comes about, in a few words: `score 85 of 100`.
    pub detail: String,
    /// Id of the check that judges it.
    pub check: &'static str,
}
