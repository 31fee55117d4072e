"""What the frame of every page needs, whoever renders it."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from thidua.lib.actor import ANONYMOUS


def frame(request: HttpRequest) -> dict[str, Any]:
    """``actor`` (also on error pages, where nobody may have been loaded) and the province's name."""
    return {
        "actor": getattr(request, "actor", ANONYMOUS),
        "province_name": getattr(settings, "THIDUA_PROVINCE", ""),
    }
