"""The production settings with two more pages: the floors that cells and grid are compared with."""

import os

from thidua.settings import *  # noqa: F403
from thidua.settings import BASE_DIR, TEMPLATES

TEMPLATES[0]["DIRS"].append(BASE_DIR / "tests" / "bench_app" / "templates")
ROOT_URLCONF = "tests.bench_app.urls"
THIDUA_JOB_BELL = False  # the bench itself rings, at the worker it measures
STATIC_ROOT = os.environ.get("THIDUA_VAR", "/nonexistent") + "/static"
