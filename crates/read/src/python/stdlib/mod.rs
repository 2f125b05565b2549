//! The parts of the standard library, and of Django, that settings use.

mod documents;
mod iterables;
mod json;
mod modules;
mod os;
mod records;
pub(crate) mod regexes;
pub(crate) mod texts;

use tightship_model::{Cause, Span};

use super::eval::{Evaluator, Raise};
use super::value::{Args, Kind, Made, Val, last_part};

use modules::MODULES;
pub(crate) use modules::is_module;

/// Calls a function or class; `None` for one that is not modelled.
pub(crate) fn call(
    eval: &mut Evaluator<'_>,
    path: &str,
    receiver: Option<&Val>,
    args: &Args,
    span: Span,
) -> Option<Result<Val, Raise>> {
    if let Some(rest) = &args.rest
        && is_module(path.split('.').next().unwrap_or(path))
    {
        return Some(Ok(Kind::Unknown(rest.clone()).into()));
    }
    os::call(eval, path, args, span)
        .or_else(|| documents::call(eval, path, receiver, args, span))
        .or_else(|| regexes::call(eval, path, receiver, args, span))
        .or_else(|| json::call(eval, path, receiver, args, span))
        .or_else(|| texts::call(eval, path, receiver, args, span))
        .or_else(|| iterables::call(eval, path, args, span))
        .or_else(|| records::call(eval, path, args, span))
        .or_else(|| other(eval, path, receiver, args, span).transpose())
}

/// A constant of a module; `None` where the path is a function, class or module, or not known.
pub(crate) fn constant(eval: &mut Evaluator<'_>, path: &str, span: Span) -> Option<Val> {
    Some(match path {
        "os.sep" | "os.path.sep" => Val::str("/"),
        "os.pathsep" => Val::str(":"),
        "os.linesep" => Val::str("\n"),
        "os.name" => Val::str("posix"),
        "os.curdir" => Val::str("."),
        "os.pardir" => Val::str(".."),
        "sys.platform" => Val::str("linux"),
        "sys.maxsize" => Val::int(i128::from(i64::MAX)),
        // What a project of today runs on, where nothing says otherwise.
        "sys.version_info" => Val::tuple(vec![
            Val::int(3),
            Val::int(12),
            Val::int(0),
            Val::str("final"),
            Val::int(0),
        ]),
        "sys.path" => Kind::List(eval.search).into(),
        "sys.executable" | "sys.version" | "sys.prefix" | "sys.base_prefix" => {
            eval.unknown(Cause::Machine, format!("{path} of the machine"), span)
        }
        "string.ascii_letters" => Val::str("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"),
        "string.ascii_lowercase" => Val::str("abcdefghijklmnopqrstuvwxyz"),
        "string.ascii_uppercase" => Val::str("ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
        "csp.constants.NONCE" => Kind::Made(std::rc::Rc::new(Made {
            class: "csp.constants.Nonce".into(),
            positional: Vec::new(),
            keywords: Vec::new(),
        }))
        .into(),
        path if path.starts_with("csp.constants.") => Val::str(content_source(path)?),
        "string.digits" => Val::str("0123456789"),
        "string.hexdigits" => Val::str("0123456789abcdefABCDEF"),
        "string.punctuation" => Val::str("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"),
        "logging.CRITICAL" | "logging.FATAL" => Val::int(50),
        "logging.ERROR" => Val::int(40),
        "logging.WARNING" | "logging.WARN" => Val::int(30),
        "logging.INFO" => Val::int(20),
        "logging.DEBUG" => Val::int(10),
        "logging.NOTSET" => Val::int(0),
        "math.inf" => Kind::Float(f64::INFINITY).into(),
        "math.pi" => Kind::Float(std::f64::consts::PI).into(),
        "re.IGNORECASE" | "re.I" => Val::int(2),
        "typing.TYPE_CHECKING" => Val::bool(false),
        // The process that serves is started by its server, not by manage.py.
        "sys.argv" => {
            let server = Val::str("gunicorn");
            eval.list(vec![server])
        }
        "ssl.CERT_NONE" => Val::int(0),
        "ssl.CERT_OPTIONAL" => Val::int(1),
        "ssl.CERT_REQUIRED" => Val::int(2),
        "django.VERSION" => match eval.django_version() {
            Some((major, minor)) => {
                let micro = eval.unknown(Cause::Package, "the patch version of Django", span);
                Val::tuple(vec![
                    Val::int(i128::from(major)),
                    Val::int(i128::from(minor)),
                    micro,
                    Val::str("final"),
                    Val::int(0),
                ])
            }
            None => eval.unknown(Cause::Package, "the version of Django is not named", span),
        },
        path if path.starts_with("django.conf.settings.") => eval.unknown(
            Cause::Code,
            "the settings are not ready while their module runs",
            span,
        ),
        path => {
            let name = path.strip_prefix("django.conf.global_settings.")?;
            if eval.django_version().is_none() && super::django::differs(name) {
                return Some(eval.unknown(
                    Cause::Package,
                    format!("{name} differs between versions of Django"),
                    span,
                ));
            }
            let (_, value) =
                super::django::defaults(eval.django).find(|(default, _)| *default == name)?;
            eval.plain_value(value, span)
                .via(None, format!("Django's default of {name}"))
        }
    })
}

/// Library objects whose state is what their attributes give.
pub(crate) fn shows_state(class: &str) -> bool {
    matches!(
        class,
        "urllib.parse.ParseResult" | "re.Match" | "string.Template"
    )
}

/// Decorators that leave a function what it is, as far as settings can tell.
pub(crate) fn decorates_without_change(path: &str) -> bool {
    matches!(
        path,
        "functools.lru_cache"
            | "functools.cache"
            | "functools.wraps"
            | "typing.no_type_check"
            | "typing.final"
            | "typing.overload"
            | "abc.abstractmethod"
            | "enum.unique"
            | "contextlib.contextmanager"
            | "functools.total_ordering"
            | "django.utils.deconstruct.deconstructible"
    )
}

/// Functions outside the project that read what they are given and do not change it.
pub(crate) fn leaves_arguments_alone(path: &str) -> bool {
    let first = path.split('.').next().unwrap_or(path);
    let name = last_part(path);
    MODULES.contains(&first) && !matches!(name, "shuffle" | "heapify" | "update")
        || matches!(
            name,
            "init"
                | "configure"
                | "setup"
                | "dictConfig"
                | "basicConfig"
                | "print"
                | "parse"
                | "config"
                | "get"
                | "install"
                | "patch"
                | "monkeypatch"
                | "install_as_MySQLdb"
                | "register"
                | "include"
                | "debug"
                | "info"
                | "warning"
                | "error"
        )
}

fn other(
    eval: &mut Evaluator<'_>,
    path: &str,
    receiver: Option<&Val>,
    args: &Args,
    span: Span,
) -> Result<Option<Val>, Raise> {
    let none = Val::NONE;
    let first = args.positional.first();
    let argument = first.unwrap_or(&none);
    Ok(Some(match path {
        "inspect.getmembers" if args.positional.len() == 1 => {
            match eval.instance_members(argument, span)? {
                Some(members) => members,
                None => return Ok(None),
            }
        }
        "datetime.timedelta" => {
            let names = [
                "days",
                "seconds",
                "microseconds",
                "milliseconds",
                "minutes",
                "hours",
                "weeks",
            ];
            let units = [86_400e6, 1e6, 1.0, 1e3, 60e6, 3_600e6, 604_800e6];
            let none = Val::int(0);
            let parts: Vec<&Val> = names
                .iter()
                .enumerate()
                .map(|(at, name)| args.at(at, name).unwrap_or(&none))
                .collect();
            eval.lift(&parts, span, &mut |eval, values| {
                let mut micros = 0.0_f64;
                for (value, unit) in values.iter().zip(units) {
                    let number = match value.kind {
                        Kind::Float(number) => number,
                        _ => match value.as_int() {
                            Some(number) => number as f64,
                            None => return Ok(eval.unknown_because(value)),
                        },
                    };
                    micros += number * unit;
                }
                // Timedeltas reach to 999999999 days, which 64 bits of microseconds do not hold.
                if micros.abs() > 9e18 {
                    return Ok(eval.unknown(Cause::Bound, "a very long time", span));
                }
                Ok(Kind::Timedelta(micros.round_ties_even() as i64).into())
            })?
        }
        "copy.copy" | "copy.deepcopy" => copy(eval, argument, path == "copy.deepcopy", 0)?,
        "sys.exit" | "os._exit" | "os.abort" => {
            return Err(Raise::new("SystemExit", "", Some(span)));
        }
        "functools.lru_cache"
        | "functools.cache"
        | "functools.wraps"
        | "functools.update_wrapper" => match first {
            Some(value) if matches!(value.kind, Kind::Function(_)) && path != "functools.wraps" => {
                value.clone()
            }
            _ => eval.object("functools.identity", Vec::new()),
        },
        "functools.identity.__call__" => argument.clone(),
        "functools.partial" => {
            let mut state = vec![("function", argument.clone())];
            let rest = args.positional.get(1..).unwrap_or_default().to_vec();
            state.push(("positional", Val::tuple(rest)));
            let keywords = args.keywords.iter();
            let keywords = keywords.map(|(name, value)| (Val::str(name.clone()), value.clone()));
            let keywords = eval.dict(keywords.collect());
            state.push(("keywords", keywords));
            eval.object("functools.partial", state)
        }
        "functools.partial.__call__" => {
            let Some(partial) = receiver else {
                return Ok(None);
            };
            let function = eval.state(partial, "function").unwrap_or(Val::NONE);
            let positional = eval.state(partial, "positional");
            let mut positional = positional
                .and_then(|value| eval.items(&value))
                .unwrap_or_default()
                .items;
            positional.extend(args.positional.iter().cloned());
            let mut keywords = args.keywords.clone();
            let given = eval.state(partial, "keywords").unwrap_or(Val::NONE);
            for (name, value) in eval
                .entries(&given)
                .cloned()
                .unwrap_or_default()
                .entries
                .into_values()
            {
                if let Some(name) = name.as_str()
                    && args.keyword(name).is_none()
                {
                    keywords.push((name.into(), value));
                }
            }
            let args = Args {
                positional,
                keywords,
                rest: args.rest.clone(),
            };
            eval.call(&function, args, span)?
        }
        "functools.reduce" => {
            let values = args.positional.get(1).unwrap_or(&none);
            let values = eval.in_order(values, span);
            let items = eval.iterate(&values, span)?;
            if let Some(rest) = items.rest {
                return Ok(Some(Kind::Unknown(rest).into()));
            }
            let mut items = items.items.into_iter();
            let Some(mut total) = args.positional.get(2).cloned().or_else(|| items.next()) else {
                return Err(Raise::new("TypeError", "reduce() of nothing", Some(span)));
            };
            for item in items {
                total = eval.call(argument, Args::positional(vec![total, item]), span)?;
            }
            total
        }
        "collections.OrderedDict" => {
            return super::builtins::call(eval, "dict", args, span).transpose();
        }
        "collections.defaultdict" => {
            let rest = Args {
                positional: args.positional.get(1..).unwrap_or_default().to_vec(),
                keywords: args.keywords.clone(),
                rest: None,
            };
            let mut dict = super::methods::mapping(eval, &rest, span)?;
            dict.default = first.filter(|value| !value.is_none()).cloned();
            eval.dict_object(dict)
        }
        "dataclasses.dataclass" => eval.object("dataclasses.dataclass", Vec::new()),
        "dataclasses.field" => {
            let state = args.keywords.iter();
            let state = state
                .map(|(name, value)| (&**name, value.clone()))
                .collect();
            eval.object("dataclasses.field", state)
        }
        "enum.auto" => eval.object("enum.auto", Vec::new()),
        "typing.cast" => args.positional.get(1).cloned().unwrap_or(Val::NONE),
        "importlib.import_module" => {
            let package = args
                .at(1, "package")
                .and_then(Val::as_str)
                .map(str::to_owned);
            eval.lift(&[argument], span, &mut |eval, values| {
                let Some(name) = values[0].as_str() else {
                    return Ok(eval.unknown_because(&values[0]));
                };
                match (name.strip_prefix('.'), &package) {
                    (Some(rest), Some(package)) => {
                        eval.import_own(&format!("{package}.{rest}"), span)
                    }
                    _ => eval.import_module(name, span),
                }
            })?
        }
        // Lazy translations are shown as the text that they wrap.
        "django.utils.translation.gettext_lazy"
        | "django.utils.translation.gettext"
        | "django.utils.translation.ugettext_lazy"
        | "django.utils.translation.gettext_noop" => match args.positional.last() {
            Some(text) => text.clone(),
            None => return Ok(None),
        },
        "secrets.token_hex"
        | "secrets.token_urlsafe"
        | "secrets.token_bytes"
        | "secrets.choice"
        | "secrets.randbelow"
        | "random.choice"
        | "random.choices"
        | "random.randint"
        | "random.random"
        | "random.sample"
        | "random.randrange"
        | "random.SystemRandom"
        | "random.getrandbits"
        | "uuid.uuid4"
        | "uuid.uuid1"
        | "os.urandom"
        | "django.core.management.utils.get_random_secret_key"
        | "django.utils.crypto.get_random_string"
        | "secrets.SystemRandom"
        | "cryptography.fernet.Fernet.generate_key" => eval.unknown(
            Cause::Random,
            format!("{path}() makes it anew at each start"),
            span,
        ),
        path if [
            "socket.",
            "platform.",
            "getpass.",
            "time.",
            "datetime.",
            "locale.",
            "psutil.",
            "multiprocessing.",
            "resource.",
            "zoneinfo.",
            "subprocess.",
            "shutil.",
            "tempfile.",
        ]
        .iter()
        .any(|prefix| path.starts_with(prefix))
            && !super::eval::is_class_name(path) =>
        {
            eval.maybe_any(span);
            eval.unknown(Cause::Machine, format!("{path}() asks the machine"), span)
        }
        path if path.starts_with("warnings.") || path.starts_with("logging.config.") => Val::NONE,
        "logging.basicConfig"
        | "logging.disable"
        | "logging.captureWarnings"
        | "logging.addLevelName" => Val::NONE,
        "logging.getLevelName" => eval.lift(&[argument], span, &mut |eval, values| {
            let level = LEVELS.iter().find(|(level, name)| match &values[0].kind {
                Kind::Int(number) => number == level,
                Kind::Str(text) => **text == **name,
                _ => false,
            });
            Ok(match (level, &values[0].kind) {
                (Some((_, name)), Kind::Int(_)) => Val::str(*name),
                (Some((level, _)), Kind::Str(_)) => Val::int(*level),
                (None, Kind::Int(level)) => Val::str(format!("Level {level}")),
                (None, Kind::Str(text)) => Val::str(format!("Level {text}")),
                _ => eval.unknown_because(&values[0]),
            })
        })?,
        "logging.debug" | "logging.info" | "logging.warning" | "logging.error"
        | "logging.critical" | "logging.exception" | "logging.log" => Val::NONE,
        path if path.starts_with("logging.Logger.") => Val::NONE,
        "contextlib.suppress" | "contextlib.nullcontext" => Kind::Made(std::rc::Rc::new(Made {
            class: path.into(),
            positional: args.positional.clone(),
            keywords: args.keywords.clone(),
        }))
        .into(),
        "re.compile"
        | "celery.schedules.schedule"
        | "django.urls.reverse_lazy"
        | "django.utils.translation.pgettext_lazy" => Kind::Made(std::rc::Rc::new(Made {
            class: path.into(),
            positional: args.positional.clone(),
            keywords: args.keywords.clone(),
        }))
        .into(),
        "operator.itemgetter" | "operator.attrgetter" => {
            eval.object(path, vec![("names", Val::tuple(args.positional.clone()))])
        }
        "operator.itemgetter.__call__" | "operator.attrgetter.__call__" => {
            let names = receiver.and_then(|getter| eval.state(getter, "names"));
            let names = names
                .and_then(|names| eval.items(&names))
                .unwrap_or_default()
                .items;
            let mut found = Vec::new();
            for name in names {
                found.push(match name.as_str() {
                    Some(name) if path.starts_with("operator.attr") => {
                        let mut value = argument.clone();
                        for part in name.split('.') {
                            value = eval.attribute(&value, part, span)?;
                        }
                        value
                    }
                    _ => eval.subscript(argument, &name, span)?,
                });
            }
            match <[Val; 1]>::try_from(found) {
                Ok([one]) => one,
                Err(all) => Val::tuple(all),
            }
        }
        "operator.mul" | "operator.add" | "operator.sub" | "operator.or_" => {
            use super::syntax::ast::Operator;
            let op = match path {
                "operator.mul" => Operator::Mult,
                "operator.add" => Operator::Add,
                "operator.sub" => Operator::Sub,
                _ => Operator::BitOr,
            };
            eval.binary(op, argument, args.positional.get(1).unwrap_or(&none), span)?
        }
        _ => return Ok(None),
    }))
}

/// Levels of `logging` (Python 3.12).
const LEVELS: [(i128, &str); 6] = [
    (50, "CRITICAL"),
    (40, "ERROR"),
    (30, "WARNING"),
    (20, "INFO"),
    (10, "DEBUG"),
    (0, "NOTSET"),
];

/// A copy of a value, with everything inside it where `deep`.
fn copy(eval: &mut Evaluator<'_>, value: &Val, deep: bool, depth: usize) -> Result<Val, Raise> {
    /// Depth of structures that are copied.
    const DEEPEST: usize = 64;
    use super::heap::Object;
    eval.spend(1)?;
    if depth > DEEPEST {
        return Err(Raise::bound(
            "a structure that is nested too deep to be copied",
        ));
    }
    let settled = eval.settled(value);
    if let Kind::OneOf(cases) = &settled.kind {
        let mut copies = Vec::new();
        for case in cases.iter() {
            copies.push((case.when.clone(), copy(eval, &case.value, deep, depth + 1)?));
        }
        let span = settled.trail.links().find_map(|link| link.span);
        let span = span.unwrap_or(Span::new(tightship_model::SourceId(0), 0, 0));
        return Ok(eval.one_of(copies, span));
    }
    let (Kind::List(id) | Kind::Dict(id) | Kind::Set(id) | Kind::Instance(_, id)) = settled.kind
    else {
        if let (Kind::Tuple(sequence), true) = (&settled.kind, deep) {
            let mut items = Vec::new();
            for item in &sequence.items {
                items.push(copy(eval, item, deep, depth + 1)?);
            }
            return Ok(Val {
                kind: Kind::Tuple(std::rc::Rc::new(super::value::Sequence {
                    items,
                    rest: sequence.rest.clone(),
                })),
                ..settled
            });
        }
        return Ok(settled);
    };
    let mut object = Object::clone(eval.heap.object(id));
    if deep {
        match &mut object {
            Object::List(list) => {
                for item in &mut list.items {
                    *item = copy(eval, item, deep, depth + 1)?;
                }
            }
            Object::Dict(dict) => {
                for (_, value) in dict.entries.values_mut() {
                    *value = copy(eval, value, deep, depth + 1)?;
                }
            }
            Object::Names(names) => {
                for value in names.values.values_mut() {
                    *value = copy(eval, value, deep, depth + 1)?;
                }
            }
            _ => {}
        }
    }
    // Even a shallow copy has entries of its own.
    if let (Object::Names(names), false) = (&mut object, deep)
        && let Some(entries) = names.values.get_mut(super::eval::OWN_DICT)
    {
        *entries = copy(eval, entries, false, depth + 1)?;
    }
    let id = eval.heap.add(object);
    let kind = match settled.kind {
        // Members of an enum are there once.
        Kind::Instance(ref class, _) if super::eval::is_enum(class) => return Ok(settled),
        Kind::Instance(ref class, _) => Kind::Instance(class.clone(), id),
        Kind::List(_) => Kind::List(id),
        Kind::Dict(_) => Kind::Dict(id),
        _ => Kind::Set(id),
    };
    Ok(Val { kind, ..settled })
}

/// The sources that django-csp 4.0 names (`csp/constants.py`).
fn content_source(path: &str) -> Option<&'static str> {
    Some(match path.strip_prefix("csp.constants.")? {
        "NONE" => "'none'",
        "REPORT_SAMPLE" => "'report-sample'",
        "SELF" => "'self'",
        "STRICT_DYNAMIC" => "'strict-dynamic'",
        "UNSAFE_ALLOW_REDIRECTS" => "'unsafe-allow-redirects'",
        "UNSAFE_EVAL" => "'unsafe-eval'",
        "UNSAFE_HASHES" => "'unsafe-hashes'",
        "UNSAFE_INLINE" => "'unsafe-inline'",
        "WASM_UNSAFE_EVAL" => "'wasm-unsafe-eval'",
        _ => return None,
    })
}
