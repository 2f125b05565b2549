//! certbot's files and command lines.

use std::fs;

use tightship_model::{Contact, Deployment, RepeatedBy};

fn read(files: &[(&str, &str)]) -> Deployment {
    let root = tempfile::tempdir().expect("a folder");
    for (path, text) in files {
        let path = root.path().join(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(path, text).expect("a file");
    }
    crate::read(root.path(), &crate::Options::default()).expect("reads")
}

#[test]
fn a_renewal_configuration_is_a_lineage() {
    let text = "# renew_before_expiry = 30 days\nversion = 2.1.0\narchive_dir = /etc/letsencrypt/archive/shop.example\n\
        cert = /etc/letsencrypt/live/shop.example/cert.pem\n[renewalparams]\naccount = abc\n\
        authenticator = webroot\nwebroot_path = /var/www/certbot,\nserver = https://acme-staging-v02.api.letsencrypt.org/directory\n\
        key_type = ecdsa\nrenew_hook = systemctl reload nginx\npre_hook = None\n[[webroot_map]]\nshop.example = /var/www/certbot\n";
    let made = read(&[("certbot/conf/renewal/shop.example.conf", text)]);
    let [lineage] = made.certbot.lineages.as_slice() else {
        panic!("{:?}", made.certbot.lineages);
    };
    assert_eq!(lineage.name, "shop.example");
    let text = |value: &Option<tightship_model::Traced<String>>| {
        value
            .as_ref()
            .map(|value| value.value.clone())
            .unwrap_or_default()
    };
    assert_eq!(text(&lineage.authenticator), "webroot");
    assert!(text(&lineage.server).contains("staging"));
    assert_eq!(text(&lineage.renew_before_expiry), "");
    assert_eq!(lineage.webroot_path[0].value, "/var/www/certbot");
    assert_eq!(lineage.webroot_map[0].0, "shop.example");
    assert_eq!(lineage.hooks.len(), 1);
    assert_eq!(made.certbot.reloaders[0].by, RepeatedBy::Hook);
}

#[test]
fn the_common_script_and_the_loops_of_compose() {
    const SCRIPT: &str = "#!/bin/bash\ndomains=(shop.example www.shop.example)\nrsa_key_size=4096\n\
        data_path=\"./data/certbot\"\nemail=\"\" # add one\nstaging=1\n\n\
        docker-compose run --rm --entrypoint \"\\\n  openssl req -x509 -nodes -newkey rsa:$rsa_key_size -days 1\\\n\
        \u{20}   -keyout '$path/privkey.pem' -subj '/CN=localhost'\" certbot\n\n\
        domain_args=\"\"\nfor domain in \"${domains[@]}\"; do\n  domain_args=\"$domain_args -d $domain\"\ndone\n\n\
        docker-compose run --rm --entrypoint \"\\\n  certbot certonly --webroot -w /var/www/certbot \\\n\
        \u{20}   $staging_arg \\\n    $email_arg \\\n    $domain_args \\\n    --rsa-key-size $rsa_key_size \\\n\
        \u{20}   --agree-tos \\\n    --force-renewal\" certbot\necho\n";
    const COMPOSE: &str = "services:\n  nginx:\n    image: nginx:1.27\n    command: \"/bin/sh -c 'while :; do sleep 6h & wait $${!}; nginx -s reload; done & nginx -g \\\"daemon off;\\\"'\"\n\
        \u{20} certbot:\n    image: certbot/certbot\n    entrypoint: \"/bin/sh -c 'trap exit TERM; while :; do certbot renew; sleep 12h & wait $${!}; done;'\"\n";
    let made = read(&[("init-letsencrypt.sh", SCRIPT), ("compose.yml", COMPOSE)]);
    let certbot = &made.certbot;
    let run = certbot
        .runs
        .iter()
        .find(|run| run.subcommand == "certonly")
        .expect("a run");
    assert_eq!(run.domains, ["shop.example", "www.shop.example"]);
    assert_eq!(run.webroots, ["/var/www/certbot"]);
    assert_eq!(run.authenticator.as_deref(), Some("webroot"));
    assert_eq!(run.rsa_key_size.as_deref(), Some("4096"));
    assert!(run.is_staging && run.forces_renewal);
    assert_eq!(run.contact, Some(Contact::Nobody));
    assert_eq!(certbot.placeholders.len(), 1);
    let renewers: Vec<Option<u64>> = certbot.renewers.iter().map(|it| it.every).collect();
    assert_eq!(renewers, [Some(43_200)]);
    let reloaders: Vec<Option<u64>> = certbot.reloaders.iter().map(|it| it.every).collect();
    assert_eq!(reloaders, [Some(21_600)]);
    let programs: Vec<&str> = made.processes.iter().map(|it| it.program.name()).collect();
    assert_eq!(programs, ["nginx", "certbot"]);
}

#[test]
fn a_certbot_of_docker_run_and_the_folder_that_it_gets() {
    const SCRIPT: &str = "#!/bin/bash\ndomains=(shop.example)\ndata_path=\"./data/certbot\"\nstaging=1\n\
        if [ $staging != 0 ]; then staging_arg=\"--staging\"; fi\n\
        mkdir -p \"$data_path/conf/live/shop.example\"\n\
        docker run --rm -p 80:80 \\\n    -v \"$data_path/conf:/etc/letsencrypt\" \\\n    -v \"$data_path/www:/var/www/certbot\" \\\n\
        \u{20}   certbot/certbot:v5.0.0 certonly --webroot -w /var/www/certbot \\\n    $staging_arg $domain_args --agree-tos\n";
    let made = read(&[("init.sh", SCRIPT)]).certbot;
    let [run] = made.runs.as_slice() else {
        panic!("{:?}", made.runs);
    };
    assert_eq!(run.domains, ["shop.example"]);
    assert_eq!(run.webroots, ["/var/www/certbot"]);
    assert!(run.is_staging);
    let folders: Vec<_> = made.laid_out.iter().map(|it| it.value.as_str()).collect();
    assert_eq!(folders, ["./data/certbot/conf"; 2]);

    let made = read(&[(
        "init.sh",
        "domains=\"shop.example www.shop.example\"\nset --\nfor domain in $domains; do\n    set -- \"$@\" --domain \"$domain\"\ndone\n\
         mkdir -p /etc/letsencrypt/live/shop.example\ncertbot certonly --standalone --cert-name shop \"$@\"\n",
    )])
    .certbot;
    assert_eq!(made.runs[0].domains, ["shop.example", "www.shop.example"]);
    assert!(made.laid_out.is_empty(), "that is certbot's own folder");
}

#[test]
fn crontabs_and_timers_renew() {
    let cron = "0 */12 * * * certbot renew --deploy-hook \"systemctl reload nginx\"\n";
    let made = read(&[
        ("deploy/crontab", cron),
        (
            "deploy/certbot.timer",
            "[Timer]\nOnCalendar=*-*-* 00,12:00:00\n",
        ),
        (
            "deploy/certbot.service",
            "[Service]\nExecStart=/usr/bin/certbot -q renew\n",
        ),
    ]);
    let certbot = &made.certbot;
    assert_eq!(certbot.renewers.len(), 2, "{:?}", certbot.renewers);
    assert!(certbot.renewers.iter().all(|it| it.every == Some(43_200)));
    assert_eq!(certbot.reloaders[0].by, RepeatedBy::Hook);
}

#[test]
fn keys_are_told_by_path_only() {
    let key = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkq\n-----END PRIVATE KEY-----\n";
    let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let made = read(&[("certs/privkey.pem", key), ("certs/broken.crt", broken)]);
    assert_eq!(made.certbot.keys.len(), 1);
    assert!(made.certbot.certificates.is_empty());
    assert!(!format!("{made:?}").contains("MIIEvQ"));
    let shown = made.sources.line_text(made.certbot.keys[0].span.source, 2);
    assert!(shown.is_some_and(|line| !line.contains("MIIEvQ")));
}

#[test]
fn the_public_part_of_a_key_is_that_of_its_certificate() {
    for (name, key) in [
        ("rsa", "rsa:2048"),
        ("p256", "ec -pkeyopt ec_paramgen_curve:P-256"),
        ("p384", "ec -pkeyopt ec_paramgen_curve:P-384"),
        ("ed25519", "ed25519"),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let request = format!(
            "req -x509 -newkey {key} -nodes -keyout key.pem -out cert.pem -subj /CN=shop.example"
        );
        let arguments: Vec<&str> = request.split(' ').collect();
        tightship_testbed::openssl(folder.path(), &arguments);
        // As older programs write it: PKCS #1 and SEC 1.
        if name != "ed25519" {
            let older = "pkey -in key.pem -traditional -out old.key";
            let arguments: Vec<&str> = older.split(' ').collect();
            tightship_testbed::openssl(folder.path(), &arguments);
        }
        let made = crate::read(folder.path(), &crate::Options::default()).expect("reads");
        let own = made.certbot.certificates[0].public_key.clone();
        assert!(own.is_some(), "{name}");
        for key in &made.certbot.keys {
            assert_eq!(key.public_key, own, "{name} {}", key.path);
        }
        assert_eq!(
            made.certbot.keys.len(),
            if name == "ed25519" { 1 } else { 2 }
        );
    }
}
