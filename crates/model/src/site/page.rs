//! What an HTML page holds that a browser acts upon.

use serde::{Deserialize, Serialize};

/// The elements of a page that load, send or allow something.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Page {
    pub title: String,
    pub scripts: Vec<Script>,
    /// What `<link>` names, with its `rel`.
    pub links: Vec<Link>,
    /// Everything else that a browser loads by itself: images, frames, media.
    pub resources: Vec<Resource>,
    pub forms: Vec<Form>,
    pub metas: Vec<Meta>,
    /// Number of attributes that hold script, such as `onclick`.
    pub handlers: usize,
    /// Whether elements beyond the bound were left out.
    pub is_cut: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Script {
    /// As written; `None` for a script within the page.
    pub src: Option<String>,
    /// `src` against the base of the page.
    pub url: Option<String>,
    pub integrity: Option<String>,
    pub crossorigin: Option<String>,
    pub has_nonce: bool,
    /// The attribute `type`.
    pub kind: Option<String>,
    /// From 1.
    pub line: usize,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Link {
    pub rel: String,
    /// `href` against the base of the page.
    pub url: String,
    pub integrity: Option<String>,
    pub crossorigin: Option<String>,
    pub line: usize,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Resource {
    pub element: String,
    pub attribute: String,
    /// Against the base of the page.
    pub url: String,
    pub line: usize,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Form {
    /// In capitals.
    pub method: String,
    /// Against the base of the page.
    pub action: String,
    pub has_password: bool,
    /// Whether it holds Django's `csrfmiddlewaretoken`.
    pub has_csrf_token: bool,
    pub line: usize,
}

/// A `<meta>` with what it says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Meta {
    /// `http-equiv` in small letters, or else `name`.
    pub name: String,
    pub is_http: bool,
    pub content: String,
}
