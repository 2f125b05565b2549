#!/bin/sh
# Dumps the database and the uploads each night at two, and keeps KEEP_DAYS days of them.
set -eu
umask 077

back_up() {
    stamp=$(date -u +%Y%m%dT%H%M%SZ)
    PGPASSWORD=$(cat /run/secrets/db_password)
    export PGPASSWORD
    # A name that the health check and the copy do not look at, until the file is whole.
    pg_dump --format=custom --file="/backup/$stamp.part"
    pg_restore --list "/backup/$stamp.part" > /dev/null
    mv "/backup/$stamp.part" "/backup/$stamp.dump"
    tar -czf "/backup/$stamp.media.tar.gz" -C /srv media
    find /backup -type f -mtime "+$KEEP_DAYS" -delete
}

seconds_until_two() {
    echo $(((7200 + 86400 - $(date -u +%s) % 86400) % 86400 + 1))
}

trap exit TERM
back_up
while :; do
    sleep "$(seconds_until_two)" &
    wait $!
    back_up || echo "backup: failed, see the lines above" >&2
done
