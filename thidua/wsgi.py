"""The web process."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "thidua.settings")
application = get_wsgi_application()

# All views are read now and not at the first request; what lives as long as the process is kept out of later garbage
# collections, which took a sixth of the time of a large page.
get_resolver().url_patterns  # noqa: B018
gc.collect()
gc.freeze()
