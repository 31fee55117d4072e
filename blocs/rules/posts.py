"""Offices: where each kind belongs, and which need a second person. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from blocs.rules.states import BLOC_POSTS, PROVINCE_POSTS, UNIT_POSTS, PostKind
from thidua.lib.errors import RuleViolation


@dataclass(frozen=True, slots=True)
class PostFacts:
    """An office to be given."""

    kind: PostKind
    unit_id: int | None
    bloc_id: int | None
    year: int | None
    province_id: int | None
    valid_from: date | None = None
    valid_to: date | None = None


def needs_second_person(kind: PostKind) -> bool:
    """Matrix row 5 (offices of units and provinces) needs two; row 12 (offices of a bloc's year) one."""
    return kind not in BLOC_POSTS


def check_post(post: PostFacts) -> None:
    """RuleViolation ``post-unit``, ``post-bloc``, ``post-year``, ``post-province``, ``post-extra``, ``post-life``:
    an office of a unit names the unit; of a bloc the bloc, its year and the holder's unit; of a province that."""
    if post.kind in UNIT_POSTS | BLOC_POSTS and post.unit_id is None:
        raise RuleViolation("post-unit", "Chọn đơn vị của người giữ chức vụ.", field="unit")
    if post.kind in BLOC_POSTS:
        if post.bloc_id is None:
            raise RuleViolation("post-bloc", "Chọn Khối mà chức vụ này thuộc về.", field="bloc")
        if post.year is None:
            raise RuleViolation("post-year", "Ghi năm của chức vụ, ví dụ 2026.", field="year")
    elif post.bloc_id is not None or post.year is not None:
        raise RuleViolation("post-extra", "Chức vụ này không thuộc Khối nào. Bỏ trống Khối và năm.", field="bloc")
    if post.kind in PROVINCE_POSTS:
        if post.province_id is None:
            raise RuleViolation("post-province", "Chọn tỉnh của chức vụ này.", field="province")
    elif post.province_id is not None:
        raise RuleViolation("post-extra", "Chức vụ này không thuộc tỉnh. Bỏ trống Tỉnh.", field="province")
    if post.valid_from and post.valid_to and post.valid_to < post.valid_from:
        raise RuleViolation("post-life", "Ngày thôi giữ đứng trước ngày bắt đầu. Kiểm lại hai ngày.", field="valid_to")


def check_end(valid_from: date | None, valid_to: date | None, ends_on: date) -> None:
    """RuleViolation ``post-ended`` for an office ended already, ``post-life`` for an end before the start."""
    if valid_to is not None and valid_to <= ends_on:
        raise RuleViolation("post-ended", "Chức vụ này đã thôi giữ rồi. Tải lại trang.")
    if valid_from and ends_on < valid_from:
        raise RuleViolation("post-life", "Ngày thôi giữ đứng trước ngày bắt đầu. Kiểm lại ngày.", field="valid_to")
