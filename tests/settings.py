"""Settings of the test suite: production's, with fast passwords, throw-away files, no HTTPS."""

import os
import tempfile
from pathlib import Path

os.environ.setdefault("SECRET_KEY", "only-for-tests-" + "0123456789abcdef" * 4)
os.environ.setdefault("FIELD_KEY", "only-for-tests-" + "fedcba9876543210" * 4)
os.environ.setdefault("HTTPS_ONLY", "false")

from portal.settings import *

TEST_FILES = Path(tempfile.mkdtemp(prefix="portal-test-"))
INSTALLED_APPS = [*INSTALLED_APPS, "django_migration_linter"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
MEDIA_ROOT = str(TEST_FILES / "files")
EMAIL_FILE_PATH = TEST_FILES / "mail"
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
DATABASES["default"]["ENGINE"] = "tests.postgresql"
DATABASES["default"]["TEST"] = {
    "TEMPLATE": "template0",
    # A database copied from a migrated one, where `make quick` made it.
    "NAME": os.environ.get("PORTAL_TEST_DATABASE"),
}
# A kept connection of a live server's thread would block dropping the test database.
DATABASES["default"]["CONN_MAX_AGE"] = 0
