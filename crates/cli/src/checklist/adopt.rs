//! `tightship checklist adopt`: bindings for plain boxes.

use std::path::Path;
use std::process::ExitCode;

use tightship_checklist::{Proposal, adopt, adopted};

use super::{args, lists};
use crate::failure::Failure;
use crate::outlet::{to_file, to_stdout};

pub(super) fn run(args: &args::Adopt) -> Result<ExitCode, Failure> {
    let name = args.file.to_string_lossy();
    let list = lists::file(&name)?;
    let proposals = adopt(&list);
    if args.write && !proposals.is_empty() {
        let text = adopted(&list, &proposals);
        to_file(Path::new(&args.file), |out| {
            out.extend_from_slice(text.as_bytes());
            Ok(())
        })?;
    }
    let recognised = proposals.iter().filter(|one| one.confidence > 0).count();
    to_stdout(Some(args.manner), |out| {
        for proposal in &proposals {
            writeln!(out, "{}", tightship_report::clean(&line(proposal)))?;
        }
        writeln!(
            out,
            "{recognised} of {} boxes are recognised, the others are for a person to sign{}",
            proposals.len(),
            match args.write {
                true => "; the comments are written",
                false => "; --write writes the comments",
            }
        )
    })
}

fn line(proposal: &Proposal) -> String {
    let binding = &proposal.binding;
    let proof = match (&binding.cadence, &proposal.row) {
        (Some(cadence), _) => format!("{} {cadence}", binding.kind.name()),
        (None, Some(row)) => format!("{} as {row}", binding.kind.name()),
        (None, None) => binding.kind.name().to_owned(),
    };
    format!(
        "{:>5}  {:>3} %  {proof}: {} ({})",
        proposal.line, proposal.confidence, proposal.text, proposal.because
    )
}
