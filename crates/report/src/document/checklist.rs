//! The team's checklists in the report: how each row stands, by section.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tightship_model::checklist::{Judged, Standing};

use crate::checklist::sections;

/// All rows of the chosen lists. `tightship checklist` says why each stands as it does.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Checklist {
    /// Names of built-in lists, paths of others.
    pub(crate) lists: Vec<String>,
    /// In the order of the lists.
    pub(crate) sections: Vec<Section>,
    /// What is to be known of the lists themselves, such as which of two thresholds counts.
    #[serde(default)]
    pub(crate) notes: Vec<String>,
}

/// Rows under one heading.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Section {
    pub(crate) list: String,
    pub(crate) name: String,
    pub(crate) rows: Vec<Row>,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Row {
    pub(crate) id: String,
    pub(crate) status: Standing,
    /// What it asks.
    pub(crate) text: String,
}

impl Checklist {
    pub(super) fn of(judged: &Judged) -> Self {
        Self {
            lists: judged.lists.clone(),
            sections: sections(judged)
                .into_iter()
                .map(|section| Section {
                    list: section.list.to_owned(),
                    name: section.name.to_owned(),
                    rows: section
                        .items
                        .into_iter()
                        .map(|item| Row {
                            id: item.id.clone(),
                            status: item.standing,
                            text: item.text.clone(),
                        })
                        .collect(),
                })
                .collect(),
            notes: judged.notes.clone(),
        }
    }
}
