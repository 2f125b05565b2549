#!/bin/bash
# Run once on a new server, then `docker-compose up -d`.

domains=(harbourgoods.example)
data_path="./data/certbot"
email="" # not needed
staging=1 # 0 when everything works

domain_args=""
for domain in "${domains[@]}"; do
    domain_args="$domain_args -d $domain"
done

staging_arg=""
if [ "$staging" != "0" ]; then staging_arg="--staging"; fi

mkdir -p "$data_path/conf" "$data_path/www"
docker run --rm -p 80:80 \
    -v "$data_path/conf:/etc/letsencrypt" \
    -v "$data_path/www:/var/www/certbot" \
    certbot/certbot certonly --webroot -w /var/www/certbot \
    $staging_arg $domain_args --register-unsafely-without-email --agree-tos --force-renewal

docker-compose exec nginx nginx -s reload
