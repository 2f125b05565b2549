//! The commands that show what was read and what follows from it, before it is judged.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use tightship_model::compose::{Compose, Service};
use tightship_model::{Deployment, Starter};
use tightship_predict::chart::chart as draw;
use tightship_predict::visit::{first_hop, visit};
use tightship_predict::ways::edges;
use tightship_read::Options;
use tightship_report::{Screen, answer, chart, env, settings, visit};

use crate::args::{
    Drawing, InspectDeployment, InspectEnv, InspectNginx, InspectResponse, InspectSettings,
    Looking, Wording,
};
use crate::choices::{options, shown};
use crate::config::ConfigFile;
use crate::failure::{Failure, nearest};
use crate::outlet::{to_file, to_stdout, width};
use crate::pipeline::{nothing_to_judge, unreadable};
use crate::progress::watched;
use crate::waivers;

/// `tightship inspect settings`
pub(crate) fn settings(args: &InspectSettings) -> Result<ExitCode, Failure> {
    let root = shown(&args.path);
    let deployment = opened(&args.path, &args.looking)?;
    let Some(evaluated) = &deployment.settings else {
        return Err(nothing_to_judge(&root, &deployment.project));
    };
    let only = &args.only;
    let manner = args.looking.manner.when(args.format == Wording::Terminal);
    to_stdout(manner, |out| match args.format {
        Wording::Terminal => {
            settings::render_terminal(&deployment, evaluated, only, &root, width(), out)
        }
        Wording::Json => settings::render_json(&deployment, evaluated, only, out),
    })
}

/// `tightship inspect response`
pub(crate) fn response(args: &InspectResponse) -> Result<ExitCode, Failure> {
    let root = shown(&args.path);
    let deployment = opened(&args.path, &args.looking)?;
    let edges = edges(&deployment);
    let Some(visit) = visit(&deployment, &edges, &args.url) else {
        return Err(Failure::new(
            format!("{:?} is not an address", args.url),
            "give a whole one: --url https://shop.example/admin/",
        ));
    };
    let manner = args.looking.manner.when(args.format == Wording::Terminal);
    to_stdout(manner, |out| match args.format {
        Wording::Terminal => visit::render_terminal(&deployment, &visit, &root, width(), out),
        Wording::Json => visit::render_json(&deployment, &visit, out),
    })
}

/// `tightship inspect nginx`
pub(crate) fn nginx(args: &InspectNginx) -> Result<ExitCode, Failure> {
    let folder = folder_of(&args.path);
    let config = ConfigFile::find(folder, args.looking.config.as_deref())?;
    let options = options(&args.looking.reading, config.as_ref())?;
    let deployment = watched(&format!("reading {}", shown(&args.path)), || {
        nginx_of(&args.path, &options)
    })
    .map_err(unreadable)?;
    let edges = edges(&deployment);
    if edges.is_empty() {
        return Err(Failure::new(
            format!("{} holds no nginx with an http block", args.path.display()),
            "give the folder of the project, or nginx's own file such as nginx.conf",
        ));
    }
    let Some(hop) = first_hop(&deployment, &edges, &args.url) else {
        return Err(Failure::new(
            format!("{:?} is not an address", args.url),
            "give a whole one: --url https://shop.example/admin/",
        ));
    };
    let (Some(edge), Some(answer)) = (hop.edge, &hop.nginx) else {
        let mut ports: Vec<_> = edges
            .iter()
            .flat_map(|edge| edge.http.sockets())
            .filter(|socket| socket.port != 0)
            .map(|socket| match socket.ssl {
                true => format!("{} (https)", socket.port),
                false => format!("{} (http)", socket.port),
            })
            .collect();
        ports.sort();
        ports.dedup();
        let help = match ports.as_slice() {
            [] => "no file of the project says where one listens: its image may bring the \
                   configuration, or make it when it starts"
                .to_owned(),
            ports => format!(
                "inside its container or machine it listens on {}",
                ports.join(", ")
            ),
        };
        return Err(Failure::new(format!("no nginx takes {:?}", args.url), help));
    };
    let root = shown(folder);
    let manner = args.looking.manner.when(args.format == Wording::Terminal);
    to_stdout(manner, |out| match args.format {
        Wording::Terminal => {
            answer::render_terminal(&deployment, edge, &hop, answer, &root, width(), out)
        }
        Wording::Json => answer::render_json(&deployment, edge, &hop, answer, out),
    })
}

/// `tightship inspect env`
pub(crate) fn env(args: &InspectEnv) -> Result<ExitCode, Failure> {
    let root = shown(&args.path);
    let deployment = opened(&args.path, &args.looking)?;
    let Some(compose) = &deployment.compose else {
        return Err(Failure::new(
            format!("{root} has no Compose file for production"),
            "give the folder that holds it",
        ));
    };
    let service = match &args.service {
        Some(name) => named(compose, name)?,
        None => of_django(&deployment, compose)?,
    };
    let manner = args.looking.manner.when(args.format == Wording::Terminal);
    to_stdout(manner, |out| match args.format {
        Wording::Terminal => env::render_terminal(&deployment, service, &root, width(), out),
        Wording::Json => env::render_json(&deployment, service, out),
    })
}

/// `tightship inspect deployment`
pub(crate) fn deployment(args: &InspectDeployment) -> Result<ExitCode, Failure> {
    let config = ConfigFile::find(&args.path, args.looking.config.as_deref())?;
    let options = options(&args.looking.reading, config.as_ref())?;
    let root = shown(&args.path);
    let (deployment, verdicts) = watched(&format!("reading {root}"), || {
        let mut deployment = tightship_read::read(&args.path, &options)?;
        if let Some(file) = &config {
            waivers::add(file, &args.path, &mut deployment);
        }
        let mut verdicts = waivers::judge(&deployment, |_| true);
        waivers::set_aside(&mut verdicts, &deployment, &BTreeSet::new(), |_| true);
        Ok((deployment, verdicts))
    })
    .map_err(unreadable)?;
    let edges = edges(&deployment);
    let mut drawn = draw(&deployment, &edges);
    if drawn.nodes.is_empty() {
        return Err(Failure::new(
            format!("{root} holds no Compose file for production and no nginx"),
            "give the folder that holds them",
        ));
    }
    drawn.mark(&deployment, &edges, &verdicts);
    let compose = deployment.compose.as_ref();
    let name = compose.and_then(|compose| Some(compose.name.as_ref()?.value.as_str()));
    let title = match (name, &*root) {
        (Some(name), _) => name,
        (None, ".") => "deployment",
        (None, root) => root,
    };
    let drawn = chart::Document::of(&deployment, &drawn);
    let write = |out: &mut dyn Write, width| match args.format {
        Drawing::Terminal => chart::render_terminal(&drawn, title, width, out),
        Drawing::Json => chart::render_json(&drawn, out),
        Drawing::Mermaid => chart::render_mermaid(&drawn, out),
        Drawing::Svg => chart::render_svg(&drawn, title, out),
    };
    match &args.output {
        None => {
            let manner = args.looking.manner.when(args.format == Drawing::Terminal);
            to_stdout(manner, |out| write(out, width()))
        }
        Some(file) => {
            to_file(file, |out| {
                let mut plain = anstream::StripStream::new(out);
                write(&mut plain, Screen::DEFAULT_WIDTH)
            })?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// The deployment below a folder.
fn opened(path: &Path, looking: &Looking) -> Result<Deployment, Failure> {
    let config = ConfigFile::find(path, looking.config.as_deref())?;
    let options = options(&looking.reading, config.as_ref())?;
    watched(&format!("reading {}", shown(path)), || {
        tightship_read::read(path, &options)
    })
    .map_err(unreadable)
}

/// The folder of a project, or that in which a file stands.
fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if path.is_file() && parent.as_os_str().is_empty() => Path::new("."),
        Some(parent) if path.is_file() => parent,
        _ => path,
    }
}

/// What a folder holds; of a file the nginx configuration that begins there. A file without an
/// http block is part of one, which its folder may tell.
fn nginx_of(path: &Path, options: &Options) -> Result<Deployment, tightship_read::Error> {
    if path.is_file() {
        let deployment = tightship_read::nginx_configuration(path)?;
        if !edges(&deployment).is_empty() {
            return Ok(deployment);
        }
    }
    tightship_read::read(folder_of(path), options)
}

fn named<'a>(compose: &'a Compose, name: &str) -> Result<&'a Service, Failure> {
    compose.service(name).ok_or_else(|| {
        let names = compose.services.iter().map(|service| service.name.as_str());
        Failure::new(
            format!("no service is called {name:?}"),
            match nearest(name, names) {
                Some(near) => format!("did you mean {near}?"),
                None => choose(compose),
            },
        )
    })
}

/// The one service in which a server of Django runs.
fn of_django<'a>(deployment: &Deployment, compose: &'a Compose) -> Result<&'a Service, Failure> {
    let serves = |service: &&Service| {
        deployment
            .processes_of(&Starter::Service(service.name.clone()))
            .any(|process| process.program.serves_django())
    };
    let found: Vec<_> = compose.services.iter().filter(serves).collect();
    match found[..] {
        [service] => Ok(service),
        [] => Err(Failure::new(
            "no service is seen to answer with Django",
            choose(compose),
        )),
        _ => Err(Failure::new(
            format!("{} services answer with Django", found.len()),
            choose(compose),
        )),
    }
}

fn choose(compose: &Compose) -> String {
    let names: Vec<_> = compose
        .services
        .iter()
        .map(|service| service.name.as_str())
        .collect();
    format!("choose with --service: {}", names.join(", "))
}
