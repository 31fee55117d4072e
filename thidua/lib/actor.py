"""Who acts: a user with the offices (posts) held today. Knows no bloc and no unit, only their ids."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Post:
    """One office held today.

    ``kind`` is a value of ``blocs.rules.states.PostKind``. ``unit_id`` is the holder's own unit (also for
    the offices of a bloc: the secretary's unit), ``bloc_id`` and ``year`` are set for offices of a bloc,
    ``province_id`` for those of a province (Ban Thi đua staff, council, administrator); ``province_ids``
    adds the provinces that became part of it.
    """

    kind: str
    unit_id: int | None = None
    bloc_id: int | None = None
    year: int | None = None
    province_id: int | None = None
    province_ids: frozenset[int] = frozenset()
    label: str = ""


@dataclass(frozen=True, slots=True)
class Actor:
    """The person (or the command line) an action is done by; frozen for one request."""

    user_id: int | None
    name: str
    posts: tuple[Post, ...] = ()
    is_system: bool = False
    acting_for: str = ""
    request_id: str = ""
    mfa_done: bool = False
    unit_ids: frozenset[int] = field(default_factory=frozenset)

    @property
    def is_anonymous(self) -> bool:
        return self.user_id is None and not self.is_system

    def holds(self, *kinds: str) -> bool:
        """Does the actor hold any office of these kinds, anywhere?"""
        return any(p.kind in kinds for p in self.posts)

    def posts_of(self, *kinds: str) -> tuple[Post, ...]:
        return tuple(p for p in self.posts if p.kind in kinds)

    @property
    def office(self) -> str:
        """The office shown under the name, e.g. "Thư ký Khối, Sở GDĐT"; the first in the loader's order."""
        return self.posts[0].label if self.posts else ""


SYSTEM = Actor(user_id=None, name="Hệ thống", is_system=True)
ANONYMOUS = Actor(user_id=None, name="")
