//! What renews again and again, and what tells nginx.

use tightship_model::{Certbot, CronJob, Host, Keys, Repeated, RepeatedBy, Span, TimerUnit};

use crate::start::Started;

const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;

/// Adds renewers and reloaders of loops, crontabs, timers and hooks.
pub(super) fn find(certbot: &mut Certbot, started: &Started, host: &Host) {
    for looped in &started.loops {
        let by = RepeatedBy::Loop(looped.called.by.clone());
        let text = looped.called.words.join(" ");
        add(certbot, by, looped.every, &text, looped.called.span);
    }
    for job in &host.cron {
        let text = job.command.words.last().cloned().unwrap_or_default();
        add(
            certbot,
            RepeatedBy::Cron(job.path.clone()),
            every(job),
            &text,
            job.span,
        );
    }
    for timer in &host.timers {
        let unit = host
            .services
            .iter()
            .find(|unit| unit.path.rsplit('/').next() == Some(timer.starts.as_str()));
        for argv in unit.iter().flat_map(|unit| &unit.exec_start) {
            let by = RepeatedBy::Timer(timer.path.clone());
            add(
                certbot,
                by,
                of_timer(timer),
                &argv.words.join(" "),
                argv.span,
            );
        }
    }
    let of_lineages = certbot.lineages.iter().flat_map(|lineage| &lineage.hooks);
    let of_lineages = of_lineages.map(|(_, argv)| (argv.words.join(" "), argv.span));
    let of_runs = certbot.runs.iter().flat_map(|run| {
        run.hooks
            .iter()
            .map(|(_, command)| (command.clone(), run.span))
    });
    let hooks: Vec<(String, Span)> = of_lineages.chain(of_runs).collect();
    for (text, span) in hooks {
        if reloads(&text) {
            certbot
                .reloaders
                .push(repeated(RepeatedBy::Hook, None, "reload", span));
        }
    }
}

fn add(certbot: &mut Certbot, by: RepeatedBy, every: Option<u64>, text: &str, span: Span) {
    let renews =
        text.contains("certbot") && text.contains("renew") || text.contains("certbot-auto renew");
    if renews {
        certbot.renewers.push(Repeated {
            forces_renewal: forces(text),
            ..repeated(by.clone(), every, "certbot renew", span)
        });
    }
    if reloads(text) {
        let by = match renews {
            // `certbot renew --deploy-hook "nginx -s reload"`: it reloads when it renewed.
            true if text.contains("hook") => RepeatedBy::Hook,
            _ => by,
        };
        certbot.reloaders.push(repeated(by, every, "reload", span));
    }
}

fn repeated(by: RepeatedBy, every: Option<u64>, command: &str, span: Span) -> Repeated {
    Repeated {
        by,
        every,
        command: command.to_owned(),
        forces_renewal: false,
        span,
    }
}

/// Whether a command takes a new certificate from an authority that browsers trust whatever the age of
/// the old one. certbot(1) names both options; argparse takes the shortened one too.
fn forces(text: &str) -> bool {
    let has = |options: &[&str]| options.iter().any(|option| text.contains(option));
    has(&["--force-renew", "--renew-by-default"])
        && !has(&["--dry-run", "--staging", "--test-cert"])
}

/// Whether a command makes nginx read its certificates again.
fn reloads(text: &str) -> bool {
    let names_nginx = text.contains("nginx") || text.contains("proxy") || text.contains("web");
    text.contains("nginx -s reload")
        || text.contains("nginx reload")
        || names_nginx
            && ["reload", "restart", "HUP", "SIGHUP"]
                .iter()
                .any(|word| text.contains(word))
}

/// Seconds between two runs of a cron job, where the schedule is an even one.
fn every(job: &CronJob) -> Option<u64> {
    let named = match job.schedule.as_str() {
        "@hourly" => Some(HOUR),
        "@daily" | "@midnight" => Some(DAY),
        "@weekly" => Some(7 * DAY),
        "@monthly" => Some(30 * DAY),
        _ => None,
    };
    if named.is_some() {
        return named;
    }
    let fields: Vec<&str> = job.schedule.split(' ').collect();
    let [_, hours, days, "*", weekdays] = fields.as_slice() else {
        return None;
    };
    match (*days, *weekdays) {
        ("*", "*") => {
            let times = match hours.strip_prefix("*/") {
                Some(step) => 24 / step.parse::<u64>().ok().filter(|step| *step > 0)?,
                None if *hours == "*" => 24,
                None => hours.split(',').count() as u64,
            };
            Some(DAY / times.max(1))
        }
        ("*", weekdays) => Some(7 * DAY / weekdays.split(',').count() as u64),
        (_, "*") => Some(30 * DAY),
        _ => None,
    }
}

/// Seconds between two runs of a timer (systemd.time(7)), where the usual words say it.
fn of_timer(timer: &TimerUnit) -> Option<u64> {
    let key = |keys: &Keys, wanted: &str| {
        let mut found = keys.iter().rev().filter(|(key, _)| key == wanted);
        found.next().map(|(_, value)| value.value.clone())
    };
    if let Some(span) = key(&timer.timer, "OnUnitActiveSec") {
        return seconds(&span);
    }
    let calendar = key(&timer.timer, "OnCalendar")?;
    match calendar.as_str() {
        "hourly" => Some(HOUR),
        "daily" => Some(DAY),
        "weekly" => Some(7 * DAY),
        "monthly" => Some(30 * DAY),
        calendar => {
            let time = calendar.rsplit(' ').next()?;
            let hours = time.split(':').next()?;
            let is_each_day = calendar.starts_with("*-*-*") || !calendar.contains(' ');
            (is_each_day && time.contains(':')).then(|| DAY / hours.split(',').count() as u64)
        }
    }
}

/// `12h`, `1day`, `30min`.
fn seconds(text: &str) -> Option<u64> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == ' ');
    let number: u64 = digits.trim().parse().ok()?;
    let unit = match text[digits.len()..].trim() {
        "" | "s" | "sec" => 1,
        "m" | "min" => 60,
        "h" | "hour" | "hours" => HOUR,
        "d" | "day" | "days" => DAY,
        "w" | "week" | "weeks" => 7 * DAY,
        _ => return None,
    };
    Some(number * unit)
}
