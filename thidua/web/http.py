"""How a view meets HTTP: methods, one transaction, one-time form keys, scoped fetching, paging, answers.

    @http(reads=("GET",), writes=("POST",))
    def rename_bloc(request, bloc_id): ...

Reads run under a guard that lets nothing but SELECT reach the database. Writes run in one transaction, undone
when the answer is an error (4xx, 5xx) or a refusal is raised. Every POST form carries ``{% form_key %}``: a
replay of a finished key gives the first answer again, the same key with other content is a Conflict. A POST
without a key is accepted: links of old pages and programs have none, and actions compare revisions anyway.
Views with keys of their own (cell saves, polls) say ``keyed=False``.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import wraps
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.core.paginator import Page, Paginator
from django.db import DataError, connection, transaction
from django.db.models import Model, QuerySet
from django.forms import BaseForm
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
)
from django.shortcuts import render, resolve_url
from django.template.response import SimpleTemplateResponse
from django.utils.cache import patch_vary_headers

from thidua.lib.errors import Conflict, RuleViolation
from thidua.web.models import FormKey

M = TypeVar("M", bound=Model)
View = Callable[..., HttpResponseBase]
FORM_KEY = "form_key"
_NOT_CONTENT = {FORM_KEY, "csrfmiddlewaretoken"}
_READING = re.compile(
    r"^(?:\s|--[^\n]*\n|/\*.*?\*/|\()*(?:SELECT|SAVEPOINT|RELEASE|ROLLBACK TO|EXPLAIN|VALUES|WITH)\b", re.I | re.S
)
_CHANGING = re.compile(
    r"\b(?:INSERT\s+INTO|UPDATE\s+\S+\s+SET|DELETE\s+FROM|MERGE\s+INTO|FOR\s+(?:NO\s+KEY\s+)?UPDATE)\b", re.I
)


class WriteDuringRead(RuntimeError):
    """A view asked to read tried to write: a fault of ours, never of the person."""


def _refuse_writing(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
    text = sql if isinstance(sql, str) else str(sql)
    if not _READING.match(text) or _CHANGING.search(text):
        raise WriteDuringRead(f"A reading request tried: {text[:200]}")
    return execute(sql, params, many, context)


@contextmanager
def reading_only() -> Iterator[None]:
    """Inside, anything but SELECT raises WriteDuringRead."""
    with connection.execute_wrapper(_refuse_writing):
        yield


def http(*, reads: Sequence[str] = ("GET",), writes: Sequence[str] = (), keyed: bool = True) -> Callable[[View], View]:
    """Declare the methods of a view; every other method is answered 405. HEAD comes with GET."""
    reading = set(reads) | ({"HEAD"} if "GET" in reads else set())
    writing = set(writes)
    allowed = sorted(reading | writing)

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.method in writing:
                return _write(request, lambda: _finished(view(request, *args, **kwargs)), keyed=keyed)
            if request.method in reading:
                with reading_only():
                    return _finished(view(request, *args, **kwargs))
            sentence = "Trang này không nhận cách gửi đó. Mở lại trang rồi làm tiếp."
            return HttpResponseNotAllowed(allowed, sentence, content_type="text/plain; charset=utf-8")

        guarded.http_reads, guarded.http_writes = tuple(sorted(reading)), tuple(sorted(writing))  # type: ignore[attr-defined]
        return guarded

    return decorate


def _finished(response: HttpResponseBase) -> HttpResponseBase:
    """Templates are rendered while the guard or the transaction still holds."""
    if isinstance(response, SimpleTemplateResponse) and not response.is_rendered:
        return response.render()
    return response


def keep_writes(response: HttpResponse) -> HttpResponse:
    """Mark an error answer whose writes stay (a late draft kept with a 423)."""
    response.thidua_keep_writes = True  # type: ignore[attr-defined]
    return response


def _write(request: HttpRequest, carry_out: Callable[[], HttpResponseBase], *, keyed: bool) -> HttpResponseBase:
    key = _posted_key(request) if keyed else None
    with transaction.atomic():
        if key is not None:
            finished = _claim(request, key)
            if finished is not None:
                return _again(request, finished)
        response = carry_out()
        if response.status_code >= 400 and not getattr(response, "thidua_keep_writes", False):
            transaction.set_rollback(True)
        elif key is not None:
            location = response.get("Location") or response.get("HX-Redirect") or ""
            FormKey.objects.filter(pk=key).update(location=location[:2000])
    return response


def _posted_key(request: HttpRequest) -> uuid.UUID | None:
    typed = request.POST.get(FORM_KEY, "")
    if not typed:
        return None
    try:
        return uuid.UUID(typed)
    except ValueError:
        raise RuleViolation("form-key", "Biểu mẫu này đã cũ. Tải lại trang rồi gửi lại.") from None


def _claim(request: HttpRequest, key: uuid.UUID) -> FormKey | None:
    """Take the key, or wait for the request that holds it and return what it finished.

    The insert waits on a parallel transaction with the same key: when that one commits we see its row, when it
    rolls back the key is ours.
    """
    user_id = getattr(getattr(request, "user", None), "pk", None)
    body = _body_hash(request)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO web_formkey (key, user_id, path, body_hash, location, created_at)"
            " VALUES (%s, %s, %s, %s, '', now()) ON CONFLICT (key) DO NOTHING RETURNING key",
            [key, user_id, request.path[:2000], body],
        )
        if cursor.fetchone():
            return None
    first = FormKey.objects.get(pk=key)
    if (first.user_id, first.path, first.body_hash) != (user_id, request.path[:2000], body):
        raise Conflict(
            "form-key-reused",
            "Biểu mẫu này đã được gửi với nội dung khác. Lần gửi trước đã được ghi. Tải lại trang, xem nội dung"
            " đang có rồi sửa tiếp.",
        )
    return first


def _body_hash(request: HttpRequest) -> str:
    digest = hashlib.sha256()
    for name in sorted(set(request.POST) - _NOT_CONTENT):
        for value in request.POST.getlist(name):
            digest.update(f"{len(name)}:{name}={len(value)}:{value};".encode("utf-8", "surrogatepass"))
    for name in sorted(request.FILES):
        for upload in request.FILES.getlist(name):
            digest.update(f"{name}/{upload.name}/{upload.size};".encode("utf-8", "surrogatepass"))
            for chunk in upload.chunks():
                digest.update(chunk)
            upload.seek(0)
    return digest.hexdigest()


def _again(request: HttpRequest, first: FormKey) -> HttpResponse:
    """The first answer once more; where it was a fragment, the page loads anew and shows what is stored."""
    if "HX-Request" in request.headers:
        response = HttpResponse()
        if first.location:
            response["HX-Redirect"] = first.location
        else:
            response["HX-Refresh"] = "true"
        return response
    return HttpResponseRedirect(first.location or request.path)


def forget_form_keys(before: datetime) -> int:
    """Delete keys older than ``before``; their forms are long gone. Returns how many."""
    return FormKey.objects.filter(created_at__lt=before).delete()[0]


# ---------------------------------------------------------------- fetching
def get_visible(queryset: QuerySet[M], pk: Any = None, **lookup: Any) -> M:
    """The one object of an already scoped queryset, or 404: absent, out of scope and garbage look the same."""
    if pk is not None:
        lookup["pk"] = pk
    try:
        return queryset.get(**lookup)
    except (queryset.model.DoesNotExist, ValueError, TypeError, OverflowError, ValidationError, DataError):
        raise Http404 from None


def asked(request: HttpRequest, name: str, default: str = "") -> str:
    """A word of the address; where it stands twice, the first one counts, for the check as for the use (B69)."""
    return (request.GET.getlist(name) or [default])[0]


def page_of(request: HttpRequest, rows: QuerySet[M] | Sequence[Any], per_page: int = 50) -> Page[Any]:
    """The page asked for by ``?page=``, or the nearest one there is."""
    paginator: Paginator[Any] = Paginator(rows, per_page)
    typed = asked(request, "page", "1").strip()
    if re.fullmatch(r"[0-9]+", typed, re.ASCII):
        number = int(typed) if len(typed) < 9 else paginator.num_pages
    else:
        number = 1
    return paginator.page(max(1, min(number, paginator.num_pages)))


# ----------------------------------------------------------------- answers
def wants_fragment(request: HttpRequest) -> bool:
    """Does htmx ask for a part of the page (not a boosted link, not a restored history entry)?"""
    headers = request.headers
    return (
        headers.get("HX-Request") == "true"
        and headers.get("HX-Boosted") != "true"
        and headers.get("HX-History-Restore-Request") != "true"
    )


def page_or_fragment(
    request: HttpRequest, page: str, fragment: str, context: Mapping[str, Any], status: int = 200
) -> HttpResponse:
    """``fragment`` for htmx, else ``page`` (which includes it); the same context for both."""
    response = render(request, fragment if wants_fragment(request) else page, dict(context), status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


def see_other(request: HttpRequest, to: Any, *args: Any, **kwargs: Any) -> HttpResponse:
    """Go to a page after a deed; htmx is told to do the same."""
    url = resolve_url(to, *args, **kwargs)
    if wants_fragment(request):
        response = HttpResponse()
        response["HX-Redirect"] = url
        return response
    return HttpResponseRedirect(url)


@contextmanager
def refusals_on(form: BaseForm) -> Iterator[None]:
    """A RuleViolation raised inside becomes an error of the form, on its field if it names one of the form's.

    if form.is_valid():
        with refusals_on(form):
            do_it(by=request.actor, **form.cleaned_data)
            return see_other(request, "blocs:bloc", bloc.pk)
    return render(request, "blocs/do_it.html", {"form": form}, status=status_of(form))
    """
    try:
        yield
    except RuleViolation as refusal:
        form.add_error(
            refusal.field if refusal.field in form.fields else None, ValidationError(refusal.message, refusal.code)
        )


def status_of(form: BaseForm) -> int:
    """422 for a form sent back with errors, else 200."""
    return 422 if form.is_bound and form.errors else 200
