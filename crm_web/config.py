"""The environment, read and validated once.

Every setting the product knows is a field below; `docs/settings.md` explains them to operators.
A missing or malformed one stops the start with a single line that names it (`ConfigError`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class ConfigError(SystemExit):
    """A setting is missing or malformed; the text names it and says what was expected."""


class Settings(BaseSettings):
    """One attribute per environment variable, named as in the contract, lower case."""

    model_config = SettingsConfigDict(env_prefix="", extra="ignore", frozen=True)

    crm_env: Literal["development", "test", "production"] = "development"
    crm_data_dir: Path = Path("var")
    host: str = "127.0.0.1"
    port: int = Field(8000, ge=1, le=65535)
    public_url: str = ""
    database_url: SecretStr
    database_owner_url: SecretStr | None = None
    redis_url: SecretStr
    secret_key: SecretStr
    crm_encryption_keys: SecretStr
    meta_graph_url: str = "https://graph.facebook.com"
    meta_graph_version: str = "v26.0"
    meta_app_secret: SecretStr = SecretStr("")
    meta_verify_token: SecretStr = SecretStr("")
    crm_demo: bool = False
    crm_sandbox: bool = False
    web_workers: int = Field(1, ge=1)
    job_workers: int = Field(2, ge=2)
    storage_url: str = ""
    socketio_async_mode: Literal["gevent", "threading"] = "gevent"
    db_pool_size: int = Field(20, ge=1)
    log_level: str = "INFO"
    session_days: int = Field(14, ge=1)
    trusted_proxies: int = Field(0, ge=0)
    outbox_lease_seconds: float = Field(60, gt=0)
    metrics_token: SecretStr = SecretStr("")

    @field_validator("database_url", "database_owner_url", mode="before")
    @classmethod
    def _speak_psycopg(cls, value: object) -> object:
        """Managed databases hand out `postgres://`; SQLAlchemy wants the driver named."""
        text = value.get_secret_value() if isinstance(value, SecretStr) else str(value or "")
        for scheme in ("postgres://", "postgresql://"):
            if text.startswith(scheme):
                return "postgresql+psycopg://" + text[len(scheme) :]
        return value

    @field_validator("crm_encryption_keys")
    @classmethod
    def _real_keys(cls, value: SecretStr) -> SecretStr:
        keys = [key for key in value.get_secret_value().split(",") if key.strip()]
        if not keys:
            raise ValueError("needs at least one Fernet key")
        for key in keys:
            Fernet(key.strip())
        return value

    @model_validator(mode="after")
    def _safe_in_production(self) -> Settings:
        if self.crm_env == "production" and (self.crm_demo or self.crm_sandbox):
            raise ValueError("CRM_DEMO and CRM_SANDBOX must be 0 with CRM_ENV=production")
        return self

    @property
    def base_url(self) -> str:
        """Where people and Meta reach the web, without a trailing slash."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def files_url(self) -> str:
        """Object store address; a folder in the data directory when none is given."""
        return self.storage_url or (self.crm_data_dir.resolve() / "files").as_uri()

    @property
    def app_role(self) -> str:
        """The PostgreSQL role migrations grant to: the user of DATABASE_URL."""
        return urlsplit(self.database_url.get_secret_value()).username or "crm_app"


def _sentence(error: ValidationError) -> str:
    """The first problem as `NAME: what is wrong`, without echoing the value."""
    first = error.errors(include_input=False, include_url=False)[0]
    name = "_".join(str(part) for part in first["loc"]).upper() or "settings"
    reason = "is required" if first["type"] == "missing" else first["msg"].removeprefix("Value error, ")
    return f"{name}: {reason}"


def load_settings(**overrides: object) -> Settings:
    """Settings from the environment; raises `ConfigError` with one line when they do not hold."""
    try:
        return Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        raise ConfigError(_sentence(error)) from None


def flask_config(settings: Settings) -> dict[str, object]:
    """The settings as Flask and its extensions read them."""
    reveal = SecretStr.get_secret_value
    return {
        "TESTING": settings.crm_env == "test",
        "SECRET_KEY": reveal(settings.secret_key),
        "SQLALCHEMY_DATABASE_URI": reveal(settings.database_url),
        "SQLALCHEMY_ENGINE_OPTIONS": {
            "pool_size": settings.db_pool_size,
            "max_overflow": 10,
            "pool_timeout": 5,
            "connect_args": {
                "connect_timeout": 3,
                "options": "-c jit=off -c max_parallel_workers_per_gather=0",
            },
        },
        "DATABASE_OWNER_URL": reveal(settings.database_owner_url or settings.database_url),
        "APP_ROLE": settings.app_role,
        "REDIS_URL": reveal(settings.redis_url),
        "SOCKETIO_ASYNC_MODE": settings.socketio_async_mode,
        "SESSION_COOKIE_NAME": "crm_session",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": settings.base_url.startswith("https://"),
        "SESSION_REFRESH_EACH_REQUEST": False,
        "PERMANENT_SESSION_LIFETIME": settings.session_days * 86_400,
        "SESSION_DAYS": settings.session_days,
        "WTF_CSRF_TIME_LIMIT": None,
        "MAX_CONTENT_LENGTH": 105 * 1024 * 1024,
        "MAX_FORM_MEMORY_SIZE": 1024 * 1024,
        "MAX_FORM_PARTS": 200,
        "RATELIMIT_STORAGE_URI": reveal(settings.redis_url),
        "RATELIMIT_STORAGE_OPTIONS": {"socket_connect_timeout": 0.5, "socket_timeout": 1},
        "RATELIMIT_IN_MEMORY_FALLBACK_ENABLED": True,
        "RATELIMIT_ENABLED": settings.crm_env != "test",
        "PUBLIC_URL": settings.base_url,
        "DATA_DIR": str(settings.crm_data_dir),
        "TRUSTED_PROXIES": settings.trusted_proxies,
        "METRICS_TOKEN": reveal(settings.metrics_token),
        "OUTBOX_LEASE_SECONDS": settings.outbox_lease_seconds,
        "STORAGE_URL": settings.files_url,
        "META_GRAPH_URL": settings.meta_graph_url.rstrip("/"),
        "META_GRAPH_VERSION": settings.meta_graph_version,
        "META_APP_SECRET": reveal(settings.meta_app_secret),
        "META_VERIFY_TOKEN": reveal(settings.meta_verify_token),
        "DEMO": settings.crm_demo,
        "SANDBOX": settings.crm_sandbox,
        "SANDBOX_DB": str(settings.crm_data_dir / "sandbox.sqlite"),
        "SETTINGS": settings,
    }
