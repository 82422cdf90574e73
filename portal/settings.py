"""The one settings file, in the order of Django's settings reference.

What differs between installations comes from the environment (see environment.py).
"""

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from portal.environment import (
    BASE_DIR,
    VAR_DIR,
    env_bool,
    env_database,
    env_int,
    env_list,
    env_mail,
    env_secret,
    env_text,
    env_writing_service,
)

# Which process this is: web, worker or command. Workers may run longer statements.
PORTAL_PROCESS = env_text("PORTAL_PROCESS", "web")
# False only on a machine of one's own; switches secure cookies, HSTS and the redirect together.
HTTPS_ONLY = env_bool("HTTPS_ONLY", True)

# --- Caches ---------------------------------------------------------------------------------
REDIS_URL = env_text("REDIS_URL", "")
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
if REDIS_URL:
    CACHES["default"] = {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
    }

# --- Database -------------------------------------------------------------------------------
# Seconds for one statement, for a lock, for an idle transaction; 0: no limit.
_LIMITS = {"web": (15, 5, 30), "worker": (120, 30, 120), "command": (0, 30, 0)}[PORTAL_PROCESS]
STATEMENT_TIMEOUT = env_int("STATEMENT_TIMEOUT", _LIMITS[0])
LOCK_TIMEOUT = env_int("LOCK_TIMEOUT", _LIMITS[1])
IDLE_TIMEOUT = env_int("IDLE_TIMEOUT", _LIMITS[2])
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {
    "default": {
        **env_database("DATABASE_URL", "postgresql://portal@127.0.0.1:5432/portal"),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "connect_timeout": 5,
            "application_name": f"portal-{PORTAL_PROCESS}",
            "options": f"-c statement_timeout={STATEMENT_TIMEOUT}s -c lock_timeout={LOCK_TIMEOUT}s"
            f" -c idle_in_transaction_session_timeout={IDLE_TIMEOUT}s -c timezone=UTC"
            # short statements on solid-state disks: compiling a plan costs more than it saves
            " -c jit=off -c random_page_cost=1.1 -c work_mem=16MB",
        },
    }
}

# --- Debugging ------------------------------------------------------------------------------
DEBUG = env_bool("DEBUG", False)

# --- Email ----------------------------------------------------------------------------------
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = VAR_DIR / "mail"
DEFAULT_FROM_EMAIL = env_text("DEFAULT_FROM_EMAIL", "portal@localhost")
globals().update(env_mail("EMAIL_URL"))  # without EMAIL_URL mail stays in files
EMAIL_TIMEOUT = 10
# How people reach the portal: the beginning of every link in a mail.
SITE_URL = env_text("SITE_URL", "http://127.0.0.1:8000").rstrip("/")
# Hour in Beijing from which the daily mail goes, on working days.
DAILY_MAIL_HOUR = env_int("DAILY_MAIL_HOUR", 8)

# --- Help with the writing -------------------------------------------------------------------
WRITING_SERVICE = env_writing_service("WRITING_SERVICE")  # a language model; off without address

# --- Files ----------------------------------------------------------------------------------
MEDIA_ROOT = env_text("MEDIA_ROOT", str(VAR_DIR / "files"))
FONT_DIR = env_text("FONT_DIR", str(VAR_DIR / "fonts"))  # of PDF pages, copied there at set-up
FILE_UPLOAD_PERMISSIONS = 0o640
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o750
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
# Caps of one uploaded workbook: refused in words before anything is read into memory.
MAX_UPLOAD_MB = env_int("MAX_UPLOAD_MB", 100)
MAX_UNPACKED_MB = env_int("MAX_UNPACKED_MB", 1024)  # a zip archive's members together
MAX_PACK_RATIO = env_int("MAX_PACK_RATIO", 200)  # one member, unpacked against packed
MAX_ZIP_MEMBERS = env_int("MAX_ZIP_MEMBERS", 2000)
MAX_SHEETS = env_int("MAX_SHEETS", 50)
MAX_ROWS = env_int("MAX_ROWS", 300_000)
MAX_COLUMNS = env_int("MAX_COLUMNS", 200)
MAX_CELL = env_int("MAX_CELL", 32_767)  # characters: the limit of the workbook format itself
READER_MEMORY_MB = env_int("READER_MEMORY_MB", 2048)  # address space of the reading subprocess
READER_SECONDS = env_int("READER_SECONDS", 120)

# --- HTTP -----------------------------------------------------------------------------------
ALLOWED_HOSTS = env_list("ALLOWED_HOSTS", "127.0.0.1,localhost")
CSRF_TRUSTED_ORIGINS = env_list("CSRF_TRUSTED_ORIGINS", "")
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
DATA_UPLOAD_MAX_NUMBER_FILES = 10
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "portal.middleware.request_identity",
    "portal.middleware.upload_redirects",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "portal.middleware.chosen_language",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "portal.middleware.session_rules",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "portal.middleware.current_membership",
    "portal.middleware.domain_errors",
]
ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
X_FRAME_OPTIONS = "DENY"
SECURE_SSL_REDIRECT = HTTPS_ONLY
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS_ONLY else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS_ONLY
SECURE_REFERRER_POLICY = "same-origin"
# Set only behind the proxy of docker-compose.yml, which overwrites the header itself.
BEHIND_PROXY = env_bool("BEHIND_PROXY", False)  # believe X-Real-IP, too
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# Preloading binds a whole domain for good: the operator's decision, not the application's.
SILENCED_SYSTEM_CHECKS = ["security.W021"]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}

# --- Globalization --------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Asia/Shanghai"

# --- Logging --------------------------------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env_text("LOG_LEVEL", "INFO")},
}

# --- Models, templates ----------------------------------------------------------------------
INSTALLED_APPS = [
    "portal",
    "inventory",
    "evaluation",
    "matching",
    "reporting",
    "rest_framework",
    "django_filters",
    "django_htmx",
    "template_partials",
    "drf_spectacular",
    "csp",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.auth",
    "django.contrib.humanize",
    "django.contrib.postgres",
]
CACHED_LOADER = (
    "django.template.loaders.cached.Loader",
    ["django.template.loaders.filesystem.Loader"],
)
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal.context_processors.portal",
            ],
            # Wrapped for {% partialdef %}: one file serves the page and its fragments.
            "loaders": [("template_partials.loader.Loader", [CACHED_LOADER])],
        },
    }
]

# --- Security -------------------------------------------------------------------------------
SECRET_KEY = env_secret("SECRET_KEY")
FIELD_KEY = env_secret("FIELD_KEY")  # encrypts phone numbers and mail addresses in the database
CSRF_COOKIE_SECURE = HTTPS_ONLY
CSRF_COOKIE_HTTPONLY = True

# --- Authentication -------------------------------------------------------------------------
AUTH_USER_MODEL = "portal.User"
AUTHENTICATION_BACKENDS = ["portal.auth_backend.PasswordBackend"]
LOGIN_URL = "portal:sign-in"
LOGIN_REDIRECT_URL = "portal:home"
LOGOUT_REDIRECT_URL = "portal:sign-in"
PASSWORD_RESET_TIMEOUT = 60 * 60
_VALIDATION = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"{_VALIDATION}.UserAttributeSimilarityValidator"},
    {"NAME": f"{_VALIDATION}.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": f"{_VALIDATION}.CommonPasswordValidator"},
    {"NAME": f"{_VALIDATION}.NumericPasswordValidator"},
    {"NAME": "portal.password_rules.ThreeClassesValidator"},
]

# --- Sessions -------------------------------------------------------------------------------
SESSION_COOKIE_AGE = env_int("SESSION_IDLE_SECONDS", 30 * 60)  # idle, not absolute: see next line
SESSION_ABSOLUTE_SECONDS = env_int("SESSION_ABSOLUTE_SECONDS", 12 * 60 * 60)  # then sign in anew
SESSION_SAVE_EVERY_REQUEST = True
SESSION_COOKIE_SECURE = HTTPS_ONLY

# --- Static files ---------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
# The second folder holds the npm packages' files, copied at set-up and served as vendor/….
STATICFILES_DIRS = [BASE_DIR / "static", ("vendor", VAR_DIR / "vendor")]

# --- Filters of lists ----------------------------------------------------------------------
FILTERS_EMPTY_CHOICE_LABEL = _("All")

# --- Django REST framework ------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_THROTTLE_CLASSES": ["rest_framework.throttling.UserRateThrottle"],
    "DEFAULT_THROTTLE_RATES": {"user": "600/min"},
}
SPECTACULAR_SETTINGS = {"TITLE": "Patent portal", "VERSION": "1", "SERVE_INCLUDE_SCHEMA": False}

# --- National platform ------------------------------------------------------------------------
UPLOAD_PATENTS_PER_FILE = env_int("UPLOAD_PATENTS_PER_FILE", 5000)  # more go into several workbooks

# --- Jobs -----------------------------------------------------------------------------------
JOB_LEASE_SECONDS = env_int("JOB_LEASE_SECONDS", 20)  # then a silent worker's job is taken over
JOB_CHUNK_ROWS = env_int("JOB_CHUNK_ROWS", 2000)  # rows per transaction of bulk work
# half of each piece of an import with so many rows left is done by a second process; on one core: more than a file has
BESIDE_ROWS = env_int("BESIDE_ROWS", 4000)
BULK_DIRECT_ROWS = env_int("BULK_DIRECT_ROWS", 200)  # an act on more rows is a job
IMPORT_UNDO_DAYS = env_int("IMPORT_UNDO_DAYS", 30)  # so long an import can be taken back
FAILPOINTS = env_text("FAILPOINTS", "")  # tests only: where to die, "name:passage"
