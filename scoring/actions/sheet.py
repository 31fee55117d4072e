"""Entering scores: one cell, or many at once (a pasted block, an imported file)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Model
from django.utils import timezone

from blocs.models import BlocYear, Unit
from blocs.queries.visible import visible_bloc_years
from scoring.models import Criterion, ScoreEntry, ScoreSheet, Submission
from scoring.permissions import can_record_score
from scoring.queries.scheme import published_facts
from scoring.queries.table import EMPTY_CELL, Cell, entered_from, entered_of
from scoring.rules.entered import BLANK, Entered, check_entered, format_cell, parse_cell
from scoring.rules.scheme import CriterionFacts, SchemeFacts
from scoring.rules.states import SchemeState, StageState
from thidua import audit
from thidua.lib.actor import Actor
from thidua.lib.errors import Conflict, Locked, NotPermitted, Refusal, RuleViolation
from thidua.lib.verdict import Verdict, require
from thidua.lib.vietnamese import clean_text, format_date

VERB = "scoring.record_score"
VERB_MANY = "scoring.record_scores"
MAX_NOTE, MAX_EVIDENCE = 600, 4000
UNKNOWN_CELL = ("cell-unknown", "Ô này không có trong bảng. Tải lại trang.")
M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class CellWrite:
    """One cell to write. ``entered`` may be the text as typed: it is read by the rule of its criterion. ``revision``
    is the one the person saw (0: the cell was empty); ``entered``, ``note`` and ``evidence`` None leave what is held
    once the sheet is locked."""

    sheet_id: int
    criterion_id: int
    entered: Entered | str | None
    revision: int
    note: str | None = None
    evidence: str | None = None


@dataclass(frozen=True, slots=True)
class Saved:
    """What the database acknowledged."""

    sheet_id: int
    criterion_id: int
    revision: int
    changed_at: datetime
    changed_by: str
    entered: Entered
    is_replay: bool = False
    facts: SchemeFacts | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """The fate of one cell of a block: saved, or refused with the reason."""

    write: CellWrite
    saved: Saved | None = None
    refusal: Refusal | None = None


# One statement: insert or update, only while the stage takes entries by the database's clock, the criterion is of the
# scheme in force, the sheet is not handed in, and only over the revision the person saw. What was read before the lock
# was granted may be old; this statement sees what is committed now. No row comes back where one of these does not
# hold; the caller then looks why.
_WRITE = """
INSERT INTO scoring_scoreentry
    (sheet_id, criterion_id, stage_id, points, target, actual, count, level, passed, outside_rank,
     not_assigned, note, evidence, revision, changed_at, changed_by, changed_by_id_text)
SELECT v.sheet_id, v.criterion_id, s.id, v.points, v.target, v.actual, v.count, v.level, v.passed, v.outside_rank,
       v.not_assigned, v.note, v.evidence, 1, now(), %(by)s, %(by_id)s
FROM unnest(%(sheet)s::bigint[], %(criterion)s::bigint[], %(points)s::numeric[], %(target)s::numeric[],
            %(actual)s::numeric[], %(count)s::integer[], %(level)s::text[], %(passed)s::boolean[],
            %(outside_rank)s::integer[], %(not_assigned)s::boolean[], %(note)s::text[], %(evidence)s::text[],
            %(revision)s::integer[])
     AS v(sheet_id, criterion_id, points, target, actual, count, level, passed, outside_rank, not_assigned,
          note, evidence, revision)
JOIN scoring_stage s ON s.id = %(stage)s AND s.state = 'open'
     AND (s.closes_at IS NULL OR clock_timestamp() < s.closes_at)
JOIN scoring_criterion k ON k.id = v.criterion_id
JOIN scoring_scheme c ON c.id = k.scheme_id AND c.state = 'published'
WHERE (v.revision = 0 OR EXISTS (
    SELECT 1 FROM scoring_scoreentry e
    WHERE e.sheet_id = v.sheet_id AND e.criterion_id = v.criterion_id AND e.stage_id = s.id
      AND e.revision = v.revision))
  AND NOT EXISTS (
    SELECT 1 FROM scoring_submission m
    WHERE m.sheet_id = v.sheet_id AND m.stage_id = s.id AND m.withdrawn_at IS NULL)
ON CONFLICT (sheet_id, criterion_id, stage_id) DO UPDATE SET
    points = EXCLUDED.points, target = EXCLUDED.target, actual = EXCLUDED.actual, count = EXCLUDED.count,
    level = EXCLUDED.level, passed = EXCLUDED.passed, outside_rank = EXCLUDED.outside_rank,
    not_assigned = EXCLUDED.not_assigned, note = EXCLUDED.note, evidence = EXCLUDED.evidence,
    revision = scoring_scoreentry.revision + 1, changed_at = now(), changed_by = EXCLUDED.changed_by,
    changed_by_id_text = EXCLUDED.changed_by_id_text
WHERE (scoring_scoreentry.sheet_id, scoring_scoreentry.criterion_id, scoring_scoreentry.revision) IN
      (SELECT * FROM unnest(%(sheet)s::bigint[], %(criterion)s::bigint[], %(revision)s::integer[]))
RETURNING sheet_id, criterion_id, revision, changed_at
"""


def record_score(
    *, by: Actor, sheet_id: int, criterion_id: int, stage: str, entered: Entered | str | None, revision: int, key: UUID,
    note: str | None = None, evidence: str | None = None, bloc_year_id: int | None = None,
) -> Saved:  # fmt: skip
    """Save one cell and record it; a replayed ``key`` returns the first answer and writes nothing.

    Locks the sheet, then refuses in this order: RuleViolation ``cell-unknown`` (out of the actor's sight),
    NotPermitted, Conflict (another revision; ``details`` holds the held cell),
    Locked (table locked, stage not open or past its limit by the database's clock), RuleViolation; last, Locked where
    the sheet is handed in or the scheme was replaced meanwhile. ``bloc_year_id``: where the caller believes the sheet
    to be; a sheet of another year is as good as absent.
    Three round trips to the database.
    """
    write = CellWrite(sheet_id, criterion_id, entered, revision, note, evidence)
    # A refusal leaves the block before it is raised: nothing was written by then, so a caller's transaction stays
    # whole without the two round trips of a savepoint.
    with transaction.atomic(savepoint=False):
        result = _save_one(by, write, stage, key, bloc_year_id)
    if isinstance(result, Refusal):
        raise result
    return result


def _save_one(by: Actor, write: CellWrite, stage: str, key: UUID, bloc_year_id: int | None = None) -> Saved | Refusal:
    try:
        found = _lock(by, [write.sheet_id], stage, [write.criterion_id], bloc_year_id)
    except (RuleViolation, Locked) as refusal:
        return refusal
    outcome = _judge(found, write)
    write, refusal = outcome.write, outcome.refusal
    saved = _write(by, found, [write]) if refusal is None else []
    if not saved:
        if refusal is None:
            refusal = _why_not_written(found, write)
        first = _replayed(by, key, found, write) if isinstance(refusal, (Conflict, Locked)) else None
        return first or refusal
    sheet = found.sheets[write.sheet_id]
    audit.record(
        by,
        VERB,
        ("scoring.scoresheet", write.sheet_id),
        before=_shown(found.cell(write)),
        after={**_shown(_after(found.cell(write), write)), "revision": saved[0].revision},
        chain=sheet.bloc_year.chain,
        subject_text=_place(found, write),
        key=key,
    )
    return saved[0]


def record_scores(
    *, by: Actor, stage: str, writes: Sequence[CellWrite], key: UUID, bloc_year_id: int | None = None
) -> tuple[Outcome, ...]:
    """Save the cells of a block that may be saved, in one statement and one event; each other one says why not.

    Same rules and permission as ``record_score``. The answer is in the order of ``writes``. A caller that wants
    all or nothing raises on the first refusal, inside its own transaction.
    """
    if not writes:
        return ()
    with transaction.atomic():
        sheet_ids, criterion_ids = (sorted({getattr(w, name) for w in writes}) for name in ("sheet_id", "criterion_id"))
        found = _lock(by, sheet_ids, stage, criterion_ids, bloc_year_id)
        outcomes = {(w.sheet_id, w.criterion_id): _judge(found, w) for w in writes}
        accepted = [o.write for o in outcomes.values() if o.refusal is None]
        if len(accepted) < len(writes) and _is_my_block(by, key):
            return tuple(_replayed_block(found, outcomes[w.sheet_id, w.criterion_id]) for w in writes)
        saved = {(s.sheet_id, s.criterion_id): s for s in _write(by, found, accepted)}
        for write in accepted:
            place = (write.sheet_id, write.criterion_id)
            if place in saved:
                outcomes[place] = Outcome(write, saved=saved[place])
            else:
                outcomes[place] = Outcome(write, refusal=_why_not_written(found, write))
        if saved:
            sheet = found.sheets[accepted[0].sheet_id]
            names = {w: f"{found.sheets[w.sheet_id].unit.code}/{found.criteria[w.criterion_id].code}" for w in accepted}
            written = [w for w in accepted if (w.sheet_id, w.criterion_id) in saved]
            audit.record(
                by,
                VERB_MANY,
                # not the bloc-year itself: its history is open to all members, the scores are not (yet)
                ("scoring.table", sheet.bloc_year_id),
                before={names[w]: _words(found.cell(w), found.criteria[w.criterion_id]) for w in written},
                after={names[w]: _words(_after(found.cell(w), w), found.criteria[w.criterion_id]) for w in written},
                chain=sheet.bloc_year.chain,
                subject_text=f"{len(written)} ô, bước {found.stage['name']}",
                key=key,
            )
    return tuple(outcomes[w.sheet_id, w.criterion_id] for w in writes)


# ---------------------------------------------------------------- beats
@dataclass(frozen=True)
class _Found:
    sheets: Mapping[int, Any]
    stage: Mapping[str, Any]
    now: datetime
    verdicts: Mapping[int, Verdict]
    facts: SchemeFacts
    cells: Mapping[tuple[int, int], Cell]

    @property
    def criteria(self) -> Mapping[int, CriterionFacts]:
        return self.facts.by_id

    def cell(self, write: CellWrite) -> Cell:
        return self.cells.get((write.sheet_id, write.criterion_id), EMPTY_CELL)


# What a decision about cells needs, and the lock on their sheets. Written out because every save runs it: the ORM
# would take longer to put it together than the database to answer. Rows: a sheet and one of its cells (or none).
_LOCK = """
SELECT s.id, s.bloc_year_id, s.unit_id, s.is_locked, y.bloc_id, y.year, y.is_closed, u.code, u.name, u.short_name,
       t.id, t.name, t.slug, t.state, t.closes_at, c.id, c.revision, now(),
       ARRAY(SELECT p.unit_id FROM blocs_post p WHERE p.bloc_id = y.bloc_id AND p.year = y.year
             AND p.kind IN ('bloc_secretary', 'bloc_lead') AND p.unit_id IS NOT NULL
             AND coalesce(p.valid_from <= %(today)s, true) AND coalesce(p.valid_to >= %(today)s, true))
       || ARRAY(SELECT l.unit_id FROM blocs_leadterm l WHERE l.bloc_year_id = y.id AND l.role = 'lead'),
       e.criterion_id, e.points, e.target, e.actual, e.count, e.level, e.passed, e.outside_rank, e.not_assigned,
       e.revision, e.changed_at, e.changed_by, e.note, e.evidence
FROM scoring_scoresheet s
JOIN blocs_blocyear y ON y.id = s.bloc_year_id
JOIN blocs_unit u ON u.id = s.unit_id
LEFT JOIN scoring_stage t ON t.bloc_year_id = s.bloc_year_id AND t.slug = %(stage)s
LEFT JOIN scoring_scheme c ON c.bloc_year_id = s.bloc_year_id AND c.state = 'published'
LEFT JOIN scoring_scoreentry e ON e.sheet_id = s.id AND e.stage_id = t.id AND e.criterion_id = ANY(%(criteria)s)
WHERE s.id = ANY(%(sheets)s)
ORDER BY s.id
FOR NO KEY UPDATE OF s
"""


def _lock(
    by: Actor, sheet_ids: list[int], stage_slug: str, criterion_ids: list[int], bloc_year_id: int | None
) -> _Found:
    """Lock the sheets (always in the order of their ids) and read what the decision needs: one query. Sheets the
    actor cannot see at all, or of another year than the caller says, are as good as absent."""
    with connection.cursor() as cursor:
        values: dict[str, Any] = {"sheets": sheet_ids, "stage": stage_slug, "criteria": criterion_ids}
        values["today"] = timezone.localdate()
        cursor.execute(_LOCK, values)
        rows = cursor.fetchall()
    years = {row[1] for row in rows}
    if {row[0] for row in rows} != set(sheet_ids) or len(years) != 1 or bloc_year_id not in (None, *years):
        raise RuleViolation(*UNKNOWN_CELL)
    stage = dict(zip(("id", "name", "slug", "state", "closes_at"), rows[0][10:15], strict=True))
    scheme_id, revision, now, officers = rows[0][15:19]
    bloc_year = _partly(BlocYear, id=rows[0][1], bloc_id=rows[0][4], year=rows[0][5], is_closed=rows[0][6])
    sheets: dict[int, ScoreSheet] = {}
    cells = {}
    for row in rows:
        if row[0] not in sheets:
            sheet = _partly(ScoreSheet, id=row[0], bloc_year_id=row[1], unit_id=row[2], is_locked=row[3])
            sheet.bloc_year = bloc_year
            sheet.unit = _partly(Unit, id=row[2], code=row[7], name=row[8], short_name=row[9])
            sheets[row[0]] = sheet
        if row[19] is not None:
            cells[row[0], row[19]] = Cell(entered_from(*row[20:28]), *row[28:33])
    officers_units = frozenset(officers)
    verdicts = {
        key: can_record_score(by, bloc_year, stage_slug, sheet.unit_id, officers_units) for key, sheet in sheets.items()
    }
    # Who may write a sheet sees it; only the others are asked about.
    if not all(v.allowed for v in verdicts.values()) and not visible_bloc_years(by).filter(pk=bloc_year.pk).exists():
        raise RuleViolation(*UNKNOWN_CELL)
    if stage["id"] is None:
        raise RuleViolation("stage-unknown", "Khối không có bước chấm này trong năm. Tải lại trang.")
    if scheme_id is None:
        raise Locked("no-scheme", "Bảng điểm của năm chưa công bố, chưa nhập điểm được.")
    return _Found(
        sheets=sheets, stage=stage, now=now, verdicts=verdicts, facts=published_facts(scheme_id, revision), cells=cells
    )


def _partly(model: type[M], **values: Any) -> M:
    """An instance that knows these columns; any other is fetched when it is asked for."""
    row: M = model.from_db(None, list(values), list(values.values()))
    return row


def _judge(found: _Found, write: CellWrite) -> Outcome:
    """Beats one to three for one cell: permission (before anything of the cell is told), revision, state, rule."""
    sheet = found.sheets[write.sheet_id]
    held = found.cell(write)
    criterion = found.criteria.get(write.criterion_id)
    if write.entered is None:
        write = replace(write, entered=held.entered)
    write, unread = _read(write, criterion)
    try:
        require(found.verdicts[write.sheet_id])
        if held.revision != write.revision:
            raise _conflict(held, criterion)
        _require_open(found, sheet)
        if criterion is None:
            raise RuleViolation("cell-unknown", "Tiêu chí này không có trong bảng điểm đang dùng. Tải lại trang.")
        if unread is not None:
            raise unread
        check_entered(write.entered, criterion)  # type: ignore[arg-type]
        _check_texts(write)
    except (Conflict, NotPermitted, Locked, RuleViolation) as refusal:
        return Outcome(write, refusal=refusal)
    return Outcome(write)


def _read(write: CellWrite, criterion: CriterionFacts | None) -> tuple[CellWrite, RuleViolation | None]:
    """The same write with the typed text read; what cannot be read is told only after permission and conflict."""
    if not isinstance(write.entered, str):
        return write, None
    if criterion is None:
        return replace(write, entered=BLANK), None
    try:
        return replace(write, entered=parse_cell(write.entered, criterion)), None
    except RuleViolation as refusal:
        return write, refusal


def _check_texts(write: CellWrite) -> None:
    if write.note is not None and len(clean_text(write.note, one_line=True)) > MAX_NOTE:
        raise RuleViolation("note-too-long", f"Ghi chú dài quá {MAX_NOTE} ký tự. Rút ngắn lại.", field="note")
    if write.evidence is not None and len(clean_text(write.evidence)) > MAX_EVIDENCE:
        raise RuleViolation(
            "evidence-too-long", f"Danh mục minh chứng dài quá {MAX_EVIDENCE} ký tự. Rút ngắn lại.", field="evidence"
        )


def _require_open(found: _Found, sheet: ScoreSheet) -> None:
    if sheet.is_locked:
        raise Locked("table-locked", "Bảng điểm đã chốt, không sửa được điểm. Muốn sửa, đề nghị mở lại bảng điểm.")
    stage = found.stage
    if stage["state"] == StageState.NOT_OPEN:
        raise Locked("stage-not-open", f"Bước {stage['name']} chưa mở. Trưởng khối mở bước này.")
    limit = stage["closes_at"]
    if stage["state"] == StageState.CLOSED or (limit is not None and found.now >= limit):
        raise Locked("stage-closed", f"Bước {stage['name']} đã đóng{_at(limit)}. Số bạn nhập chưa được lưu.")


def _at(limit: datetime | None) -> str:
    if limit is None:
        return ""
    local = timezone.localtime(limit)
    return f" lúc {local:%H:%M} ngày {format_date(local.date())}"


def _conflict(held: Cell, criterion: CriterionFacts | None) -> Conflict:
    return Conflict(
        "stale-cell",
        f"{held.changed_by or 'Người khác'} đã lưu giá trị khác. Chọn một giá trị.",
        details={"cell": held, "theirs": format_cell(held.entered, criterion) if criterion else ""},
    )


def _write(by: Actor, found: _Found, writes: Iterable[CellWrite]) -> list[Saved]:
    """The one statement; cells it did not write are absent from the answer."""
    rows = list(writes)
    if not rows:
        return []
    after = [_after(found.cell(w), w) for w in rows]
    columns: dict[str, Any] = {
        "sheet": [w.sheet_id for w in rows],
        "criterion": [w.criterion_id for w in rows],
        "points": [c.entered.points for c in after],
        "target": [c.entered.target for c in after],
        "actual": [c.entered.actual for c in after],
        "count": [c.entered.count for c in after],
        "level": [c.entered.level or "" for c in after],
        "passed": [c.entered.passed for c in after],
        "outside_rank": [c.entered.rank for c in after],
        "not_assigned": [c.entered.not_assigned for c in after],
        "note": [c.note for c in after],
        "evidence": [c.evidence for c in after],
        "revision": [w.revision for w in rows],
        "stage": found.stage["id"],
        "by": f"{by.name}, {by.office}"[:160] if by.office else by.name[:160],
        "by_id": str(by.user_id or ""),
    }
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, columns)
        done = {(r[0], r[1]): (r[2], r[3]) for r in cursor.fetchall()}
    return [
        Saved(
            sheet_id=w.sheet_id,
            criterion_id=w.criterion_id,
            revision=done[w.sheet_id, w.criterion_id][0],
            changed_at=done[w.sheet_id, w.criterion_id][1],
            changed_by=by.name,
            entered=w.entered,
            facts=found.facts,
        )
        for w in rows
        if (w.sheet_id, w.criterion_id) in done
    ]


def _after(held: Cell, write: CellWrite) -> Cell:
    return replace(
        held,
        entered=write.entered,
        note=held.note if write.note is None else clean_text(write.note, one_line=True),
        evidence=held.evidence if write.evidence is None else clean_text(write.evidence),
    )


def _words(cell: Cell, criterion: CriterionFacts) -> str:
    """A cell of a block in one text: exactly what is typed for it, and what stands beside it."""
    parts = [format_cell(cell.entered, criterion)]
    parts += [f"ghi chú: {cell.note}"] if cell.note else []
    parts += [f"minh chứng: {cell.evidence}"] if cell.evidence else []
    return "; ".join(part for part in parts if part)


def _shown(cell: Cell) -> dict[str, Any]:
    """A cell in an event: only what is filled."""
    values = {
        "points": cell.entered.points,
        "target": cell.entered.target,
        "actual": cell.entered.actual,
        "count": cell.entered.count,
        "level": cell.entered.level,
        "passed": cell.entered.passed,
        "rank": cell.entered.rank,
        "not_assigned": cell.entered.not_assigned or None,
        "note": cell.note or None,
        "evidence": cell.evidence or None,
    }
    return {name: value for name, value in values.items() if value is not None}


def _replayed(by: Actor, key: UUID, found: _Found, write: CellWrite) -> Saved | None:
    """The first answer to this key, if it was given to this person for this cell and this very content."""
    event = audit.history_by_key(key)
    if event is None or (event.verb, event.actor_id, event.subject_id) != (VERB, by.user_id, str(write.sheet_id)):
        return None
    if not isinstance(write.entered, Entered) or not _says_the_same(event, found, write):
        return None
    revision = int((event.after or {}).get("revision", write.revision + 1))
    held = found.cell(write)
    return Saved(
        sheet_id=write.sheet_id,
        criterion_id=write.criterion_id,
        revision=revision,
        changed_at=held.changed_at if held.changed_at and held.revision == revision else event.at,
        changed_by=event.actor_name,
        entered=write.entered,
        is_replay=True,
        facts=found.facts,
    )


def _place(found: _Found, write: CellWrite) -> str:
    """ "Sở Y tế, I.2, bước Khối chấm"."""
    unit, criterion = found.sheets[write.sheet_id].unit, found.criteria[write.criterion_id]
    return f"{unit.short}, {criterion.code}, bước {found.stage['name']}"


def _says_the_same(event: Any, found: _Found, write: CellWrite) -> bool:
    """Did the event save this content into this cell? A key used again for anything else is no replay: the person
    would be told "saved" of what nobody holds. Values equal on both sides of an event are not in it."""
    if write.criterion_id not in found.criteria or event.subject_text != _place(found, write):
        return False
    before, after = event.before or {}, event.after or {}
    sent = _shown(_after(EMPTY_CELL, write))
    told = {*before, *after} - {"revision"}
    told -= {name for name in ("note", "evidence") if getattr(write, name) is None}
    return after.get("revision") == write.revision + 1 and all(str(sent.get(n)) == str(after.get(n)) for n in told)


def _is_my_block(by: Actor, key: UUID) -> bool:
    event = audit.history_by_key(key)
    return event is not None and (event.verb, event.actor_id) == (VERB_MANY, by.user_id)


def _replayed_block(found: _Found, outcome: Outcome) -> Outcome:
    """A cell of a block sent before: saved where it holds what was sent, else as it is judged now."""
    write = outcome.write
    held = found.cell(write)
    if not isinstance(write.entered, Entered) or held.entered != write.entered or not held.revision:
        return outcome
    return Outcome(
        write,
        saved=Saved(
            sheet_id=write.sheet_id,
            criterion_id=write.criterion_id,
            revision=held.revision,
            changed_at=held.changed_at or found.now,
            changed_by=held.changed_by,
            entered=held.entered,
            is_replay=True,
            facts=found.facts,
        ),
    )


def _why_not_written(found: _Found, write: CellWrite) -> Refusal:
    """The statement wrote nothing although the decision let it pass: handed in, or somebody was faster by a moment."""
    entry = ScoreEntry.objects.filter(
        sheet_id=write.sheet_id, criterion_id=write.criterion_id, stage_id=found.stage["id"]
    ).first()
    if entry is not None and entry.revision != write.revision:
        held = Cell(entered_of(entry), entry.revision, entry.changed_at, entry.changed_by, entry.note, entry.evidence)
        return _conflict(held, found.criteria.get(write.criterion_id))
    if Submission.objects.filter(sheet=write.sheet_id, stage=found.stage["id"], withdrawn_at__isnull=True).exists():
        return Locked(
            "sheet-submitted",
            "Bảng tự chấm đã nộp, số bạn nhập chưa được lưu. Muốn sửa, thủ trưởng đơn vị rút lại bảng trước hạn.",
        )
    if not Criterion.objects.filter(pk=write.criterion_id, scheme__state=SchemeState.PUBLISHED.value).exists():
        return Locked("scheme-replaced", "Bảng điểm vừa có bản mới, số bạn nhập chưa được lưu. Tải lại trang.")
    return Locked("stage-closed", f"Bước {found.stage['name']} vừa đóng. Số bạn nhập chưa được lưu.")
