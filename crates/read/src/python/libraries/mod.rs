//! Models of packages that settings call: readers of the environment and of URLs.
//!
//! The evaluator knows everything outside the project by its dotted path, so a model is a set of
//! answers about paths. It asks here, in this order, and takes `None` for "not modelled", after
//! which the result is opaque:
//!
//! - [`call`]: `path(args)`. A method of a library object arrives as
//!   `<class path>.<method>` with the object as `receiver`; calling the object itself as
//!   `<class path>.__call__`, `object[key]` as `<class path>.__getitem__`, `key in object` as
//!   `<class path>.__contains__`.
//! - [`attribute`]: `path.name`, or `object.name` with the object as `receiver`. Without an answer,
//!   `path.name` is again a path, and `object.name` a method to be called.
//! - [`instantiate`]: a class of the project that derives from a library's class is called, and no
//!   `__init__` of the project stands in the way.
//! - [`finish`]: the settings module has run; what the library makes of its namespace.
//!
//! Paths are canonical: where a package offers a name under several paths, [`canonical`] maps them
//! to one.
//!
//! What a model needs from the evaluator:
//!
//! | to do | call |
//! |---|---|
//! | read a variable with its trail and taint | `eval.variable(name, has_default, span)`, `eval.read_variable(..)` |
//! | go on where a variable is open | `Variable::Open(open)`: `open.or(default)`, `open.required()` |
//! | write the environment | `eval.write_variable(name, val)`; from a `.env` file `eval.load_variable(name, val, wins)` |
//! | read a file of the tree | `eval.project_file(path)` gives a `SourceId` for an absolute or relative path |
//! | make values | `Val::str`, `Val::int`, `Val::bool`, `Val::tuple`, `eval.list`, `eval.set`, `eval.dict`, `eval.object(class, state)` |
//! | look inside | `eval.items(&val)`, `eval.entries(&val)`, `eval.state(&val, name)`, `eval.set_state(..)` |
//! | call a value, such as a cast | `eval.call(&val, args, span)` |
//! | apply a pure function to a value that may depend on something | `eval.lift(&[&val], span, &mut \|eval, known\| ..)` |
//! | raise | `Err(Raise::new("decouple.UndefinedValueError", "text", Some(span)))` |
//! | parse Python literals, numbers | `eval.literal(text, span)` |
//!
//! Arguments that are one of several, or depend on open variables, arrive as they are: pass what a
//! function computes from them through `eval.lift`, which calls it for each case and joins. Texts
//! of trails and errors never hold a value that may be secret.

use tightship_model::Span;

use super::eval::{Evaluator, Raise};
use super::value::{Args, Val};

/// The one path under which a modelled name is known here.
pub(super) fn canonical(path: &str) -> &str {
    path
}

/// Calls a modelled function or method.
pub(super) fn call(
    eval: &mut Evaluator<'_>,
    path: &str,
    receiver: Option<&Val>,
    args: &Args,
    span: Span,
) -> Option<Result<Val, Raise>> {
    let _ = (eval, path, receiver, args, span);
    None
}

/// An attribute of a modelled module, class or object.
pub(super) fn attribute(
    eval: &mut Evaluator<'_>,
    path: &str,
    receiver: Option<&Val>,
    name: &str,
    span: Span,
) -> Option<Result<Val, Raise>> {
    let _ = (eval, path, receiver, name, span);
    None
}

/// Calls a class of the project that derives from the class `base` of a library.
pub(super) fn instantiate(
    eval: &mut Evaluator<'_>,
    class: &Val,
    base: &str,
    args: &Args,
    span: Span,
) -> Option<Result<Val, Raise>> {
    let _ = (eval, class, base, args, span);
    None
}

/// Changes the namespace of the settings module after it has run.
pub(super) fn finish(eval: &mut Evaluator<'_>, module: &Val) -> Result<(), Raise> {
    let _ = (eval, module);
    Ok(())
}
