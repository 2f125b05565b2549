from pydantic import BaseModel, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Database(BaseModel):
    host: str = "localhost"
    port: int = 5432
    name: str = "web"


class Environment(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="APP_", env_nested_delimiter="__", extra="ignore")

    secret_key: SecretStr
    debug: bool = False
    allowed_hosts: list[str] = ["localhost"]
    database: Database = Database()
    port: int = 8000
    ratio: float = 0.5
    admin: str = Field(default="nobody@example.org", validation_alias="ADMIN_MAIL")
    tags: list[str] = Field(default_factory=list)

    @property
    def origin(self) -> str:
        return f"https://{self.allowed_hosts[0]}:{self.port}"
