import os

from .stage import Colour, Role, Stage

STAGE = Stage.current()
STAGE_NAME = STAGE.name
SECRET_KEY = "lodge" * 11
DEBUG = STAGE == Stage.LOCAL
IS_PRODUCTION = STAGE is Stage.PRODUCTION
ALLOWED_HOSTS = {Stage.LOCAL: ["*"], Stage.PRODUCTION: ["lodge.example.org"]}.get(STAGE, [])
SECURE_SSL_REDIRECT = STAGE.is_public
SECURE_HSTS_SECONDS = 31536000 if STAGE in (Stage.STAGING, Stage.PRODUCTION) else 0
ROLE = Role(int(os.environ.get("ROLE", "1")))
IS_WORKER = ROLE is Role.WORKER
ALL_STAGES = [stage.value for stage in Stage]
COLOURS = [colour.name for colour in Colour]
FROM_NAME = Stage["STAGING"].value
SAME = Colour.AZURE is Colour.BLUE
EQUAL_TO_TEXT = STAGE == "local"
COUNT = len(Stage)
PREFIX = f"{STAGE.value}-"
