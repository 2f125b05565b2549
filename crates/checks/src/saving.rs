//! What saves data, by the words of a command.

/// Programs that copy a database while it runs, and what people call their scripts for it.
const SAVERS: [&str; 13] = [
    "backup",
    "pg_dump",
    "pg_basebackup",
    "pgbackrest",
    "wal-g",
    "barman",
    "mysqldump",
    "mariadb-dump",
    "xtrabackup",
    "mongodump",
    "restic",
    "borg",
    "duplicity",
];

/// Programs that write the whole database into a file (`pg_dumpall` too).
const DUMPERS: [&str; 4] = ["pg_dump", "mysqldump", "mariadb-dump", "mongodump"];

/// Whether a command, a service or a file is named after saving data.
pub(crate) fn is_saver(text: &str) -> bool {
    named(&SAVERS, text)
}

/// Whether a command dumps a database: what was written since then is in no dump.
pub(crate) fn dumps(command: &str) -> bool {
    named(&DUMPERS, command)
}

fn named(words: &[&str], text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    words.iter().any(|word| text.contains(word))
}
