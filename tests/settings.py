"""What differs in tests, and nothing else."""

import os
import tempfile
from pathlib import Path

os.environ.setdefault("THIDUA_TESTING", "1")

from thidua.settings import *  # noqa: E402, F403
from thidua.settings import DATABASES, KEY_PREFIX  # noqa: E402

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
DATABASES["default"]["TEST"] = {"NAME": "test_thidua_" + os.environ.get("THIDUA_TEST_DB", "x")}
DATABASES["default"]["OPTIONS"]["options"] += " -c thidua.allow_truncate=on"
DATABASES["default"]["CONN_MAX_AGE"] = 0
MEDIA_ROOT = Path(tempfile.mkdtemp(prefix="thidua-media-"))
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
CELERY_TASK_DEFAULT_QUEUE = KEY_PREFIX
STATIC_ROOT = None  # files are found where they lie
THIDUA_JOB_BELL = False  # the fault tests switch it on themselves
