"""Making, changing and publishing the scoring scheme of a bloc-year."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date

from django.db import transaction
from django.db.models import F, Max, QuerySet

from blocs.models import BlocYear
from blocs.queries.post import database_now
from scoring.actions.table import prepare_table
from scoring.models import Criterion, RankingSnapshot, Scheme, ScoreEntry
from scoring.permissions import can_draft_scheme, can_publish_scheme
from scoring.queries.locks import lock_table_of, lock_year
from scoring.queries.scheme import (
    LineInput,
    OptionsInput,
    content_hash,
    content_hash_of,
    facts_of_input,
    line_of,
    lines_of,
    options_of,
    scheme_facts,
)
from scoring.queries.table import entered_of
from scoring.rules.entered import check_entered
from scoring.rules.scheme import faults, parse_bands, parse_params, parse_ties
from scoring.rules.states import Rule, SchemeState
from thidua import audit
from thidua.lib.actor import Actor
from thidua.lib.errors import Conflict, Locked, RuleViolation
from thidua.lib.verdict import require
from thidua.lib.vietnamese import clean_text
from thidua.pending.actions import propose
from thidua.pending.models import PendingStep


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import of a scheme did."""

    scheme: Scheme
    is_new: bool
    is_changed: bool
    is_published: bool
    warnings: tuple[str, ...] = ()


# ------------------------------------------------------------- drafts
def start_draft(*, by: Actor, bloc_year_id: int, reason: str = "") -> Scheme:
    """The draft of the year: the one there is, else a new one, a copy of the published scheme where there is one.

    A copy of a published scheme needs a reason of 10 characters: it will be the next version.
    """
    with transaction.atomic():
        bloc_year = lock_year(bloc_year_id)
        require(can_draft_scheme(by, bloc_year))
        draft = Scheme.objects.filter(bloc_year=bloc_year, state=SchemeState.DRAFT.value).first()
        if draft is not None:
            return draft
        published = Scheme.objects.filter(bloc_year=bloc_year, state=SchemeState.PUBLISHED.value).first()
        if published is not None:
            reason = _reason(reason)
        draft = _new_draft(bloc_year, published, reason)
        audit.record(
            by,
            "scoring.start_draft",
            draft,
            after={"version": draft.version, "copy_of": published.version if published else None},
            reason=reason,
            chain=bloc_year.chain,
        )
    return draft


def update_options(*, by: Actor, scheme_id: int, revision: int, options: OptionsInput) -> Scheme:
    """Change the options of a draft."""
    with transaction.atomic():
        scheme = _lock_draft(by, scheme_id, revision)
        before = options_of(scheme)
        _set_options(scheme, options)
        _touch(scheme)
        audit.record(
            by,
            "scoring.update_options",
            scheme,
            before=asdict(before),
            after=asdict(options_of(scheme)),
            chain=scheme.bloc_year.chain,
        )
    return scheme


def add_criterion(
    *, by: Actor, scheme_id: int, revision: int, line: LineInput, after_id: int | None = None
) -> Criterion:
    """Add a line under its parent, last there or right after ``after_id``."""
    with transaction.atomic():
        scheme = _lock_draft(by, scheme_id, revision)
        criterion = Criterion(scheme=scheme, position=0)
        _set_line(scheme, criterion, line)
        criterion.position = (scheme.criteria.aggregate(last=Max("position"))["last"] or 0) + 1
        _save(criterion)
        _renumber(scheme, criterion, after_id)
        _touch(scheme)
        audit.record(
            by, "scoring.add_criterion", scheme, after=asdict(line), chain=scheme.bloc_year.chain,
            subject_text=f"Tiêu chí {line.code}",
        )  # fmt: skip
    return criterion


def update_criterion(*, by: Actor, scheme_id: int, revision: int, criterion_id: int, line: LineInput) -> Criterion:
    """Change a line of a draft, its parent too."""
    with transaction.atomic():
        scheme = _lock_draft(by, scheme_id, revision)
        criterion = _line(scheme, criterion_id)
        before, parent_id = line_of(criterion), criterion.parent_id
        _set_line(scheme, criterion, line)
        _save(criterion)
        if criterion.parent_id != parent_id:
            _renumber(scheme, criterion, _last_of(scheme, criterion))
        _touch(scheme)
        audit.record(
            by,
            "scoring.update_criterion",
            scheme,
            before=asdict(before),
            after=asdict(line),
            chain=scheme.bloc_year.chain,
            subject_text=f"Tiêu chí {line.code}",
        )
    return criterion


def move_criterion(*, by: Actor, scheme_id: int, revision: int, criterion_id: int, direction: str) -> None:
    """Move a line among its siblings ("up", "down"), under the sibling above ("in") or beside its parent ("out")."""
    with transaction.atomic():
        scheme = _lock_draft(by, scheme_id, revision)
        criterion = _line(scheme, criterion_id)
        siblings = list(scheme.criteria.filter(parent_id=criterion.parent_id).order_by("position", "id"))
        place = [s.pk for s in siblings].index(criterion.pk)
        order = [s.pk for s in siblings]
        after_id: int | None = None
        if direction in ("up", "down"):
            other = place - 1 if direction == "up" else place + 1
            if not 0 <= other < len(order):
                raise RuleViolation("move-end", "Dòng này đã ở đầu hoặc cuối mục.")
            order[place], order[other] = order[other], order[place]
        elif direction == "in":
            if place == 0:
                raise RuleViolation("move-end", "Không có dòng phía trên để làm mục cha.")
            criterion.parent = siblings[place - 1]
            after_id = _last_of(scheme, criterion)
        elif direction == "out":
            if criterion.parent is None:
                raise RuleViolation("move-end", "Dòng này đã ở cấp ngoài cùng.")
            after_id, criterion.parent = criterion.parent_id, criterion.parent.parent
        else:
            raise RuleViolation("move-unknown", "Không có cách chuyển này.")
        if direction in ("in", "out"):
            _save(criterion)
            _renumber(scheme, criterion, after_id)
        else:
            _renumber_all(scheme, {criterion.parent_id: order})
        _touch(scheme)
        audit.record(
            by,
            "scoring.move_criterion",
            scheme,
            after={"code": criterion.code, "direction": direction},
            chain=scheme.bloc_year.chain,
            subject_text=f"Tiêu chí {criterion.code}",
        )


def delete_criterion(*, by: Actor, scheme_id: int, revision: int, criterion_id: int) -> int:
    """Delete a line of a draft with everything under it; the number of lines deleted."""
    with transaction.atomic():
        scheme = _lock_draft(by, scheme_id, revision)
        criterion = _line(scheme, criterion_id)
        facts = scheme_facts(scheme)
        gone, stack = [], [criterion.pk]
        while stack:
            current = stack.pop()
            gone.append(current)
            stack += [c.id for c in facts.children_of(current)]
        codes = [c.code for c in facts.ordered if c.id in set(gone)]
        Criterion.objects.filter(pk__in=gone).delete()
        _touch(scheme)
        audit.record(
            by,
            "scoring.delete_criterion",
            scheme,
            before={"codes": codes},
            chain=scheme.bloc_year.chain,
            subject_text=f"Tiêu chí {criterion.code}",
        )
    return len(gone)


def discard_draft(*, by: Actor, scheme_id: int, revision: int) -> None:
    """Throw a draft away; the published scheme stays as it is."""
    with transaction.atomic():
        scheme = _lock_draft(by, scheme_id, revision)
        audit.record(
            by, "scoring.discard_draft", scheme, before={"version": scheme.version}, chain=scheme.bloc_year.chain
        )
        scheme.delete()


def copy_scheme(*, by: Actor, source_id: int, bloc_year_id: int, reason: str = "") -> Scheme:
    """The draft of a year as a copy of another scheme (last year's, another bloc's); refused where a draft is.

    Where a scheme is published the copy will replace it, so a reason of 10 characters is needed.
    """
    with transaction.atomic():
        bloc_year = lock_year(bloc_year_id)
        require(can_draft_scheme(by, bloc_year))
        if Scheme.objects.filter(bloc_year=bloc_year, state=SchemeState.DRAFT.value).exists():
            raise Conflict("draft-exists", "Năm này đã có bản nháp bảng điểm. Bỏ bản nháp đó trước khi chép.")
        source = _there(Scheme.objects.select_related("bloc_year__bloc").filter(pk=source_id))
        if Scheme.objects.filter(bloc_year=bloc_year, state=SchemeState.PUBLISHED.value).exists():
            reason = _reason(reason)
        draft = _new_draft(bloc_year, source, reason)
        audit.record(
            by,
            "scoring.copy_scheme",
            draft,
            after={"version": draft.version, "source": str(source)},
            reason=reason,
            chain=bloc_year.chain,
        )
    return draft


# --------------------------------------------------------- publishing
def publish_scheme(*, by: Actor, scheme_id: int, revision: int, effective_on: date | None = None) -> Scheme:
    """Freeze the draft as the scheme in force: refused while it has a fault; the former one becomes "replaced".

    Scores already entered are carried over to the lines of the same number and rule that still take them; the
    event lists those that could not be. Pages reach this through the two-person step.
    """
    with transaction.atomic():
        # the sheets too: a cell saved in this moment is carried over, or refused because its scheme was replaced
        bloc_year = lock_table_of(_there(Scheme.objects.filter(pk=scheme_id)).bloc_year_id)
        scheme = _lock_scheme(scheme_id)
        require(can_publish_scheme(by, scheme))
        if scheme.state != SchemeState.DRAFT:
            raise Conflict("not-draft", "Bảng điểm này đã công bố. Tải lại trang.")
        if scheme.revision != revision:
            raise Conflict("stale-scheme", "Bảng điểm đã được sửa sau khi bạn xem. Xem lại rồi công bố.")
        if RankingSnapshot.objects.filter(bloc_year=bloc_year, unlocked_at__isnull=True).exists():
            raise Locked("table-locked", "Bảng điểm của năm đã chốt, không công bố bản mới được.")
        _refuse_faults(scheme)
        former = Scheme.objects.filter(bloc_year=bloc_year, state=SchemeState.PUBLISHED.value).first()
        if former is not None:
            _reason(scheme.reason)
            Scheme.objects.filter(pk=former.pk).update(state=SchemeState.REPLACED.value, revision=F("revision") + 1)
        scheme.state = SchemeState.PUBLISHED.value
        scheme.published_at = database_now()
        scheme.published_by = by.name
        scheme.effective_on = effective_on
        scheme.revision += 1
        scheme.content_hash = content_hash_of(scheme)
        scheme.save()
        carried, left = _carry_over(former, scheme) if former is not None else (0, [])
        audit.record(
            by,
            "scoring.publish_scheme",
            scheme,
            before={"version": former.version} if former else None,
            after={"version": scheme.version, "hash": scheme.content_hash, "carried": carried, "not_carried": left},
            reason=scheme.reason,
            chain=bloc_year.chain,
        )
        prepare_table(by=_system_for(by), bloc_year_id=bloc_year.pk)
    return scheme


def propose_publish(*, by: Actor, scheme_id: int, revision: int, effective_on: date | None = None) -> PendingStep:
    """Ask a second person of the standing agency to publish the draft; refused while it has a fault."""
    scheme = _there(Scheme.objects.select_related("bloc_year__bloc").filter(pk=scheme_id))
    require(can_publish_scheme(by, scheme))
    if scheme.state != SchemeState.DRAFT:
        raise Conflict("not-draft", "Bảng điểm này đã công bố. Tải lại trang.")
    if scheme.revision != revision:
        raise Conflict("stale-scheme", "Bảng điểm đã được sửa sau khi bạn xem. Xem lại rồi đề nghị công bố.")
    _refuse_faults(scheme)
    return propose(
        by=by,
        verb="scoring.publish_scheme",
        args={"scheme_id": scheme.pk, "revision": revision, "effective_on": effective_on},
        subject=scheme,
        summary=f"Công bố bảng điểm bản {scheme.version}, {scheme.bloc_year}"
        + (f". Lý do: {scheme.reason}" if scheme.reason else ""),
        scope=f"province:{scheme.bloc_year.bloc.province_id}",
    )


def perform_publish(*, by: Actor, scheme_id: int, revision: int, effective_on: str | None = None) -> Scheme:
    """Publish what was proposed; the day comes back as text."""
    day = date.fromisoformat(effective_on) if effective_on else None
    return publish_scheme(by=by, scheme_id=scheme_id, revision=revision, effective_on=day)


def import_scheme(
    *,
    by: Actor,
    bloc_year_id: int,
    options: OptionsInput,
    lines: Sequence[LineInput],
    publish: bool,
    reason: str = "",
    is_sample: bool = False,
) -> Imported:
    """Make or replace the draft from a file, and publish it when asked. The same content changes nothing.

    A changed content on a published scheme needs a reason and makes the next version. Faults are RuleViolation
    with all sentences in ``details``; nothing is written then.
    """
    wrong = [f for f in faults(facts_of_input(options, lines)) if f.is_error]
    if wrong:
        raise RuleViolation("scheme-faults", wrong[0].message, details={"faults": [f.message for f in wrong]})
    warnings = tuple(f.message for f in faults(facts_of_input(options, lines)) if not f.is_error)
    digest = content_hash(options, lines)
    with transaction.atomic():
        bloc_year = lock_year(bloc_year_id)
        require(can_draft_scheme(by, bloc_year))
        published = Scheme.objects.filter(bloc_year=bloc_year, state=SchemeState.PUBLISHED.value).first()
        draft = Scheme.objects.filter(bloc_year=bloc_year, state=SchemeState.DRAFT.value).first()
        if published is not None and published.content_hash == digest and (draft is None or publish):
            return Imported(published, is_new=False, is_changed=False, is_published=True, warnings=warnings)
        is_new = draft is None
        is_changed = is_new or content_hash_of(draft) != digest
        if published is not None and (draft is None or not draft.reason):
            reason = _reason(reason)
        if draft is None:
            draft = _new_draft(bloc_year, None, reason)
        if is_changed:
            draft.criteria.all().delete()
            _set_options(draft, options)
            draft.is_sample = draft.is_sample or is_sample
            if reason:
                draft.reason = clean_text(reason, one_line=True)[:400]
            _touch(draft)
            _insert_lines(draft, lines)
            audit.record(
                by,
                "scoring.import_scheme",
                draft,
                after={"version": draft.version, "lines": len(lines), "hash": digest},
                reason=draft.reason,
                chain=bloc_year.chain,
            )
        if publish:
            draft = publish_scheme(by=by, scheme_id=draft.pk, revision=draft.revision)
    return Imported(draft, is_new=is_new, is_changed=is_changed or publish, is_published=publish, warnings=warnings)


# ------------------------------------------------------------ content
def _set_options(scheme: Scheme, options: OptionsInput) -> None:
    parse_bands(options.bands)
    parse_ties(options.ties)
    for name, value in asdict(options).items():
        setattr(scheme, name, value)
    scheme.full_clean(exclude=["bloc_year", "version"], validate_unique=False, validate_constraints=False)


def _set_line(scheme: Scheme, criterion: Criterion, line: LineInput) -> None:
    parse_params(Rule(line.rule), line.params)
    parent = None
    if line.parent_code:
        parent = scheme.criteria.filter(code=line.parent_code).first()
        if parent is None:
            raise RuleViolation(
                "parent-unknown",
                f"Không có dòng mã {line.parent_code}. Chọn mục cha có trong bảng.",
                field="parent_code",
            )
        above: Criterion | None = parent
        while above is not None:
            if above.pk == criterion.pk:
                raise RuleViolation(
                    "parent-circle", "Mục cha nằm trong chính dòng này. Chọn mục cha khác.", field="parent_code"
                )
            above = above.parent
    if scheme.criteria.filter(code=line.code).exclude(pk=criterion.pk).exists():
        raise RuleViolation("code-twice", f"Mã {line.code} đã có trong bảng điểm. Chọn mã khác.", field="code")
    criterion.parent = parent
    for name in ("code", "title", "kind", "rule", "max_points", "params", "not_applicable", "evidence", "guidance"):
        setattr(criterion, name, getattr(line, name))


def _save(criterion: Criterion) -> None:
    criterion.full_clean(exclude=["scheme", "parent"], validate_unique=False, validate_constraints=False)
    criterion.save()


def _insert_lines(scheme: Scheme, lines: Sequence[LineInput]) -> None:
    made: dict[str, Criterion] = {}
    waiting = list(enumerate(lines, 1))
    while waiting:
        ready = [(n, line) for n, line in waiting if not line.parent_code or line.parent_code in made]
        rows = [
            Criterion(
                scheme=scheme,
                parent=made.get(line.parent_code),
                position=n,
                **{k: v for k, v in asdict(line).items() if k != "parent_code"},
            )
            for n, line in ready
        ]
        for row in rows:
            row.full_clean(exclude=["scheme", "parent"], validate_unique=False, validate_constraints=False)
        for row in Criterion.objects.bulk_create(rows):
            made[row.code] = row
        waiting = [(n, line) for n, line in waiting if line.code not in made]


def _last_of(scheme: Scheme, criterion: Criterion) -> int | None:
    """The last of the other lines under the criterion's parent."""
    others = scheme.criteria.filter(parent_id=criterion.parent_id).exclude(pk=criterion.pk)
    return others.order_by("-position", "-id").values_list("pk", flat=True).first()


def _renumber(scheme: Scheme, moved: Criterion, after_id: int | None) -> None:
    """Give positions in printed order, the moved line right after ``after_id`` among its siblings."""
    if after_id is None:
        _renumber_all(scheme, {})
        return
    rows = list(scheme.criteria.filter(parent_id=moved.parent_id).order_by("position", "id"))
    order = [r.pk for r in rows if r.pk != moved.pk]
    place = order.index(after_id) + 1 if after_id in order else len(order)
    order.insert(place, moved.pk)
    _renumber_all(scheme, {moved.parent_id: order})


def _renumber_all(scheme: Scheme, wanted: dict[int | None, list[int]]) -> None:
    rows = list(scheme.criteria.order_by("position", "id"))
    children: dict[int | None, list[int]] = {}
    for row in rows:
        children.setdefault(row.parent_id, []).append(row.pk)
    children.update(wanted)
    order: list[int] = []
    stack = list(reversed(children.get(None, [])))
    while stack:
        current = stack.pop()
        order.append(current)
        stack.extend(reversed(children.get(current, [])))
    by_id = {row.pk: row for row in rows}
    for position, pk in enumerate(order, 1):
        by_id[pk].position = position
    Criterion.objects.bulk_update(rows, ["position"])


def _line(scheme: Scheme, criterion_id: int) -> Criterion:
    row = scheme.criteria.select_related("parent__parent").filter(pk=criterion_id).first()
    if row is None:
        raise Conflict("line-gone", "Dòng này không còn trong bảng điểm. Tải lại trang.")
    return row


# -------------------------------------------------------------- beats
def _there(rows: QuerySet[Scheme]) -> Scheme:
    scheme = rows.first()
    if scheme is None:
        raise Conflict("scheme-gone", "Bản bảng điểm này đã bị bỏ. Tải lại trang Tiêu chí.")
    return scheme


def _lock_scheme(scheme_id: int) -> Scheme:
    rows = Scheme.objects.select_related("bloc_year__bloc").select_for_update(of=("self",))
    return _there(rows.filter(pk=scheme_id))


def _lock_draft(by: Actor, scheme_id: int, revision: int) -> Scheme:
    scheme = _lock_scheme(scheme_id)
    require(can_draft_scheme(by, scheme.bloc_year))
    if scheme.state != SchemeState.DRAFT:
        raise Locked("published", "Bảng điểm đã công bố thì không sửa. Tạo bản mới để sửa.")
    if scheme.revision != revision:
        raise Conflict("stale-scheme", "Người khác vừa sửa bảng điểm này. Tải lại trang để thấy bản mới rồi sửa tiếp.")
    return scheme


def _touch(scheme: Scheme) -> None:
    scheme.revision += 1
    scheme.save()


def _new_draft(bloc_year: BlocYear, source: Scheme | None, reason: str) -> Scheme:
    last = Scheme.objects.filter(bloc_year=bloc_year).aggregate(last=Max("version"))["last"] or 0
    draft = Scheme(bloc_year=bloc_year, version=last + 1, reason=reason[:400], is_sample=bloc_year.is_sample)
    if source is not None:
        _set_options(draft, options_of(source))
        draft.is_sample = source.is_sample
    draft.save()
    if source is not None:
        _insert_lines(draft, lines_of(source))
    return draft


def _refuse_faults(scheme: Scheme) -> None:
    wrong = [f for f in faults(scheme_facts(scheme)) if f.is_error]
    if wrong:
        raise RuleViolation(
            "scheme-faults",
            f"Chưa công bố được, còn {len(wrong)} chỗ cần sửa. {wrong[0].message}",
            details={"faults": [f.message for f in wrong]},
        )


def _reason(reason: str) -> str:
    text = clean_text(reason, one_line=True)
    if len(text) < 10:
        raise RuleViolation(
            "reason-short",
            "Bảng điểm của năm đã công bố. Nêu lý do lập bản mới, từ 10 ký tự.",
            field="reason",
        )
    return text


def _system_for(by: Actor) -> Actor:
    """The table that a published scheme needs is made by the application, in the name of the publisher."""
    return Actor(user_id=by.user_id, name=by.name, is_system=True, acting_for=by.acting_for, request_id=by.request_id)


def _carry_over(former: Scheme, scheme: Scheme) -> tuple[int, list[str]]:
    facts = scheme_facts(scheme)
    old = {c.pk: c for c in former.criteria.all()}
    copies, left = [], set()
    for entry in ScoreEntry.objects.filter(criterion__scheme=former).select_related("sheet"):
        line = old[entry.criterion_id]
        target = facts.by_code.get(line.code)
        if target is None or target.rule.value != line.rule:
            left.add(line.code)
            continue
        try:
            check_entered(entered_of(entry), target)
        except RuleViolation:
            left.add(line.code)
            continue
        entry.pk = None
        entry.criterion_id = target.id
        copies.append(entry)
    ScoreEntry.objects.bulk_create(copies)
    return len(copies), sorted(left)
