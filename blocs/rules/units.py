"""Lives of units, what became of them, and who of a bloc's members is still there next year. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from blocs.rules.states import SuccessionKind
from thidua.lib.errors import RuleViolation
from thidua.lib.periods import contains, overlap
from thidua.lib.vietnamese import clean_text, fold, format_date


@dataclass(frozen=True, slots=True)
class UnitFacts:
    """What the rules need to know of a unit."""

    id: int
    code: str
    name: str
    valid_from: date | None = None
    valid_to: date | None = None


def check_life(start: date | None, end: date | None) -> None:
    """RuleViolation ``life-order`` when the end stands before the start."""
    if start and end and end < start:
        raise RuleViolation(
            "life-order",
            f"Ngày hết hiệu lực {format_date(end)} đứng trước ngày bắt đầu {format_date(start)}. Kiểm lại hai ngày.",
            field="valid_to",
        )


def check_decided_on(decided_on: date | None, today: date, field: str = "decided_on") -> None:
    """RuleViolation ``decision-future``: a decision that exists has a date not after today (quality.md B38)."""
    if decided_on and decided_on > today:
        raise RuleViolation(
            "decision-future",
            f"Ngày quyết định {format_date(decided_on)} ở sau hôm nay {format_date(today)}. Kiểm lại ngày.",
            field=field,
        )


def same_name(a: str, b: str) -> bool:
    """The same name whatever its composition, case and blanks; accents count."""
    return clean_text(a, one_line=True).casefold() == clean_text(b, one_line=True).casefold()


def namesake(
    name: str, start: date | None, end: date | None, others: Iterable[UnitFacts], *, own_code: str = ""
) -> UnitFacts | None:
    """The unit of the same province that carries this name while the given life lasts (quality.md B46)."""
    for other in others:
        if other.code == own_code or not same_name(other.name, name):
            continue
        if overlap(start, end, other.valid_from, other.valid_to):
            return other
    return None


def check_no_namesake(
    name: str, start: date | None, end: date | None, others: Iterable[UnitFacts], *, own_code: str = ""
) -> None:
    """RuleViolation ``unit-duplicate`` when ``namesake`` finds one."""
    found = namesake(name, start, end, others, own_code=own_code)
    if found:
        raise RuleViolation(
            "unit-duplicate",
            f"Tỉnh đã có đơn vị “{found.name}” (mã {found.code}) trong cùng thời gian. Mở đơn vị đó để sửa, hoặc ghi"
            " ngày hiệu lực không trùng nhau.",
            field="name",
        )


_SUCCESSOR_COUNT = {
    SuccessionKind.RENAME: (1, 1, "Đổi tên có đúng một đơn vị kế thừa."),
    SuccessionKind.MERGE: (1, 1, "Sáp nhập có đúng một đơn vị nhận."),
    SuccessionKind.SPLIT: (2, 99, "Chia tách có từ hai đơn vị kế thừa trở lên."),
    SuccessionKind.DISSOLVE: (0, 0, "Giải thể không có đơn vị kế thừa. Bỏ đơn vị kế thừa hoặc chọn hình thức khác."),
}


def check_successors(kind: SuccessionKind, count: int) -> None:
    """RuleViolation ``successor-count``: rename and merge have one successor, split two or more, dissolve none."""
    least, most, sentence = _SUCCESSOR_COUNT[SuccessionKind(kind)]
    if not least <= count <= most:
        raise RuleViolation("successor-count", sentence, field="successors")


def check_succession(
    unit: UnitFacts,
    kind: SuccessionKind,
    successors: Iterable[UnitFacts],
    happened_on: date | None,
    links: Mapping[int, Iterable[int]],
) -> None:
    """Refuse a succession that cannot be: wrong count, itself, a circle, or a successor ended before.

    ``links`` holds the successions there are already: unit -> its successors.
    """
    wanted = list(successors)
    check_successors(kind, len(wanted))
    if happened_on and unit.valid_from and happened_on <= unit.valid_from:
        raise RuleViolation(
            "succession-early",
            f"{unit.name} mới có từ {format_date(unit.valid_from)}, không thể thay đổi từ {format_date(happened_on)}."
            " Kiểm lại ngày.",
            field="happened_on",
        )
    for successor in wanted:
        if successor.id == unit.id or unit.id in descendants(successor.id, links):
            raise RuleViolation(
                "succession-circle",
                f"“{successor.name}” không thể kế thừa “{unit.name}”: hai đơn vị sẽ kế thừa vòng tròn."
                " Chọn đơn vị khác.",
                field="successors",
            )
        if happened_on and successor.valid_to and successor.valid_to < happened_on:
            raise RuleViolation(
                "successor-ended",
                f"“{successor.name}” đã hết hiệu lực {format_date(successor.valid_to)}, trước ngày"
                f" {format_date(happened_on)}. Chọn đơn vị còn hiệu lực.",
                field="successors",
            )


def descendants(unit_id: int, links: Mapping[int, Iterable[int]]) -> frozenset[int]:
    """Everything a unit became, over any number of steps; a circle in the data ends the walk."""
    found: set[int] = set()
    todo = list(links.get(unit_id, ()))
    while todo:
        current = todo.pop()
        if current not in found:
            found.add(current)
            todo.extend(links.get(current, ()))
    return frozenset(found)


@dataclass(frozen=True, slots=True)
class Gone:
    """A member that has ended, and the living units that came after it (none: dissolved or not recorded)."""

    unit: UnitFacts
    successors: tuple[UnitFacts, ...]


@dataclass(frozen=True, slots=True)
class NextMembers:
    kept: tuple[UnitFacts, ...]
    gone: tuple[Gone, ...]


def members_on(
    members: Iterable[UnitFacts],
    day: date,
    links: Mapping[int, Iterable[int]],
    units: Mapping[int, UnitFacts],
) -> NextMembers:
    """Which members live on ``day``, and for the others who came after; successors are named, never put in."""
    kept: list[UnitFacts] = []
    gone: list[Gone] = []
    for member in members:
        if contains(member.valid_from, member.valid_to, day):
            kept.append(member)
            continue
        after = [units[i] for i in sorted(descendants(member.id, links)) if i in units]
        gone.append(Gone(member, tuple(u for u in after if contains(u.valid_from, u.valid_to, day))))
    return NextMembers(tuple(kept), tuple(gone))


def gone_in_words(gone: Gone, member_ids: frozenset[int]) -> str:
    """One sentence for the person who prepares the next year."""
    unit = gone.unit
    if unit.valid_to:
        ended = f"{unit.name} hết hiệu lực ngày {format_date(unit.valid_to)}"
    else:
        ended = f"{unit.name} chưa có hiệu lực vào ngày đầu năm"
    if not gone.successors:
        return f"{ended}, chưa ghi đơn vị kế thừa. Đơn vị này không có trong năm mới."
    parts = [f"{u.name}{' (đã là thành viên)' if u.id in member_ids else ''}" for u in gone.successors]
    return f"{ended}. Đơn vị kế thừa: {'; '.join(parts)}. Thêm vào thành viên nếu Khối thống nhất."


# ------------------------------------------------------------ provinces
@dataclass(frozen=True, slots=True)
class ProvinceFacts:
    """One life of a province."""

    id: int
    code: str
    name: str
    kind: str
    valid_from: date | None = None
    valid_to: date | None = None

    @property
    def full(self) -> str:
        return f"{self.kind} {self.name}"

    @property
    def key(self) -> str:
        return _folded(self.name)


@lru_cache(maxsize=512)
def _folded(text: str) -> str:
    """Names of provinces come again on every line of a list."""
    return fold(text)


_KINDS = ("thanh pho ", "tinh ", "tp. ", "tp.", "tp ")


def matching_provinces(words: str, provinces: Iterable[ProvinceFacts]) -> tuple[ProvinceFacts, ...]:
    """All lives a cell's words may mean: a code ("27") or a name with or without its kind, accents aside."""
    typed = _folded(words)
    if typed.isascii() and typed.isdigit():
        return tuple(p for p in provinces if p.code.lstrip("0") == typed.lstrip("0") and p.code)
    kind = "thành phố" if typed.startswith(("thanh pho ", "tp")) else "tỉnh" if typed.startswith("tinh ") else ""
    bare = next((typed[len(k) :].strip() for k in _KINDS if typed.startswith(k)), typed)
    found = tuple(p for p in provinces if p.key == bare)
    exact = tuple(p for p in found if p.kind == kind)
    return exact or found


def province_at(words: str, day: date | None, provinces: Iterable[ProvinceFacts]) -> ProvinceFacts:
    """The province a cell means on a day. Codes were reused in 2025 (24 was Bắc Giang, is Bắc Ninh).

    With a day: the life that holds on it. Without: by name the life that holds now (the last one); a code that
    was of two names is RuleViolation ``province-ambiguous``. ``province-unknown`` and ``province-not-then``
    name what there is.
    """
    found = matching_provinces(words, provinces)
    if not found:
        raise RuleViolation(
            "province-unknown",
            f"“{words[:40]}” không phải tên hay mã tỉnh. Ghi tên tỉnh, ví dụ Bắc Ninh.",
            field="province",
        )
    if day is None:
        if fold(words).isdigit() and len({p.key for p in found}) > 1:
            names = " hoặc ".join(f"{p.full} ({life_in_words(p.valid_from, p.valid_to)})" for p in found)
            raise RuleViolation(
                "province-ambiguous",
                f"mã “{words[:40]}” là {names}. Ghi tên tỉnh, hoặc ghi ngày vào cột Hiệu lực từ.",
                field="province",
            )
        return max(found, key=lambda p: (p.valid_to is None, p.valid_to or date.max, p.valid_from or date.min))
    alive = [p for p in found if contains(p.valid_from, p.valid_to, day)]
    if not alive:
        lives = "; ".join(f"{p.full} {life_in_words(p.valid_from, p.valid_to)}" for p in found)
        raise RuleViolation(
            "province-not-then",
            f"ngày {format_date(day)} không có tỉnh “{words[:40]}” ({lives}). Sửa tên tỉnh hoặc ngày.",
            field="province",
        )
    return alive[0]


def province_in_year(
    words: str, year: int, provinces: Iterable[ProvinceFacts], decided_on: date | None = None
) -> ProvinceFacts:
    """The province a cell means in a year: where two lives share the year, the one of the decision's day,
    else of 1 January."""
    provinces = list(provinces)
    days = [d for d in (decided_on, date(year, 1, 1), date(year, 12, 31)) if d and d.year == year]
    first: RuleViolation | None = None
    for day in days:
        try:
            return province_at(words, day, provinces)
        except RuleViolation as refusal:
            first = first or refusal
    assert first is not None
    raise first


def life_in_words(start: date | None, end: date | None) -> str:
    """ "từ 01/07/2025", "đến 30/06/2025", "01/07/2025 - 29/04/2026", "từ trước tới nay"."""
    if start and end:
        return f"{format_date(start)} - {format_date(end)}"
    if start:
        return f"từ {format_date(start)}"
    return f"đến {format_date(end)}" if end else "từ trước tới nay"


def short_date(day: date) -> str:
    """Days under 10 and months 1, 2 with a leading zero, as papers write them: 30/6/2025."""
    return f"{day.day:02d}/{f'{day.month:02d}' if day.month < 3 else day.month}/{day.year}"


def province_in_words(province: ProvinceFacts, today: date, successors: Mapping[int, Iterable[ProvinceFacts]]) -> str:
    """ "tỉnh Vĩnh Phúc (đến 30/6/2025; nay thuộc tỉnh Phú Thọ)"; a living province by its name alone."""
    if contains(province.valid_from, province.valid_to, today) or province.valid_to is None:
        return province.full
    now = living_successor(province, today, successors)
    until = f"đến {short_date(province.valid_to)}"
    if now is None:
        return f"{province.full} ({until})"
    fresh = " mới" if now.full == province.full else ""
    verb = "nay là" if now.name == province.name and not fresh else "nay thuộc"
    return f"{province.full} ({until}; {verb} {now.full}{fresh})"


def living_successor(
    province: ProvinceFacts, today: date, successors: Mapping[int, Iterable[ProvinceFacts]]
) -> ProvinceFacts | None:
    """What the province is part of today, over any number of steps."""
    current, seen = province, {province.id}
    while not contains(current.valid_from, current.valid_to, today):
        following = [p for p in successors.get(current.id, ()) if p.id not in seen]
        if not following:
            return None
        current = following[0]
        seen.add(current.id)
    return current
