import os
import ssl
from datetime import timedelta

from celery.schedules import crontab
from kombu import Exchange, Queue

SECRET_KEY = "celery" * 9
REDIS_URL = os.environ.get("REDIS_URL", "redis://localhost:6379")
CELERY_BROKER_URL = f"{REDIS_URL}/0"
CELERY_RESULT_BACKEND = REDIS_URL + "/1"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SERIALIZER = CELERY_RESULT_SERIALIZER = "json"
CELERY_TASK_TIME_LIMIT = 5 * 60
CELERY_TASK_SOFT_TIME_LIMIT = CELERY_TASK_TIME_LIMIT - 30
CELERY_BROKER_USE_SSL = {"ssl_cert_reqs": ssl.CERT_NONE} if REDIS_URL.startswith("rediss://") else None
CELERY_RESULT_EXPIRES = timedelta(days=3, hours=-1)
CELERY_BEAT_SCHEDULE = {
    "sweep": {"task": "clock.tasks.sweep", "schedule": crontab(minute=0, hour=os.environ.get("NIGHT_HOUR", "*/6"))},
    "chime": {"task": "clock.tasks.chime", "schedule": timedelta(minutes=15), "args": (1, "x"), "options": {"expires": 60.0}},
    "report": {"task": "clock.tasks.report", "schedule": crontab(0, 7, day_of_week="mon-fri")},
}
CELERY_TASK_QUEUES = (Queue("fast", Exchange("fast"), routing_key="fast"), Queue("slow"))
CELERY_TASK_ROUTES = {f"clock.tasks.{name}": {"queue": "slow"} for name in ("sweep", "report")}
CELERY_TIMEZONE = TIME_ZONE = "Europe/Vilnius"
for entry in CELERY_BEAT_SCHEDULE.values():
    entry.setdefault("options", {})["queue"] = "slow"
INTERVAL = (timedelta(hours=1) / 4).total_seconds()
WEEKS = timedelta(weeks=2).days
SUM = timedelta(minutes=90) + timedelta(seconds=30) * 2 - timedelta(milliseconds=5)
LONGER = timedelta(days=1) > timedelta(hours=23)
NEGATIVE = -timedelta(microseconds=1)
CHANNEL_LAYERS = {"default": {"BACKEND": "channels_redis.core.RedisChannelLayer", "CONFIG": {"hosts": [(REDIS_URL.rsplit(":", 1)[0], int(REDIS_URL.rsplit(":", 1)[1]))]}}}
