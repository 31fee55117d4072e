"""Which revision an earlier sending of the same draft has made."""

from __future__ import annotations

from uuid import UUID

from thidua.audit.queries import history_by_key
from thidua.lib.actor import Actor


def revision_saved_by(actor: Actor, key: UUID | None) -> int | None:
    """The revision the sending with this key made, if it came through and was the actor's own; else None.

    A page whose connection broke does not know whether its last sending was kept: it names the key with the next
    one, so that nobody is in conflict with himself (quality.md F27).
    """
    event = history_by_key(key) if key is not None else None
    if event is None or event.actor_id != actor.user_id:
        return None
    made = (event.after or {}).get("_revision")
    return made if isinstance(made, int) else None
