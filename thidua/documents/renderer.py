"""Papers: a frozen context becomes HTML, HTML becomes PDF/A. The only module that knows WeasyPrint.

Guaranteed: the same context and the same templates give the same bytes; nothing is read from the database, the
network or the file system beyond ``templates/print`` and ``static/print``; a value missing from the context, a
letter the typeface lacks or an address that is not ours fails with a sentence instead of leaving a hole.
"""

from __future__ import annotations

import gc
import hashlib
import logging
import os
import re
import threading
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import jinja2
import jinja2.meta
import jinja2.nodes
from markupsafe import Markup, escape

from thidua.documents import labels, typesetting
from thidua.lib import vietnamese

_ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = _ROOT / "templates" / "print"
STATIC = _ROOT / "static" / "print"
PDF_VARIANT = "pdf/a-2u"


@contextmanager
def _own_fonts_only() -> Iterator[None]:
    """Fontconfig reads its configuration while this is open; other programs started later keep the machine's fonts."""
    before = os.environ.get("FONTCONFIG_FILE")
    os.environ["FONTCONFIG_FILE"] = str(STATIC / "fonts" / "fonts.conf")
    try:
        yield
    finally:
        if before is None:
            del os.environ["FONTCONFIG_FILE"]
        else:
            os.environ["FONTCONFIG_FILE"] = before


with _own_fonts_only():
    import weasyprint
    from weasyprint.text.fonts import FontConfiguration
    from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

_MIME = {".ttf": "font/ttf", ".css": "text/css", ".svg": "image/svg+xml", ".png": "image/png"}
_LOCK = threading.Lock()  # one FontConfiguration is shared, and Pango's font map is not made for two threads
_LOGGER = logging.getLogger("weasyprint")


class RenderError(Exception):
    """A paper could not be made; ``message`` is a Vietnamese sentence for the person who asked for it."""

    def __init__(self, message: str):
        super().__init__(message)
        self.message = message


# ------------------------------------------------------------------ HTML
def to_html(template: str, context: Mapping[str, Any]) -> str:
    """The paper's HTML, NFC. ``template`` is named as in "print/scoring/minutes.html"."""
    missing = sorted(_needed(template) - context.keys())
    if missing:
        raise RenderError(f"Giấy thiếu dữ liệu để in ({', '.join(missing)}). Hãy báo quản trị hệ thống.")
    try:
        html = _environment().get_template(template).render(**context)
    except jinja2.UndefinedError as error:
        raise RenderError(f"Giấy thiếu dữ liệu để in ({error}). Hãy báo quản trị hệ thống.") from error
    except (TypeError, ValueError, ArithmeticError, LookupError, AttributeError) as error:
        raise RenderError(f"Dữ liệu để in không đúng dạng ({error}). Hãy báo quản trị hệ thống.") from error
    return unicodedata.normalize("NFC", html)


@cache
def _needed(template: str) -> frozenset[str]:
    """Keys a context must have: what the template and its base read, in whatever branch."""
    environment, names = _environment(), set[str]()
    for name in _templates_used(template):
        tree = environment.parse(_source(name))
        made_here = {node.target for node in tree.find_all(jinja2.nodes.Import)}
        made_here |= {node.name for node in tree.find_all(jinja2.nodes.Macro)}
        names |= jinja2.meta.find_undeclared_variables(tree) - made_here
    return frozenset(names - environment.globals.keys())


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PrefixLoader({"print": jinja2.FileSystemLoader(TEMPLATES)}),
        undefined=jinja2.StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.do", "jinja2.ext.loopcontrols"],
    )
    environment.filters |= {
        "number": number,
        "signed": lambda value, digits, thousands=True: number("-" + str(value), digits, thousands),
        "numbered": _numbered,
        "count": _count,
        "date_on_paper": date_on_paper,
        "date_short": lambda value: vietnamese.format_date(_as_date(value)),
        "time_on_paper": lambda value: vietnamese.time_on_paper(datetime.fromisoformat(value)),
        "hyphen_kept": _flowing,
        "ended": ended,
        "fit_lines": typesetting.fit_lines,
        "line_breaks": _line_breaks,
        "paragraphs": _paragraphs,
        "per_row": typesetting.rows_of,
        "short_name": typesetting.short_name,
    }
    environment.globals |= {
        "signature_columns": typesetting.signature_columns,
        "percent_of": vietnamese.percent_of,
        "table_plan": typesetting.table_plan,
        "decimals_shown": typesetting.decimals_shown,
        "NBSP": vietnamese.NBSP,
    }
    return environment


def number(value: object, digits: int | None = 2, thousands: bool = True) -> str:
    """ "48.50" (text with a decimal point, as frozen contexts keep numbers) -> "48,50"; None -> ""."""
    if value is None or value == "":
        return ""
    if isinstance(value, float):
        raise RenderError("Giấy nhận số dạng float; dữ liệu in phải là chuỗi thập phân. Hãy báo quản trị hệ thống.")
    return vietnamese.format_number(Decimal(str(value)), digits, thousands=thousands)


def _count(value: object) -> str:
    """Counts on papers: 8 -> "08"."""
    return "" if value is None else vietnamese.two_digits(int(str(value)))


def date_on_paper(value: str | date | None, year: int | None = None) -> str:
    """ "2022-03-11" -> "ngày 11 tháng 3 năm 2022"; without a date, room to write day and month by hand."""
    day = _as_date(value)
    if day is not None:
        return vietnamese.date_on_paper(day)
    gap = vietnamese.NBSP * 6
    return f"ngày{gap}tháng{gap}năm {year if year is not None else gap}"


def _as_date(value: str | date | None) -> date | None:
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return date.fromisoformat(value[:10])
    return value


def ended(text: str, mark: str = ".") -> str:
    """The sentence with exactly this end mark: "… của Khối;" -> "… của Khối."."""
    return text.rstrip().removesuffix("./.").rstrip(" .;,") + mark


def _flowing(text: str) -> str:
    return vietnamese.hyphen_kept(text)


def _line_breaks(lines: list[str]) -> Markup:
    """Lines joined by <br>, each escaped."""
    return Markup("<br>").join(escape(_flowing(line)) for line in lines)  # noqa: S704  (every part is escaped)


def _paragraphs(text: str) -> list[str]:
    """One entry for each line a person wrote; blank lines drop out."""
    return [_flowing(line.strip()) for line in text.split("\n") if line.strip()]


def _numbered(items: list[str]) -> list[str]:
    """Items with "1. ", "2. " in front, unless whoever wrote them numbered them already."""
    if any(re.match(r"\s*(\d+[.)]|[-–+]|[a-zđ]\))\s", item) for item in items):
        return items
    return [f"{index}. {item.lstrip()}" for index, item in enumerate(items, 1)]


# ------------------------------------------------------------------- PDF
class _StaticOnly(URLFetcher):
    """Serves ``static:<name>`` from ``static/print``; every other address stops the rendering."""

    def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:
        name = url.removeprefix("static:")
        path = (STATIC / name).resolve()
        if not url.startswith("static:") or not path.is_relative_to(STATIC) or path.suffix not in _MIME:
            raise FatalURLFetchingError(url)
        try:
            body = path.read_bytes()
        except OSError:
            raise FatalURLFetchingError(url) from None
        return URLFetcherResponse(url, body, {"Content-Type": _MIME[path.suffix]})


class _Engine(NamedTuple):
    fonts: FontConfiguration
    sheet: weasyprint.CSS
    fetcher: _StaticOnly


@cache
def _engine() -> _Engine:
    """Fonts and the one print stylesheet, read once per process."""
    fetcher = _StaticOnly()
    with _own_fonts_only():
        fonts = FontConfiguration()
        sheet = weasyprint.CSS(
            string=(STATIC / "a4.css").read_text(encoding="utf-8"),
            base_url="static:",
            font_config=fonts,
            url_fetcher=fetcher,
        )
    return _Engine(fonts, sheet, fetcher)


class _MissingGlyphs(logging.Handler):
    """Collects the letters WeasyPrint reports as drawn by an empty box, for one rendering thread."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.thread_id = threading.get_ident()
        self.letters: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.thread == self.thread_id and str(record.msg).startswith(".notdef") and record.args:
            letters = record.args[0] if isinstance(record.args, tuple) else record.args
            self.letters.append(str(letters))


def to_pdf(html: str, *, extra_css: str = "", variant: str | None = PDF_VARIANT) -> bytes:
    """The HTML as PDF/A-2u; equal HTML gives equal bytes. RenderError with a sentence when it cannot be made.

    ``extra_css`` and ``variant`` exist for the geometry tests, which spoil good papers on purpose.
    """
    with _LOCK:
        return _write(html, extra_css, variant)


def _write(html: str, extra_css: str, variant: str | None) -> bytes:
    glyphs = _MissingGlyphs()
    collecting = gc.isenabled()
    gc.disable()
    _LOGGER.addHandler(glyphs)
    try:
        engine = _engine()
        sheets = [engine.sheet]
        if extra_css:
            sheets.append(weasyprint.CSS(string=extra_css, font_config=engine.fonts, url_fetcher=engine.fetcher))
        pdf: bytes = weasyprint.HTML(string=html, url_fetcher=engine.fetcher, base_url="static:").write_pdf(
            stylesheets=sheets,
            font_config=engine.fonts,
            pdf_variant=variant,
            pdf_identifier=hashlib.sha256(html.encode()).digest()[:16],
            custom_metadata=False,
        )
    except FatalURLFetchingError as error:
        raise RenderError(
            f"Giấy trỏ tới một tệp không được phép đọc ({str(error)[:80]}). Hãy báo quản trị hệ thống."
        ) from error
    finally:
        _LOGGER.removeHandler(glyphs)
        if collecting:
            gc.enable()
            gc.collect()
    if glyphs.letters:
        shown = ", ".join(dict.fromkeys(f"“{text}”" for text in glyphs.letters[:5]))
        raise RenderError(f"Phông chữ của giấy không có ký tự {shown}. {labels.MEND_AND_ASK}")
    return pdf


def warm_up() -> None:
    """Pay the start-up cost (fonts, stylesheet, first layout) before the first paper is asked for."""
    to_pdf('<!DOCTYPE html><html lang="vi"><title>Khởi động</title><p>Ế ộ <b>ữ</b> <i>ậ</i> <b><i>ỹ</i></b></p></html>')


# --------------------------------------------------------------- version
@cache
def template_version(template: str) -> str:
    """Changes when the same context would print differently: templates used, stylesheet, faces, engine."""
    digest = hashlib.sha256(weasyprint.__version__.encode() + PDF_VARIANT.encode())
    parts = [STATIC / "a4.css", Path(__file__), Path(typesetting.__file__), Path(vietnamese.__file__)]
    parts += sorted((STATIC / "fonts").glob("*.ttf"))
    parts += [TEMPLATES / name.removeprefix("print/") for name in sorted(_templates_used(template))]
    for path in parts:
        digest.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


def _templates_used(template: str) -> set[str]:
    environment, seen, todo = _environment(), set[str](), [template]
    while todo:
        name = todo.pop()
        if name not in seen:
            seen.add(name)
            todo += [n for n in jinja2.meta.find_referenced_templates(environment.parse(_source(name))) if n]
    return seen


def _source(name: str) -> str:
    environment = _environment()
    try:
        return environment.loader.get_source(environment, name)[0] if environment.loader else ""
    except jinja2.TemplateNotFound as error:
        raise RenderError(f"Không có mẫu giấy “{error}”. Hãy báo quản trị hệ thống.") from error
