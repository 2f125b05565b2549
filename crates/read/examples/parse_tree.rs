//! The yardstick of `bench/tree`: reads and parses every Python file below a folder, in parallel,
//! and does nothing else. It stands on the parser alone, not on tightship's readers.
#![expect(clippy::print_stdout, reason = "a program for the terminal")]

use std::path::PathBuf;
use std::sync::Mutex;

use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

fn main() {
    let root = std::env::args_os()
        .nth(1)
        .expect("usage: parse_tree FOLDER");
    let files: Mutex<Vec<PathBuf>> = Mutex::default();
    ignore::WalkBuilder::new(root)
        .standard_filters(false)
        .build_parallel()
        .run(|| {
            Box::new(|entry| {
                if let Ok(entry) = entry
                    && entry
                        .path()
                        .extension()
                        .is_some_and(|extension| extension == "py")
                {
                    files
                        .lock()
                        .expect("no thread panics")
                        .push(entry.into_path());
                }
                ignore::WalkState::Continue
            })
        });
    let files = files.into_inner().expect("no thread panics");
    let statements: usize = files
        .par_iter()
        .filter_map(|path| std::fs::read_to_string(path).ok())
        .map(|text| {
            let options = ruff_python_parser::ParseOptions::from(ruff_python_parser::Mode::Module);
            match ruff_python_parser::parse_unchecked(&text, options).into_syntax() {
                ruff_python_ast::Mod::Module(module) => module.body.len(),
                ruff_python_ast::Mod::Expression(_) => 0,
            }
        })
        .sum();
    println!("{} files, {statements} top-level statements", files.len());
}
