//! Files of the host and what they say.

use tightship_model::SourceId;

use super::*;

const ANY: SourceId = SourceId(0);

#[test]
fn a_unit_gives_its_keys_environment_and_start() {
    let text = "[Unit]\nAfter=network.target\n[Service]\nEnvironment=\"A=x y\" B=2 \\\n  C=3\n# note\n\
        EnvironmentFile=-/srv/app/.env\nExecStart=-/venv/bin/gunicorn 'a b' shop.wsgi\nRestart=on-failure\n\
        Restart=always\n[Install]\nWantedBy=multi-user.target\n";
    let unit = units::service("web.service", ANY, text);
    let names: Vec<&str> = unit
        .environment
        .variables
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(names, ["A", "B", "C"]);
    assert_eq!(
        unit.environment.variables["A"].value,
        Value::Str("x y".to_owned())
    );
    assert_eq!(unit.environment_files[0].value, "/srv/app/.env");
    assert_eq!(
        unit.exec_start[0].words,
        ["/venv/bin/gunicorn", "a b", "shop.wsgi"]
    );
    assert_eq!(
        unit.key("Restart").map(|key| key.value.as_str()),
        Some("always")
    );
    assert_eq!(unit.install[0].1.value, "multi-user.target");
}

#[test]
fn an_empty_assignment_takes_back() {
    let text = "[Service]\nEnvironment=A=1\nEnvironment=\nEnvironment=B=2\nExecStart=/a\nExecStart=\nExecStart=/b\n";
    let unit = units::service("web.service", ANY, text);
    assert_eq!(unit.environment.variables.len(), 1);
    assert_eq!(unit.exec_start.len(), 1);
}

#[test]
fn secrets_of_a_unit_are_not_shown() {
    let text = "[Service]\nEnvironment=SECRET_KEY=correct-horse\n";
    let unit = units::service("web.service", ANY, text);
    assert!(!format!("{unit:?}").contains("correct-horse"));
}

/// systemd.exec(5), `EnvironmentFile=`.
#[test]
fn environment_files_of_systemd_have_a_syntax_of_their_own() {
    for (text, expected) in [
        ("A=1\nB=2\n", "A=1 B=2"),
        ("A=a b  \n", "A=a b"),
        ("A=\"x y\"\n", "A=x y"),
        ("A='$B \\n'\n", "A=$B \\n"),
        ("A=one \\\ntwo\n", "A=one two"),
        ("; no\n# no\nA=1\n", "A=1"),
        ("A=1 # kept\n", "A=1 # kept"),
        ("export A=1\n", ""),
        ("A=\"a\\\"b\"\n", "A=a\"b"),
        ("A=\"x\ny\"\n", "A=x\ny"),
        ("A=$B${C}\n", "A=$B${C}"),
        ("A=\n", "A="),
        ("A = 1\n", "A=1"),
        ("no assignment\nA=1", "A=1"),
    ] {
        let found = environment_file(ANY, text);
        let found: Vec<String> = found
            .iter()
            .map(|(name, value, _)| format!("{name}={value}"))
            .collect();
        assert_eq!(found.join(" "), expected, "{text:?}");
    }
}

#[test]
fn crontabs_of_users_and_of_the_system() {
    let text = "# note\nMAILTO=\"\"\n0 3 * * * certbot renew --quiet\n@daily  /usr/bin/backup 100\\% % input\n";
    let jobs = cron::parse("deploy/crontab", ANY, text);
    let found: Vec<(&str, &str)> = jobs
        .iter()
        .map(|job| (job.schedule.as_str(), job.command.words[2].as_str()))
        .collect();
    assert_eq!(
        found,
        [
            ("0 3 * * *", "certbot renew --quiet"),
            ("@daily", "/usr/bin/backup 100%")
        ]
    );
    let jobs = cron::parse(
        "etc/cron.d/certbot",
        ANY,
        "0 */12 * * * root certbot -q renew\n",
    );
    assert_eq!(jobs[0].user.as_deref(), Some("root"));
    assert_eq!(jobs[0].command.words[2], "certbot -q renew");
}

#[test]
fn rotations_take_the_defaults_before_them() {
    let text = "weekly\nrotate 4\n/var/log/nginx/*.log /var/log/app.log {\n  daily\n  missingok\n  postrotate\n\
        \u{20}   kill -USR1 $(cat /run/nginx.pid)\n  endscript\n}\n\"/var/log/b c.log\" {\n  size 10M\n}\n";
    let blocks = rotation::parse("logrotate.conf", ANY, text);
    assert_eq!(blocks.len(), 2);
    assert_eq!(blocks[0].logs.len(), 2);
    assert_eq!(
        blocks[0].frequency.as_ref().map(|it| it.value.as_str()),
        Some("daily")
    );
    assert_eq!(
        blocks[0].rotate.as_ref().map(|it| it.value.as_str()),
        Some("4")
    );
    let script = blocks[0].postrotate.as_ref().and_then(|argv| argv.script());
    assert_eq!(script, Some("kill -USR1 $(cat /run/nginx.pid)"));
    assert_eq!(blocks[1].logs[0].value, "/var/log/b c.log");
    assert_eq!(
        blocks[1].frequency.as_ref().map(|it| it.value.as_str()),
        Some("weekly")
    );
}

#[test]
fn jails_programs_and_firewalls() {
    let jails = bans::parse(
        "jail.local",
        ANY,
        "[DEFAULT]\nbantime = 1h\n[sshd]\nenabled = true\nlogpath = /a\n  /b\n",
    );
    assert_eq!(jails[0].keys["bantime"].value, "1h");
    assert_eq!(jails[0].log_paths.len(), 2);
    let programs = supervisor::parse(
        "supervisord.conf",
        ANY,
        "[program:web]\ncommand=gunicorn -b 127.0.0.1:8000\n  shop.wsgi\nenvironment=A=\"1,2\",B=3\n",
    );
    let words = programs[0].command.as_ref().map(|argv| argv.words.clone());
    assert_eq!(
        words.expect("a command"),
        ["gunicorn", "-b", "127.0.0.1:8000", "shop.wsgi"]
    );
    assert_eq!(
        programs[0].environment.variables["A"].value,
        Value::Str("1,2".to_owned())
    );
    let text = "#!/bin/sh\nsudo ufw allow 22/tcp\necho ufw\niptables -A INPUT -j DROP\n";
    let rules = firewall::parse("setup.sh", ANY, text);
    let found: Vec<String> = rules.iter().map(|rule| rule.argv.words.join(" ")).collect();
    assert_eq!(found, ["allow 22/tcp", "-A INPUT -j DROP"]);
}

proptest::proptest! {
    #[test]
    fn any_text_is_read(text in "([\\[\\]={}#;\"'\\\\% a-c\\n\\r*@0-9]){0,80}") {
        units::service("a.service", ANY, &text);
        environment_file(ANY, &text);
        supervisor::parse("a.conf", ANY, &text);
        cron::parse("crontab", ANY, &text);
        rotation::parse("logrotate", ANY, &text);
        bans::parse("jail.local", ANY, &text);
        firewall::parse("rules.v4", ANY, &text);
    }
}
