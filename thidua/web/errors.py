"""The pages of refusal and fault: what happened, why, what to do, and what was kept."""

from __future__ import annotations

import secrets
import sys
from typing import Any
from urllib.parse import urlsplit

import structlog
from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import render, resolve_url
from django.template import loader
from django.views.decorators.csrf import requires_csrf_token

from thidua.lib.errors import Conflict, Locked, NotPermitted, Refusal

log = structlog.get_logger("thidua.web")
RETRY_AFTER_SECONDS = 3
NEW_TOKEN = "X-New-CSRF-Token"  # noqa: S105 (the name of a header)
_SECRET = ("password", "mat_khau", "otp", "token", "secret")
_MACHINE = {"csrfmiddlewaretoken", "form_key", "revision", "next"}


def plain(status: int, sentence: str) -> HttpResponse:
    """One sentence, no page: for requests no browser form of ours makes. Safe by itself: it may leave before the
    middleware that adds the headers."""
    headers = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'"}
    return HttpResponse(sentence, status=status, content_type="text/plain; charset=utf-8", headers=headers)


def _wants_fragment(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-Boosted") != "true"


def _fragment(context: dict[str, Any]) -> HttpResponse:
    """The sentence, put into the frame's place for notices, so that what the person typed stays on the page."""
    html = loader.render_to_string("components/_refusal.html", context)
    response = HttpResponse(html, status=context["status"])
    response["HX-Retarget"] = "#thong-bao"
    response["HX-Reswap"] = "innerHTML"
    return response


def _page(request: HttpRequest, template: str, status: int, context: dict[str, Any]) -> HttpResponse:
    """The page, or for htmx the sentence alone; with the bare template when the frame itself cannot be built."""
    if _wants_fragment(request):
        return _fragment({**context, "status": status})
    return render(request, template, {**context, "status": status}, status=status)


# --------------------------------------------------------------- refusals
def refusal(request: HttpRequest, refused: Refusal) -> HttpResponse:
    """The answer to a refusal nobody caught: 403, 409, 423, or 422 for a broken rule."""
    status, template = 422, "422.html"
    if isinstance(refused, NotPermitted):
        status, template = 403, "403.html"
    elif isinstance(refused, Conflict):
        status, template = 409, "409.html"
    elif isinstance(refused, Locked):
        status, template = 423, "423.html"
    log.info("refused", code=refused.code, status=status, path=request.path)
    context = {"message": refused.message, "code": refused.code, "details": refused.details, "typed": typed(request)}
    response = _page(request, template, status, context)
    response["X-Refusal"] = refused.code
    return response


def _is_secret(request: HttpRequest, name: str) -> bool:
    """Passwords and one-time codes; the ``code`` of a unit or a criterion is no secret and is kept."""
    if name == "code":
        match = request.resolver_match
        return "password" in request.POST or bool(match and str(match.url_name).startswith("mfa_"))
    return any(word in name.lower() for word in _SECRET)


def typed(request: HttpRequest) -> list[str]:
    """What the person typed into the refused form, to be read and copied; no secrets, nothing the machine added."""
    if request.method != "POST":
        return []
    found = []
    for name, values in request.POST.lists():
        if name not in _MACHINE and not _is_secret(request, name):
            found += [value for value in values if len(value.strip()) > 1 and not value.isdecimal()]
    return found


def busy(request: HttpRequest, exception: Exception | None) -> HttpResponse:
    """503 with Retry-After: the database waited too long or is away; a form's content can be sent again."""
    log.warning("database-busy", path=request.path, error=str(exception)[:300])
    context: dict[str, Any] = {"status": 503, "message": BUSY}
    if _wants_fragment(request):
        response = _fragment(context)
    else:
        if request.method == "POST" and came_from_here(request):
            context |= {"fields": kept_fields(request), "path": request.get_full_path(), "csrf_token": _token(request)}
        response = HttpResponse(loader.render_to_string("503.html", context), status=503)
    response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


BUSY = "Máy chủ đang bận, chưa ghi được gì của lần gửi này. Đợi vài giây rồi gửi lại."


def _token(request: HttpRequest) -> str:
    try:
        return get_token(request)
    except OperationalError:
        return ""


# ------------------------------------------------------------------- CSRF
def came_from_here(request: HttpRequest) -> bool:
    """Did a page of this very site send it? Browsers always say so; only then may the content be sent again."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None and site not in ("same-origin", "none"):
        return False
    origin = request.headers.get("Origin") or request.headers.get("Referer")
    return origin is None or urlsplit(origin).netloc == request.get_host()


def kept_fields(request: HttpRequest) -> list[tuple[str, str]]:
    """Name and value of everything posted, except secrets and the old token; the form key stays, so nothing doubles."""
    return [
        (name, value)
        for name, values in request.POST.lists()
        if name != "csrfmiddlewaretoken" and not _is_secret(request, name)
        for value in values
    ]


@requires_csrf_token
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 that keeps what was typed and offers to send it again with a fresh token (B76).

    Content from another site is never offered again: pressing the button would finish a forged request.
    """
    log.warning("csrf-refused", path=request.path, reason=reason)
    own = came_from_here(request)
    context = {
        "own": own,
        "fields": kept_fields(request) if own else [],
        "path": request.get_full_path(),
        "had_files": bool(request.FILES),
        "message": "Trang này mở đã lâu hoặc bạn vừa đăng nhập lại ở thẻ khác. Chưa ghi gì.",
    }
    if _wants_fragment(request):
        context["message"] += " Những gì bạn gõ vẫn còn, bấm gửi lại một lần nữa."
    response = _page(request, "csrf.html", 403, context)
    if own:
        # Scripts of our own pages put it into their forms; another site cannot read an answer of ours.
        response[NEW_TOKEN] = get_token(request)
    return response


# ---------------------------------------------------------------- sign-in
def leads_to_sign_in(location: str) -> bool:
    return bool(location) and urlsplit(location).path == urlsplit(resolve_url(settings.LOGIN_URL)).path


def signed_out(request: HttpRequest) -> HttpResponse:
    """401 for htmx: the sentence and a link that opens beside the page, so that nothing typed is lost."""
    context = {
        "status": 401,
        "message": "Phiên làm việc đã hết. Đăng nhập lại ở thẻ mới, những gì bạn gõ ở đây vẫn còn.",
        "sign_in": resolve_url(settings.LOGIN_URL),
    }
    response = _fragment(context)
    response["Cache-Control"] = "no-store"
    return response


def signed_out_form(request: HttpRequest) -> HttpResponse:
    """401 for a form sent after the session ended: the fields stay on the page, to be sent again once signed in.

    A new sign-in makes a new token; the page of ``csrf_failure`` then takes the fields over with it.
    """
    context = {
        "own": True,
        "fields": kept_fields(request),
        "path": request.get_full_path(),
        "had_files": bool(request.FILES),
        "message": "Phiên làm việc đã hết. Chưa ghi gì.",
    }
    response = _page(request, "csrf.html", 401, context)
    response["Cache-Control"] = "no-store"
    return response


# --------------------------------------------------- handlers of the URLconf
def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400, or 413 for too much at once."""
    if isinstance(exception, RequestDataTooBig):
        return plain(413, "Nội dung gửi lên quá lớn. Chia nhỏ ra rồi gửi từng phần.")
    if isinstance(exception, TooManyFieldsSent | TooManyFilesSent):
        return plain(400, "Biểu mẫu có quá nhiều ô hoặc quá nhiều tệp. Chia nhỏ ra rồi gửi từng phần.")
    return HttpResponse(loader.render_to_string("400.html", {"status": 400}), status=400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403 raised by a library; our own refusals carry their sentence."""
    message = getattr(exception, "message", "") or "Bạn chưa có quyền mở trang này."
    return _page(request, "403.html", 403, {"message": message})


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: absent and out of scope look the same."""
    return _page(request, "404.html", 404, {"message": "Không có trang này, hoặc trang thuộc nơi bạn không tham gia."})


def server_error(request: HttpRequest) -> HttpResponse:
    """500 with a short code to tell by phone; the same code stands in the log. A busy database is a 503."""
    fault = sys.exc_info()[1]
    if isinstance(fault, OperationalError):
        return busy(request, fault)
    code = secrets.token_hex(2).upper()
    log.error("server-fault", code=code, path=request.path, exc_info=fault)
    if _wants_fragment(request):
        message = f"Máy chủ gặp lỗi, mã {code}. Thử lại, hoặc báo mã này cho quản trị."
        return _fragment({"status": 500, "message": message})
    return HttpResponse(loader.render_to_string("500.html", {"code": code, "status": 500}), status=500)
