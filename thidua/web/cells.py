"""The Jinja2 environment of big grids (templates/cells): autoescaped, undefined names are faults, our filters."""

from typing import Any

from jinja2 import Environment, StrictUndefined

from thidua.web.templatetags import vi


def environment(**options: Any) -> Environment:
    """Built once by Django; knows number, points, percent, day, moment and url."""
    options["undefined"] = StrictUndefined
    options["autoescape"] = True
    options.setdefault("trim_blocks", True)
    options.setdefault("lstrip_blocks", True)
    env = Environment(**options)  # noqa: S701 (autoescape is set above)
    env.filters.update(
        number=vi.number, points=vi.points, percent=vi.percent, day=vi.day, moment=vi.moment, clock=vi.clock
    )
    env.globals["url"] = vi.url_or_empty
    return env
