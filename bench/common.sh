# Shared by the measuring scripts: sourced, not run.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
readonly ROOT="$PWD"
export TIGHTSHIP_VENVS="${TIGHTSHIP_VENVS:-$ROOT/.venvs}"
readonly TIGHTSHIP="${CARGO_TARGET_DIR:-$ROOT/target}/release/tightship"
readonly SCRATCH="$(mktemp -d)"
trap 'rm -rf "$SCRATCH"' EXIT

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

prepare() {
    local missing=()
    command -v hyperfine > /dev/null || missing+=(hyperfine)
    [ -x /usr/bin/time ] || missing+=(time)
    if [ ${#missing[@]} -gt 0 ]; then
        as_root apt-get update -qq
        as_root apt-get install -y -qq "${missing[@]}" > /dev/null
    fi
    [ -x "$TIGHTSHIP_VENVS/django52/bin/python" ] || ./test --only nothing-but-the-installation
    cargo build --quiet --release --package tightship
    echo "machine: $(nproc) cores, $(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -1)"
}

# The median wall time, in milliseconds, of the command numbered $2 in hyperfine's export $1.
median() {
    python3 -c "
import json, sys
print(json.load(open(sys.argv[1]))['results'][int(sys.argv[2])]['median'] * 1000)" "$1" "$2"
}

# As `median`, the mean time of the processor: user and system.
processor() {
    python3 -c "
import json, sys
one = json.load(open(sys.argv[1]))['results'][int(sys.argv[2])]
print((one['user'] + one['system']) * 1000)" "$1" "$2"
}

# Prints `$1: $2 / $3 = ratio`, times in milliseconds.
ratio() {
    python3 -c "
import sys
name, a, b = sys.argv[1], float(sys.argv[2]), float(sys.argv[3])
print(f'{name}: {a:.1f} ms / {b:.1f} ms = {a / b:.1f}')" "$1" "$2" "$3"
}

# The peak memory of a command in MB.
peak_memory() {
    /usr/bin/time -f %M -o "$SCRATCH/memory" "$@" > /dev/null 2>&1 || true
    tail -n 1 "$SCRATCH/memory" | awk '{ printf "%.1f MB\n", $1 / 1024 }'
}

readonly NGINX="$SCRATCH/nginx"

# Writes the configuration of an nginx: what stands in its http block comes from standard input.
configure_nginx() {
    local kind
    mkdir -p "$NGINX"
    {
        echo "pid $NGINX/nginx.pid; error_log $NGINX/error.log; worker_processes ${WORKERS:-auto};"
        echo "events { worker_connections 4096; } http { access_log off;"
        for kind in client_body proxy fastcgi uwsgi scgi; do
            echo "${kind}_temp_path $NGINX/$kind;"
        done
        cat
        echo "}"
    } > "$NGINX/nginx.conf"
}

# Starts it; it ends with the script.
start_nginx() {
    OPENSSL_CONF=/dev/null PATH="$PATH:/usr/sbin" nginx -p "$NGINX" -c "$NGINX/nginx.conf"
    trap 'stop_nginx; rm -rf "$SCRATCH"' EXIT
    sleep 0.5
}

stop_nginx() {
    [ -f "$NGINX/nginx.pid" ] || return 0
    kill -QUIT "$(cat "$NGINX/nginx.pid")" 2> /dev/null || true
    sleep 0.5
}

# Makes $NGINX/$1.crt and its key, of the kind that the other arguments name as openssl does, for this machine
# by an authority, $NGINX/ca.pem.
certificate() {
    local name="$NGINX/$1"
    shift
    mkdir -p "$NGINX"
    [ -f "$NGINX/ca.pem" ] || openssl req -x509 -nodes -days 30 -newkey rsa:2048 -subj /CN=authority \
        -keyout "$NGINX/ca.key" -out "$NGINX/ca.pem" 2> /dev/null
    [ -f "$name.crt" ] || openssl req -x509 -nodes -days 30 -newkey "$@" -subj /CN=bench -CA "$NGINX/ca.pem" \
        -CAkey "$NGINX/ca.key" -addext subjectAltName=DNS:localhost,IP:127.0.0.1 \
        -addext basicConstraints=critical,CA:FALSE -keyout "$name.key" -out "$name.crt" 2> /dev/null
}

# The two directives that name it.
certified() {
    echo "ssl_certificate $NGINX/$1.crt; ssl_certificate_key $NGINX/$1.key;"
}
