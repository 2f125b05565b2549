use std::collections::HashMap;

use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};
use tightship_predict::nginx::NameForm;

use super::judgement::{With, finding};
use super::site::{judge_sites, place_of};

pub(super) static CHECK: Check = Check {
    id: "nginx/server-name-conflict",
    title: "Two servers of a socket have the same name, and one is ignored",
    severity: Severity::Medium,
    needs: &[Need::Nginx],
    items: &["B4.4"],
    django_ids: &[],
    references: &[Reference::Url(
        "https://nginx.org/en/docs/http/server_names.html",
    )],
    doc: include_str!("server_name_conflict.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    judge_sites(
        deployment,
        "no two servers share a socket",
        |http, judgement| {
            for socket in http.sockets() {
                let mut first: HashMap<&NameForm, usize> = HashMap::new();
                for number in &socket.servers {
                    let Some(server) = http.server(*number) else {
                        continue;
                    };
                    let Some(block) = server.directive() else {
                        continue;
                    };
                    let is_shared = socket.servers.len() > 1;
                    for name in server.names() {
                        let earlier = *first.entry(&name.form).or_insert(*number);
                        if earlier == *number {
                            if is_shared {
                                judgement.holds("every name has one server", block);
                            }
                            continue;
                        }
                        let Some(other) = http.server(earlier).and_then(|one| one.directive())
                        else {
                            continue;
                        };
                        let place = block.child("server_name").unwrap_or(block);
                        let text = name.word.map_or("no name", |word| word.text.as_str());
                        judgement.fails(
                        finding(
                            &place_of(http, server),
                            place,
                            format!(
                                "nothing of this server is ever used for {text}: nginx takes the \
                                 first server of that name and only warns"
                            ),
                            "Take the name out of one of the two, or put them together.",
                        )
                        .beside(other.child("server_name").unwrap_or(other), "answers instead"),
                    );
                    }
                }
            }
        },
    )
}
