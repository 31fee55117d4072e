"""Places and classifications of the units of a bloc.

Source: docs/domain, workbooks.md section 3 (``Đồng hạng``, ``Xếp hạng theo``, ``Xếp loại``) and section 5 (a unit
with cells missing takes no place); guide.md section 3.1 (ranking, thresholds).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import groupby

from scoring.rules.numbers import ZERO
from scoring.rules.points import SheetResult
from scoring.rules.scheme import Band, SchemeFacts, TieStep
from scoring.rules.states import RankBy

LotOrder = Mapping[int, int] | Sequence[int]
Key = Fraction | Decimal | int


@dataclass(frozen=True, slots=True)
class Standing:
    """What a unit is compared by; larger is better.

    ``main``: the total or the unrounded rate. ``steps``: one key for each declared step that breaks ties; None of a
    lot not drawn for this unit.
    """

    unit_id: int
    main: Key
    steps: tuple[Key | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Ranked:
    """A unit's place; None while cells are missing.

    ``tied``: shares its place. ``decided_by``: the step that told it apart from units equal before ("mục I",
    "điểm thưởng", "điểm trừ", "bốc thăm"), "" where the total or the rate did, or nothing could.
    """

    unit_id: int
    place: int | None
    tied: bool = False
    classification: str | None = None
    decided_by: str = ""


def rank(
    scheme: SchemeFacts, results: Mapping[int, SheetResult], lot_order: LotOrder | None = None
) -> dict[int, Ranked]:
    """Places, best first; units without place last, in the order given.

    Equal units are told apart by the declared steps in order; a lot counts only for a group of equals of which every
    unit is in ``lot_order`` (unit ids in the order drawn, or unit id -> order), until then the tie stands. After the
    last step equals share the place and the next place is skipped. A unit with cells missing has neither place nor
    classification and takes none from the others.
    """
    drawn = _drawn(lot_order)
    standings = [standing(scheme, result, drawn) for result in results.values() if not result.missing]
    ranked: dict[int, Ranked] = {}
    for group, place, step in places(standings):
        words = "" if step is None else _step_words(scheme, scheme.ties[step])
        for one in group:
            band = classification(scheme, results[one.unit_id])
            ranked[one.unit_id] = Ranked(one.unit_id, place, len(group) > 1, band, words)
    for unit_id, result in results.items():
        if result.missing:
            ranked[unit_id] = Ranked(unit_id, None)
    return ranked


def standing(scheme: SchemeFacts, result: SheetResult, drawn: Mapping[int, int]) -> Standing:
    """A unit's keys: total or unrounded rate, then the declared steps (trừ: less first)."""
    main: Key = result.rate_exact if scheme.rank_by is RankBy.RATE else result.total
    return Standing(result.unit_id, main, tuple(_step_key(scheme, step, result, drawn) for step in scheme.ties))


def _step_key(scheme: SchemeFacts, step: TieStep, result: SheetResult, drawn: Mapping[int, int]) -> Key | None:
    if step.kind == "bonus":
        return result.bonus
    if step.kind == "deduction":
        return -result.deduction
    if step.kind == "lot":
        return -drawn[result.unit_id] if result.unit_id in drawn else None
    criterion = scheme.by_code.get(step.code)
    points = result.points.get(criterion.id) if criterion else None
    return ZERO if points is None else points


def _drawn(lot_order: LotOrder | None) -> Mapping[int, int]:
    if lot_order is None:
        return {}
    if isinstance(lot_order, Mapping):
        return lot_order
    return {unit_id: index for index, unit_id in enumerate(lot_order)}


def places(standings: Iterable[Standing]) -> list[tuple[list[Standing], int, int | None]]:
    """Groups that share a place, best first: (units, place, step that set the group apart or None).

    The place after a shared one is skipped: after two firsts comes a third.
    """
    found: list[tuple[list[Standing], int, int | None]] = []
    place = 1
    ordered = sorted(standings, key=lambda s: s.main, reverse=True)
    for _, equals in groupby(ordered, key=lambda s: s.main):
        for group, step in _untie(list(equals), 0, None):
            found.append((group, place, step))
            place += len(group)
    return found


def _untie(group: list[Standing], index: int, decided: int | None) -> list[tuple[list[Standing], int | None]]:
    """Split equals by the steps from ``index`` on, best first; each part with the step that set it apart last."""
    if len(group) == 1 or index >= len(group[0].steps):
        return [(group, decided)]
    keyed = [(key, s) for s in group if (key := s.steps[index]) is not None]
    if len(keyed) < len(group):
        return _untie(group, index + 1, decided)
    keyed.sort(key=lambda pair: pair[0], reverse=True)
    parts = [[s for _, s in equals] for _, equals in groupby(keyed, key=lambda pair: pair[0])]
    set_apart = decided if len(parts) == 1 else index
    found: list[tuple[list[Standing], int | None]] = []
    for part in parts:
        found.extend(_untie(part, index + 1, set_apart))
    return found


def band_of(bands: tuple[Band, ...], value: Fraction | Decimal) -> str | None:
    """The best band whose threshold is reached; None below all of them."""
    reached = [b for b in bands if b.at_least is None or Fraction(b.at_least) <= Fraction(value)]
    if not reached:
        return None
    return max(reached, key=lambda b: Decimal(-1) if b.at_least is None else b.at_least).name


def classification(scheme: SchemeFacts, result: SheetResult) -> str | None:
    """``Xếp loại`` compares what ``Xếp hạng theo`` names, bonus included, unrounded; None while cells are missing."""
    if result.missing:
        return None
    if scheme.rank_by is RankBy.RATE:
        return band_of(scheme.bands, result.rate_exact * 100)
    return band_of(scheme.bands, result.total)


def order_words(scheme: SchemeFacts) -> str:
    """How places are found, in one sentence to print with the table (workbooks.md: the choice is printed)."""
    main = "Xếp theo tỷ lệ: tổng điểm chia điểm được giao." if scheme.rank_by is RankBy.RATE else "Xếp theo tổng điểm."
    if not scheme.ties:
        return f"{main} Bằng nhau thì đồng hạng, bỏ hạng kế tiếp."
    words = [
        f"{_step_words(scheme, step)}{' ít hơn đứng trước' if step.kind == 'deduction' else ''}" for step in scheme.ties
    ]
    return f"{main} Bằng nhau thì so {', rồi '.join(words)}; vẫn bằng nhau thì đồng hạng, bỏ hạng kế tiếp."


def _step_words(scheme: SchemeFacts, step: TieStep) -> str:
    if step.kind != "criterion":
        return {"bonus": "điểm thưởng", "deduction": "điểm trừ", "lot": "bốc thăm"}[step.kind]
    criterion = scheme.by_code.get(step.code)
    return criterion.name[0].lower() + criterion.name[1:] if criterion else step.code
