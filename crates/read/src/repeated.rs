//! What loops, crontabs and timers do again and again, and how often.

use tightship_model::{CronJob, Host, Keys, Repeated, RepeatedBy, TimerUnit};

use crate::start::Started;

const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;

pub(crate) fn read(started: &Started, host: &Host) -> Vec<Repeated> {
    let loops = started.loops.iter().map(|looped| Repeated {
        by: RepeatedBy::Loop(looped.called.by.clone()),
        every: looped.every,
        command: looped.called.words.join(" "),
        span: looped.called.span,
    });
    let jobs = host.cron.iter().map(|job| Repeated {
        by: RepeatedBy::Cron(job.path.clone()),
        every: every(job),
        command: job.command.words.last().cloned().unwrap_or_default(),
        span: job.span,
    });
    let timers = host.timers.iter().flat_map(|timer| {
        let started = |unit: &&tightship_model::ServiceUnit| {
            unit.path.rsplit('/').next() == Some(timer.starts.as_str())
        };
        let unit = host.services.iter().find(started);
        let commands = unit.map_or(&[][..], |unit| &unit.exec_start);
        commands.iter().map(|argv| Repeated {
            by: RepeatedBy::Timer(timer.path.clone()),
            every: of_timer(timer),
            command: argv.words.join(" "),
            span: argv.span,
        })
    });
    loops.chain(jobs).chain(timers).collect()
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
