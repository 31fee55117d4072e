"""The Jinja2 environment of big grids (templates/cells): autoescaped, undefined names are faults, our filters."""

from typing import Any

from django.template import loader
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

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


def render_cells(name: str, context: dict[str, Any]) -> Markup:
    """A template of templates/cells as a part of a page; everything put into it was escaped by the environment."""
    return Markup(loader.get_template(name, using="cells").render(context))  # noqa: S704
