from configurations import Configuration, values
from pydantic_settings import BaseSettings, SettingsConfigDict
from datetime import timedelta
class Common(Configuration):
    DEBUG = values.BooleanValue(False)
    SECRET_KEY = values.SecretValue()
class Prod(Common):
    SIMPLE_JWT = {"ACCESS_TOKEN_LIFETIME": timedelta(days=30), "SIGNING_KEY": Common.SECRET_KEY}
class S(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="A_")
    debug: bool = False
    hosts: list[str] = ["a"]
s = S()
DEBUG = s.debug
