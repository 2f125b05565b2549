#!/bin/sh
# Gets the first certificate. nginx does not start without one and certbot needs nginx to get one, so
# nginx starts with a certificate that is good for a day and signed by nobody.
set -eu
cd "$(dirname "$0")"

domains="harbourgoods.example www.harbourgoods.example media.harbourgoods.example"
email="operations@harbourgoods.example"
lineage="harbourgoods.example"
live="/etc/letsencrypt/live/$lineage"
# 1 asks the authority's test service, whose certificates no browser trusts.
staging=0

in_certbot() {
    docker compose run --rm --entrypoint "sh -c '$1'" certbot
}

if [ -e "certbot/conf/renewal/$lineage.conf" ]; then
    echo "There is a certificate for $lineage already; the certbot service renews it."
    exit 0
fi

mkdir -p certbot/conf certbot/www
in_certbot "mkdir -p $live && openssl req -x509 -newkey rsa:2048 -nodes -days 1 \
    -keyout $live/privkey.pem -out $live/fullchain.pem -subj /CN=localhost"
docker compose up --detach nginx
in_certbot "rm -r $live"

set --
for domain in $domains; do
    set -- "$@" --domain "$domain"
done
if [ "$staging" = 1 ]; then
    set -- "$@" --staging
fi
docker compose run --rm --entrypoint certbot certbot certonly --webroot \
    --webroot-path /var/www/certbot --cert-name "$lineage" --key-type ecdsa \
    --email "$email" --agree-tos --no-eff-email --non-interactive "$@"
docker compose exec nginx nginx -s reload
