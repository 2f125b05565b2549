//! Lists as people write them, and as nobody should.

mod hostile;
mod ticking;

use tightship_checklist::{Checklist, Refusal};

#[track_caller]
fn list(text: &str) -> Checklist {
    Checklist::parse("LIST.md", text).unwrap_or_else(|refusal| panic!("{refusal}"))
}

#[track_caller]
fn refusal(text: &str) -> Refusal {
    Checklist::parse("LIST.md", text).expect_err("it is refused")
}
