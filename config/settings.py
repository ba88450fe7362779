"""Settings of the house. What differs between machines comes from `config.env`; the rest is decided here."""

from urllib.parse import unquote

import environ
from csp.constants import NONE, SELF

from config import demo
from config import env as environment

BASE_DIR = environment.BASE_DIR
ENV = environment.read()

DEBUG = ENV.debug
DEMO = ENV.demo
DEMO_PASSWORD = demo.PASSWORD
SECRET_KEY = ENV.secret_key
ALLOWED_HOSTS = ENV.allowed_hosts
FILES_DIR = ENV.files_dir
SMS_PROVIDER, SMS_URL, PROVIDER_URL = ENV.sms_provider, ENV.sms_url, ENV.provider_url
SMS_KEY_ID, SMS_KEY, SMS_SIGN = ENV.sms_key_id, ENV.sms_key, ENV.sms_sign
SMS_APP_ID, SMS_REGION, SMS_TEMPLATES = ENV.sms_app_id, ENV.sms_region, ENV.sms_templates
WECHAT_URL, WECHAT_APP_ID = ENV.wechat_url, ENV.wechat_app_id
WECHAT_SECRET, WECHAT_TEMPLATE = ENV.wechat_secret, ENV.wechat_template
PUSH_URL, PUSH_KEY = ENV.push_url, ENV.push_key
RECEIPTS_TOKEN, EMAIL_BOUNCE_KEY = ENV.receipts_token, ENV.email_bounce_key

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "axes",
    "csp",
    "django_filters",
    "django_htmx",
    "template_partials",
    "lucide",
    "simple_history",
    "rest_framework",
    "drf_spectacular",
    "offices",
    "billing",
    "disputes",
    "arrears",
    "collection",
    "archive",
    "config",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "offices.scoping.OfficeMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "offices.scoping.shell",
            ],
        },
    }
]


def _database(url: str) -> dict[str, object]:
    parts = environ.Env.db_url_config(url)
    return {
        **parts,
        "HOST": unquote(parts["HOST"]),  # a socket directory is written %2Fvar%2Frun
        "ENGINE": "config.postgresql",
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": True,
        "OPTIONS": {
            **parts.get("OPTIONS", {}),
            # A prepared statement is planned once for all offices (`offices.scoping.plans`), not for each anew.
            "options": "-c lock_timeout=5000 -c idle_in_transaction_session_timeout=600000 -c plan_cache_mode=force_generic_plan",
        },
    }


# `default` is the application role, kept inside one office by row-level security. `owner` owns the
# schema and is used by migrations only (reliability C1.1).
DATABASES = {"default": _database(ENV.database_url)}
if ENV.database_owner_url:
    DATABASES["owner"] = _database(ENV.database_owner_url)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "offices.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
PASSWORD_HASHERS = [
    "config.passwords.PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",  # of older databases; renewed at the next sign-in
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 8}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "offices:login"
LOGIN_REDIRECT_URL = "offices:home"
LOGOUT_REDIRECT_URL = "offices:login"
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]  # a stranger elsewhere cannot lock the owner of the account out
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "registration/locked.html"

SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = ENV.secure_cookies
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "style-src-attr": ["'unsafe-inline'"],
        "img-src": [SELF, "data:", "blob:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
# Django's own zh-hans formats reject 2024年1月5日, 2024.01.05 and 20240105 (ux §6).
FORMAT_MODULE_PATH = "config.formats"

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
# What esbuild made, and the pictures; the sources beside them are not served.
STATICFILES_DIRS = [(part, BASE_DIR / "static" / part) for part in ("build", "img")]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]
FILE_UPLOAD_TEMP_DIR = None

_smtp = environ.Env.email_url_config(ENV.smtp_url)
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST, EMAIL_PORT = _smtp["EMAIL_HOST"], _smtp["EMAIL_PORT"] or 25
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _smtp["EMAIL_HOST_USER"] or "", _smtp["EMAIL_HOST_PASSWORD"] or ""
EMAIL_USE_TLS = bool(_smtp.get("EMAIL_USE_TLS"))
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = "noreply@shoujiaotai.example"

CELERY_BROKER_URL = ENV.redis_url
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = False  # attempts are counted in the database
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_TASKS_PER_CHILD = 500
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 400_000  # kB; WeasyPrint is kept in bounds
CELERY_TASK_TIME_LIMIT = 900
CELERY_TASK_SOFT_TIME_LIMIT = 840
CELERY_TASK_PUBLISH_RETRY = False
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = TIME_ZONE
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 1800,
    "unacked_restore_interval": 2,
    "unacked_restore_throttle": 1,
    "socket_connect_timeout": 0.3,
    "socket_timeout": 2,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "offices.scoping.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["offices.permissions.Nobody"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.LimitOffsetPagination",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "PAGE_SIZE": 50,
    "COERCE_DECIMAL_TO_STRING": True,
    "EXCEPTION_HANDLER": "offices.permissions.api_refusal",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "收缴台 API",
    "DESCRIPTION": "Property-fee arrears collection: the same operations and permissions as the pages.",
    "VERSION": "1.0.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {"weasyprint": {"level": "ERROR"}, "fontTools": {"level": "ERROR"}, "axes": {"level": "WARNING"}},
}
