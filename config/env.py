"""Every environment variable the house reads, with its type and default, on one page."""

from dataclasses import dataclass
from pathlib import Path

import environ

BASE_DIR = Path(__file__).resolve().parent.parent
_env = environ.Env()


@dataclass(frozen=True, slots=True)
class Environment:
    """What differs between a laptop, a test run and an office's server."""

    debug: bool
    demo: bool
    secret_key: str
    allowed_hosts: list[str]
    database_url: str
    database_owner_url: str
    redis_url: str
    files_dir: Path
    var_dir: Path
    smtp_url: str
    sms_provider: str
    sms_url: str
    sms_key_id: str
    sms_key: str
    sms_sign: str
    sms_app_id: str
    sms_region: str
    sms_templates: dict[str, str]
    wechat_url: str
    wechat_app_id: str
    wechat_secret: str
    wechat_template: str
    push_url: str
    push_key: str
    receipts_token: str
    email_bounce_key: str
    provider_url: str
    secure_cookies: bool


def read() -> Environment:
    """Read the process's environment once. Only `SECRET_KEY` and `DATABASE_URL` have no safe default outside DEBUG."""
    debug = _env.bool("DEBUG", default=False)
    var_dir = Path(_env.str("VAR_DIR", default=str(BASE_DIR / "var")))
    return Environment(
        debug=debug,
        demo=_env.bool("DEMO", default=False),
        secret_key=_env.str("SECRET_KEY", default="only-for-development" if debug else environ.Env.NOTSET),
        allowed_hosts=_env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1"]),
        database_url=_env.str("DATABASE_URL"),
        database_owner_url=_env.str("DATABASE_OWNER_URL", default=""),
        redis_url=_env.str("REDIS_URL", default="redis://127.0.0.1:6379/0"),
        files_dir=Path(_env.str("FILES_DIR", default=str(var_dir / "files"))),
        var_dir=var_dir,
        smtp_url=_env.str("SMTP_URL", default="smtp://127.0.0.1:25"),
        sms_provider=_env.str("SMS_PROVIDER", default="gateway", choices=("gateway", "aliyun", "tencent")),
        sms_url=_env.str("SMS_URL", default=""),
        sms_key_id=_env.str("SMS_KEY_ID", default=""),
        sms_key=_env.str("SMS_KEY", default=""),
        sms_sign=_env.str("SMS_SIGN", default=""),
        sms_app_id=_env.str("SMS_APP_ID", default=""),
        sms_region=_env.str("SMS_REGION", default="ap-guangzhou"),
        sms_templates=_env.dict("SMS_TEMPLATES", default={}),
        wechat_url=_env.str("WECHAT_URL", default="https://api.weixin.qq.com"),
        wechat_app_id=_env.str("WECHAT_APP_ID", default=""),
        wechat_secret=_env.str("WECHAT_SECRET", default=""),
        wechat_template=_env.str("WECHAT_TEMPLATE", default=""),
        push_url=_env.str("PUSH_URL", default=""),
        push_key=_env.str("PUSH_KEY", default=""),
        receipts_token=_env.str("RECEIPTS_TOKEN", default=""),
        email_bounce_key=_env.str("EMAIL_BOUNCE_KEY", default=""),
        provider_url=_env.str("PROVIDER_URL", default=""),
        secure_cookies=_env.bool("SECURE_COOKIES", default=False),
    )
