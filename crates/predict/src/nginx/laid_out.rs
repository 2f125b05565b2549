//! The http blocks of a deployment, put in order once for all who ask.

use std::sync::Arc;

use self_cell::self_cell;
use tightship_model::nginx::{Configuration, Nginx};

use super::http::Http;

type Block<'a> = Option<Http<'a>>;

self_cell!(
    /// A configuration and its http block, which points into it.
    struct LaidOut {
        owner: Arc<Configuration>,

        #[covariant]
        dependent: Block,
    }
);

/// Every http block, in the order of the configurations; without those that have none.
pub fn http_blocks(nginx: &Nginx) -> impl Iterator<Item = &Http<'_>> {
    let laid_out = nginx.laid_out.get_or_make(|| -> Vec<LaidOut> {
        let configurations = nginx.configurations.iter();
        configurations
            .map(|configuration| LaidOut::new(configuration.clone(), |one| Http::new(one)))
            .collect()
    });
    laid_out
        .into_iter()
        .flatten()
        .filter_map(|laid_out| laid_out.borrow_dependent().as_ref())
}
