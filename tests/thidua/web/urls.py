"""A few views with nothing behind them but the machinery of the web layer."""

from __future__ import annotations

import time

from django.contrib.auth.decorators import login_not_required
from django.db import OperationalError, connection, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import include, path

from thidua.accounts.models import User
from thidua.lib.errors import Conflict, Locked, NotPermitted, RuleViolation
from thidua.web import http as web
from thidua.web.forms import DateField, LineField, OfficeForm
from thidua.web.http import http
from thidua.web.models import FormKey


class NoteForm(OfficeForm):
    text = LineField(label="Nội dung", max_length=50)
    on = DateField(label="Ngày", required=False)


@login_not_required
@http(reads=("GET",))
def read(request: HttpRequest) -> HttpResponse:
    return HttpResponse(str(User.objects.count()))


@login_not_required
@http(reads=("GET",))
def read_that_writes(request: HttpRequest) -> HttpResponse:
    User.objects.update(is_active=False)
    return HttpResponse("written")


@login_not_required
@http(reads=("GET",))
def read_that_locks(request: HttpRequest) -> HttpResponse:
    with transaction.atomic():
        list(User.objects.select_for_update(of=("self",)))
    return HttpResponse("locked")


def deed(text: str) -> None:
    """A write anybody can count: a row of a table of the web layer."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO web_formkey (key, path, body_hash, location, created_at)"
            " VALUES (gen_random_uuid(), %s, '', '', now())",
            [f"deed:{text}"],
        )


def deeds() -> list[str]:
    return sorted(FormKey.objects.filter(path__startswith="deed:").values_list("path", flat=True))


@login_not_required
@http(reads=("GET",), writes=("POST",))
def write(request: HttpRequest) -> HttpResponse:
    form = NoteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with web.refusals_on(form):
            deed(form.cleaned_data["text"])
            if form.cleaned_data["text"] == "slow":
                time.sleep(0.4)
            if form.cleaned_data["text"] == "bad":
                raise RuleViolation("bad", "Câu này không được.", field="text")
            last = FormKey.objects.filter(path__startswith="deed:").order_by("-created_at").first()
            return web.see_other(request, f"/ket-qua/{last.pk}/")
    return render(request, "layout/form_page.html", {"form": form}, status=web.status_of(form))


@login_not_required
@http(reads=(), writes=("POST",))
def post_only(request: HttpRequest) -> HttpResponse:
    deed("post-only")
    response = HttpResponse("no", status=423)
    return web.keep_writes(response) if request.POST.get("keep") else response


@login_not_required
@http(reads=("GET",), writes=("POST",))
def refuse(request: HttpRequest, kind: str) -> HttpResponse:
    if request.method == "POST":
        deed("refused")
    raise {
        "rule": RuleViolation("r", "Quy tắc chưa cho."),
        "permit": NotPermitted("p", "Trang này dành cho thư ký Khối."),
        "conflict": Conflict("c", "Đã có người sửa.", details={"yours": "35,00", "theirs": "30,00"}),
        "locked": Locked("l", "Đã chốt lúc 17:00."),
        "busy": OperationalError("canceling statement due to lock timeout"),
        "nul": ValueError("A string literal cannot contain NUL (0x00) characters."),
        "fault": RuntimeError("boom"),
    }[kind]


@login_not_required
@http(reads=("GET",))
def rows(request: HttpRequest) -> HttpResponse:
    page = web.page_of(request, list(range(1, 143)), 50)
    return HttpResponse(f"{page.number} {page.start_index()}")


@login_not_required
@http(reads=("GET",))
def person(request: HttpRequest, pk: str) -> HttpResponse:
    return HttpResponse(web.get_visible(User.objects.all(), pk).username)


urlpatterns = [
    path("", include("thidua.web.urls")),
    path("tai-khoan/", include("thidua.accounts.urls")),
    path("doc/", read),
    path("doc-ma-ghi/", read_that_writes),
    path("doc-ma-khoa/", read_that_locks),
    path("ghi/", write, name="write"),
    path("chi-gui/", post_only),
    path("tu-choi/<str:kind>/", refuse),
    path("hang/", rows),
    path("nguoi/<str:pk>/", person),
]
handler400 = "thidua.web.errors.bad_request"
handler403 = "thidua.web.errors.forbidden"
handler404 = "thidua.web.errors.not_found"
handler500 = "thidua.web.errors.server_error"
