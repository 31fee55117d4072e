"""Settings of the worker processes that the fault tests start: the test's database, folder and broker."""

import os
from pathlib import Path

from tests.settings import *  # noqa: F403
from tests.settings import DATABASES, INSTALLED_APPS

DATABASES["default"]["NAME"] = os.environ["THIDUA_FAULTS_DB"]
MEDIA_ROOT = Path(os.environ["THIDUA_FAULTS_MEDIA"])
INSTALLED_APPS = [*INSTALLED_APPS, "tests.faults.apps.KindsConfig"]
THIDUA_JOB_LEASE_SECONDS = 2
THIDUA_JOB_RING_AGAIN_SECONDS = 2
THIDUA_SWEEP_SECONDS = 1
