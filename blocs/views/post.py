"""Pages of offices: who holds what, giving and ending."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from blocs.actions import post as actions
from blocs.forms.post import EndPostForm, EndPostWithPasswordForm, GivePostForm, GivePostWithPasswordForm
from blocs.models import Post
from blocs.permissions import can_edit_post
from blocs.queries.search import post_choices, posts_listed
from blocs.queries.visible import province_ids, visible_posts
from blocs.rules.states import PostKind
from thidua.lib.actor import Actor
from thidua.lib.verdict import require
from thidua.web.http import get_visible, http, page_of, page_or_fragment, refusals_on, see_other, status_of

WAITS = "Đã gửi đề nghị. Người thứ hai xác nhận thì có hiệu lực."


@http(reads=("GET",))
def posts(request: HttpRequest) -> HttpResponse:
    """Who holds which office."""
    words, current = request.GET.get("q", "")[:100], request.GET.get("tat-ca") != "1"
    context = {
        "place": "units",
        "words": words,
        "current": current,
        "page": page_of(request, posts_listed(request.actor, words=words, current=current)),
        "may_edit": can_edit_post(request.actor, None),
        "today": timezone.localdate(),
    }
    return page_or_fragment(request, "blocs/posts.html", "blocs/_posts.html", context)


@http(reads=("GET",), writes=("POST",))
def give_post(request: HttpRequest) -> HttpResponse:
    """Give an office; those of units and provinces wait for a second person."""
    require(can_edit_post(request.actor, None))
    choices = post_choices(request.actor, province_ids(request.actor))
    data = request.POST if request.method == "POST" else None
    if _needs_password(request.actor):
        form: GivePostForm = GivePostWithPasswordForm(data, request=request, **choices)
    else:
        form = GivePostForm(data, **choices)
    if form.is_valid():
        with refusals_on(form):
            done = actions.propose_give_post(by=request.actor, **form.given())
            messages.success(request, "Đã giao chức vụ." if isinstance(done, Post) else WAITS)
            return see_other(request, "blocs:posts")
    return render(request, "blocs/give_post.html", {"place": "units", "form": form}, status=status_of(form))


@http(reads=("GET",), writes=("POST",))
def end_post(request: HttpRequest, post_id: int) -> HttpResponse:
    """End an office."""
    rows = visible_posts(request.actor).select_related("user", "unit", "bloc", "province")
    found = get_visible(rows.distinct(), post_id)
    require(can_edit_post(request.actor, found))
    data = request.POST if request.method == "POST" else None
    initial = {"ends_on": timezone.localdate()}
    if _needs_password(request.actor):
        form: EndPostForm = EndPostWithPasswordForm(data, request=request, initial=initial)
    else:
        form = EndPostForm(data, initial=initial)
    if form.is_valid():
        given = {name: form.cleaned_data[name] for name in ("ends_on", "reason")}
        with refusals_on(form):
            done = actions.propose_end_post(by=request.actor, post_id=found.pk, **given)
            messages.success(request, "Đã ghi thôi giữ chức vụ." if isinstance(done, Post) else WAITS)
            return see_other(request, "blocs:posts")
    context = {"place": "units", "form": form, "post": found}
    return render(request, "blocs/end_post.html", context, status=status_of(form))


def _needs_password(actor: Actor) -> bool:
    """An administrator confirms the own password for this (matrix row 5)."""
    return actor.holds(PostKind.ADMIN)
