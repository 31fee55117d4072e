"""What holds for every request: bad addresses and methods, headers, refusals, a busy database, ended sessions."""

from __future__ import annotations

import re
from collections.abc import Callable

from django.conf import settings
from django.db import DataError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers

from thidua.lib.errors import Refusal
from thidua.web import errors

GetResponse = Callable[[HttpRequest], HttpResponseBase]
METHODS = ("GET", "HEAD", "POST")
LONGEST_ADDRESS = 8000
_NUL = re.compile(r"\x00|%00")


class GuardMiddleware:
    """First of all: methods nobody serves 405, NUL 404 or 400, endless addresses 414, foreign charsets 400."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.refused(request) or self.get_response(request)

    def refused(self, request: HttpRequest) -> HttpResponse | None:
        query = request.META.get("QUERY_STRING", "")
        if request.method not in METHODS:
            answer = errors.plain(405, "Trang này không nhận cách gửi đó. Mở lại trang rồi làm tiếp.")
            answer["Allow"] = ", ".join(METHODS)
            return answer
        if len(request.path_info) + len(query) > LONGEST_ADDRESS:
            return errors.plain(414, "Địa chỉ quá dài. Bớt điều kiện lọc rồi mở lại.")
        if _NUL.search(request.path_info):
            return errors.plain(404, "Không có trang này. Kiểm tra lại địa chỉ.")
        if _NUL.search(query):
            return errors.plain(400, "Địa chỉ có ký tự không đọc được. Gõ lại phần tìm kiếm.")
        charset = (request.content_params or {}).get("charset", "utf-8").strip('"').lower()
        if request.method == "POST" and charset not in ("utf-8", "utf8"):
            return errors.plain(400, "Nội dung gửi lên phải ở bảng mã UTF-8.")
        if request.method == "POST" and request.content_type == "application/x-www-form-urlencoded":
            limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
            length = request.META.get("CONTENT_LENGTH") or "0"
            if limit is not None and length.isdecimal() and int(length) > limit:
                return errors.plain(413, "Nội dung gửi lên quá lớn. Chia nhỏ ra rồi gửi từng phần.")
        return None


class HeadersMiddleware:
    """Isolation headers on everything; pages of signed-in people are not kept by browsers or proxies.

    An ended session answers htmx with 401, never with a redirect it would swap into the page (B82).
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = ended_session(request, self.get_response(request))
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        if response.headers.get("Content-Type", "").startswith("text/html"):
            response.headers.setdefault("Cache-Control", "no-store")
        elif getattr(getattr(request, "user", None), "is_authenticated", False):
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response


PERMISSIONS_POLICY = ", ".join(
    f"{name}=()"
    for name in (
        "accelerometer", "autoplay", "camera", "display-capture", "encrypted-media", "geolocation", "gyroscope",
        "magnetometer", "microphone", "midi", "payment", "usb",
    )
)  # fmt: skip


class RefusalMiddleware:
    """Refusals of the application become pages (or fragments) with their status; a busy database becomes 503."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, Refusal):
            return errors.refusal(request, exception)
        if isinstance(exception, OperationalError):
            return errors.busy(request, exception)
        if isinstance(exception, DataError) or (isinstance(exception, ValueError) and "NUL" in str(exception)):
            errors.log.warning("unstorable-input", path=request.path, error=type(exception).__name__)
            return errors.bad_request(request, exception)
        return None


def ended_session(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """The response itself, unless it would send htmx to the sign-in page."""
    if request.headers.get("HX-Request") != "true" or response.status_code not in (301, 302, 303):
        return response
    patch_vary_headers(response, ["HX-Request"])
    return errors.signed_out(request) if errors.leads_to_sign_in(response.headers.get("Location", "")) else response
