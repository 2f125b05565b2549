//! Configuration files that services start Redis and Valkey with, and the passwords in their starts,
//! which no screen may show.

use tightship_model::compose::Compose;
use tightship_model::{Containers, Image, Place, SourceId, Span};

use crate::files::Tree;

/// Directives with a password behind them, and the options of the command line by the same names
/// (redis.conf of Redis 7.4).
const SECRETS: [&str; 2] = ["requirepass", "masterauth"];

/// Reads what the starts of services name below a mount of the repository.
pub(crate) fn read(tree: &mut Tree, compose: Option<&Compose>, images: &[Image]) {
    let Some(compose) = compose else {
        return;
    };
    let names = tree.names();
    let containers = Containers {
        compose,
        images,
        files: &names,
    };
    for service in &compose.services {
        let commands = service.command.iter().chain(&service.entrypoint);
        for command in commands {
            hide(tree, command.span);
            for word in command.words.iter().filter(|word| is_configuration(word)) {
                let place = containers.locate(&service.name, word).place;
                let (Place::Repository(path) | Place::Copied(path)) = place else {
                    continue;
                };
                if let Some(source) = tree.read(&path) {
                    hide(tree, whole(tree, source));
                }
            }
        }
    }
}

fn is_configuration(word: &str) -> bool {
    let is_of_redis = ["redis", "valkey"].iter().any(|name| word.contains(name));
    word.starts_with('/') && word.ends_with(".conf") && is_of_redis
}

fn whole(tree: &Tree, source: SourceId) -> Span {
    Span::new(source, 0, tree.text(source).len() as u32)
}

/// Hides the word behind each name of a password, however a list or a line sets it apart.
fn hide(tree: &mut Tree, span: Span) {
    let text = tree.text(span.source);
    let text = text.get(span.start as usize..span.end as usize);
    let Some(text) = text else {
        return;
    };
    let mut found = Vec::new();
    for name in SECRETS {
        for (at, _) in text.match_indices(name) {
            let behind = &text[at + name.len()..];
            let secret =
                behind.trim_start_matches([' ', '\t', '\r', '\n', '"', '\'', ',', '-', '[']);
            let length = secret
                .find([' ', '\t', '\r', '\n', '"', '\'', ',', ']'])
                .unwrap_or(secret.len());
            let start = span.start + (text.len() - secret.len()) as u32;
            // A variable tells nothing.
            if length > 0 && !secret.starts_with('$') {
                found.push(Span::new(span.source, start, start + length as u32));
            }
        }
    }
    for place in found {
        tree.mark_secret(place);
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn passwords_of_redis_are_hidden() {
        let compose = "services:\n  one:\n    image: redis:7\n    command: redis-server --requirepass Quay7-rope\n\
            \u{20} two:\n    image: redis:7\n    command:\n      - redis-server\n      - --requirepass\n      - 'Quay8-rope'\n\
            \u{20} three:\n    image: redis:7\n    command: [\"redis-server\", \"/etc/redis/redis.conf\"]\n    volumes: [\"./redis.conf:/etc/redis/redis.conf\"]\n";
        let root = tempfile::tempdir().expect("a folder");
        std::fs::write(root.path().join("compose.yaml"), compose).expect("a file");
        let text = "appendonly yes\nrequirepass \"Quay9-rope\"\n";
        std::fs::write(root.path().join("redis.conf"), text).expect("a file");
        let made = crate::read(root.path(), &crate::Options::default()).expect("reads");
        for path in ["compose.yaml", "redis.conf"] {
            let source = made.sources.by_path(path).expect("is read");
            for line in 1..20 {
                let shown = made.sources.line_text(source, line).unwrap_or_default();
                assert!(!shown.contains("-rope"), "{path}:{line}: {shown}");
            }
        }
    }
}
