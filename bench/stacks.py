"""Writes COUNT Compose files below FOLDER, each a stack of a Django project, and one that includes
them all. The same arguments give the same bytes.

    python3 stacks.py COUNT FOLDER
"""

import pathlib
import random
import sys


def main():
    count, folder = int(sys.argv[1]), pathlib.Path(sys.argv[2])
    chance = random.Random(20260101)
    names = [f"shop{at:02}" for at in range(count)]
    for name in names:
        write(folder / name / "compose.yml", stack(name, chance))
        write(folder / name / "web.env", f"DJANGO_SECRET_KEY={name}-key\nDB_HOST={name}-db\n")
        write(folder / name / "Dockerfile", 'FROM python:3.13-slim\nCMD ["gunicorn", "shop.wsgi"]\n')
    includes = "".join(f"  - {name}/compose.yml\n" for name in names)
    write(folder / "compose.yml", f"include:\n{includes}services:\n  proxy:\n    image: nginx:1.29\n")


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def stack(name, chance):
    services = [database(name, chance), cache(name, chance), web(name, chance)]
    services += [worker(name, kind, chance) for kind in ("worker", "beat", "flower") if some(chance)]
    services += [server(name, chance)] if some(chance) else []
    anchors = (
        f"x-logging: &logging\n  driver: json-file\n  options:\n    max-size: 10m\n    max-file: '3'\n\n"
        f"x-app: &app\n  build:\n    context: .\n    target: {chance.choice(['prod', 'runtime'])}\n"
        f"    args:\n      PYTHON_VERSION: ${{PYTHON_VERSION:-3.13}}\n  restart: unless-stopped\n"
        f"  env_file:\n    - web.env\n  logging: *logging\n  networks: [back]\n"
    )
    volumes = f"volumes:\n  {name}-data:\n  {name}-static:\n"
    return (
        f"# The stack of {name}\n{anchors}\nservices:\n"
        + "\n".join(services)
        + f"\n{volumes}\nnetworks:\n  back:\n    driver: bridge\n"
    )


def some(chance):
    return chance.random() < 0.7


def database(name, chance):
    port = chance.randrange(5433, 5999)
    return f"""  {name}-db:
    image: postgres:{chance.choice(['15', '16-alpine', '17.2', 'latest'])}
    restart: always
    environment:
      POSTGRES_USER: ${{POSTGRES_USER:-shop}}
      POSTGRES_PASSWORD: ${{POSTGRES_PASSWORD:?no password}}
      POSTGRES_DB: shop
    volumes:
      - {name}-data:/var/lib/postgresql/data
    ports:
      - "{chance.choice(['127.0.0.1:', ''])}{port}:5432"
    networks: [back]
    healthcheck:
      test: ["CMD-SHELL", "pg_isready -U $$POSTGRES_USER"]
      interval: 10s
      timeout: 5s
      retries: {chance.randrange(3, 9)}
"""


def cache(name, chance):
    return f"""  {name}-redis:
    image: {chance.choice(['redis:7-alpine', 'valkey/valkey:8', 'redis'])}
    command: redis-server --appendonly yes --maxmemory {chance.choice([64, 128, 256])}mb
    networks:
      back:
        aliases:
          - redis
"""


def web(name, chance):
    return f"""  {name}-web:
    <<: *app
    image: registry.example.com/{name}:${{TAG:-latest}}
    command: >
      gunicorn shop.wsgi:application
      --bind 0.0.0.0:8000
      --workers ${{WORKERS:-{chance.randrange(2, 9)}}}
    environment:
      - DJANGO_SETTINGS_MODULE=shop.settings.production
      - ALLOWED_HOSTS={name}.example.com
      - REDIS_URL=redis://{name}-redis:6379/{chance.randrange(16)}
      - SENTRY_DSN
    volumes:
      - {name}-static:/app/static
      - ./media:/app/media{chance.choice(['', ':rw', ':z'])}
    depends_on:
      {name}-db:
        condition: service_healthy
      {name}-redis:
        condition: service_started
    ports:
      - "{chance.randrange(8000, 8999)}:8000"
    deploy:
      resources:
        limits:
          cpus: '0.{chance.randrange(10, 99)}'
          memory: {chance.choice([256, 512, 768])}M
"""


def worker(name, kind, chance):
    return f"""  {name}-{kind}:
    <<: *app
    command: celery -A shop {kind} -l {chance.choice(['info', 'warning'])}
    depends_on:
      - {name}-redis
"""


def server(name, chance):
    return f"""  {name}-nginx:
    image: nginx:{chance.choice(['1.27', 'alpine', '1.29.1'])}
    ports:
      - target: 80
        published: {chance.randrange(10000, 20000)}
        protocol: tcp
    volumes:
      - type: bind
        source: ./nginx.conf
        target: /etc/nginx/nginx.conf
        read_only: true
      - {name}-static:/static:ro
    labels:
      traefik.http.routers.{name}.rule: Host(`{name}.example.com`)
    networks: [back]
"""


if __name__ == "__main__":
    main()
