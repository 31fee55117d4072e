"""Long drafts that several people edit: what differs between two versions, and putting them together.

A draft's content is one flat mapping of parts. A part is a value, a row (mapping) or a list of rows. The text typed
by one person is never overwritten in silence: where two versions differ, both are shown word by word and a person
chooses (users_want.md 1, complaint 2; quality.md T06).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from enum import StrEnum
from hashlib import sha256
from typing import Any

from thidua.lib.errors import Conflict, RuleViolation
from thidua.lib.vietnamese import clean_text, format_date

Content = Mapping[str, Any]
_TOKEN = re.compile(r"\s+|\w+|[^\w\s]")
_MANY = 4000  # tokens; longer texts are compared line by line, so that a page never waits for it


class Pick(StrEnum):
    MINE = "mine"
    THEIRS = "theirs"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text; ``changed`` where the other version does not have it."""

    text: str
    changed: bool


@dataclass(frozen=True, slots=True)
class Difference:
    """One part that two versions hold differently, and which one nobody would object to."""

    part: str
    mine: Any
    theirs: Any
    suggested: Pick
    changed_by_both: bool
    joinable: bool


def known_parts(content: Content, stored: Content) -> dict[str, Any]:
    """The given parts with clean texts. RuleViolation ``not-a-member`` on a part the draft does not have: the one
    thing that makes parts come and go is the list of members."""
    if any(part not in stored for part in content):
        raise RuleViolation(
            "not-a-member", "Có đơn vị không còn là thành viên của năm. Tải lại trang rồi ghi tiếp phần của bạn."
        )
    return {part: _clean(value) for part, value in content.items()}


def _clean(value: Any) -> Any:
    """Texts in NFC, several lines stay several; control characters are refused."""
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, Mapping):
        return {name: _clean(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_clean(item) for item in value]
    return value


def moment_words(local: datetime) -> str:
    """ "14:03:22 ngày 24/11/2026", of a moment in the office's own time."""
    return f"{local:%H:%M:%S} ngày {format_date(local.date())}"


def digest(value: Any) -> str:
    """A short mark of a part's value: equal values, equal marks."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def digests(content: Content) -> dict[str, str]:
    """The marks of all parts: what a form carries to tell later which parts its reader touched."""
    return {part: digest(value) for part, value in content.items()}


def differences(mine: Content, theirs: Content, base: Mapping[str, str]) -> tuple[Difference, ...]:
    """Parts of ``mine`` that ``theirs`` holds differently, in the order of ``mine``.

    ``base``: the marks of the version I began with. A part only one side changed is suggested from that side; where
    both did, or the base is unknown, mine is suggested and ``changed_by_both`` says that somebody has to look.
    """
    found = []
    for part, own in mine.items():
        other = theirs.get(part)
        if own == other:
            continue
        began = base.get(part)
        i_changed, they_changed = began != digest(own), began != digest(other)
        both = began is None or (i_changed and they_changed)
        suggested = Pick.MINE if both or i_changed else Pick.THEIRS
        found.append(Difference(part, own, other, suggested, both, _joinable(own) and _joinable(other)))
    return tuple(found)


def merge(mine: Content, theirs: Content, picks: Mapping[str, str]) -> dict[str, Any]:
    """My version with the chosen parts of theirs. ``both`` joins texts (theirs first) and lists (mine not doubled)."""
    result = dict(mine)
    for part, pick in picks.items():
        if part not in mine or part not in theirs:
            continue
        if pick == Pick.THEIRS:
            result[part] = theirs[part]
        elif pick == Pick.BOTH and _joinable(mine[part]) and _joinable(theirs[part]):
            result[part] = _joined(theirs[part], mine[part])
    return result


def _joinable(value: Any) -> bool:
    return isinstance(value, (str, list, tuple))


def _joined(first: Any, second: Any) -> Any:
    if isinstance(first, str) or isinstance(second, str):
        return "\n".join(text for text in (first, second) if text)
    return [*first, *(row for row in second if row not in first)]


def word_diff(old: str, new: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Both texts cut into runs, marked where the other differs. Joined again, the runs are the very texts."""
    left, right = _tokens(old), _tokens(new)
    if len(left) + len(right) > _MANY:
        left, right = old.splitlines(keepends=True), new.splitlines(keepends=True)
    a: list[Piece] = []
    b: list[Piece] = []
    for op, i1, i2, j1, j2 in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        _add(a, left[i1:i2], op != "equal")
        _add(b, right[j1:j2], op != "equal")
    return tuple(a), tuple(b)


def _tokens(text: str) -> Sequence[str]:
    return _TOKEN.findall(text)


def _add(pieces: list[Piece], tokens: Sequence[str], changed: bool) -> None:
    if tokens:
        pieces.append(Piece("".join(tokens), changed))


def check_revision(
    revision: int, current: int, *, what: str, changed_by: str, changed_at: str, repeated: bool = False
) -> None:
    """Conflict ``stale-revision`` unless the form was opened at the current revision.

    ``repeated``: the current revision is the reader's own earlier sending whose answer was lost on the way back.
    """
    if revision == current or repeated:
        return
    raise Conflict(
        "stale-revision",
        f"{changed_by or 'Người khác'} đã lưu {what} lúc {changed_at}, sau khi bạn mở trang. So hai bản rồi chọn.",
        details={"by": changed_by, "at": changed_at, "revision": current},
    )
