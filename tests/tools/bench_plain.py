"""Plain WeasyPrint in a loop, in a process of its own: what the worker is compared with.

Reads one JSON line ({"html": [...]}) and answers one ({"cpu": seconds, "wall": seconds}), until the input ends.
Everything is as the manual of WeasyPrint shows it: no shared fonts, no parsed sheet kept, garbage collected as usual.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

STATIC = Path(__file__).resolve().parents[2] / "static" / "print"
os.environ["FONTCONFIG_FILE"] = str(STATIC / "fonts" / "fonts.conf")

import weasyprint  # noqa: E402
from weasyprint.text.fonts import FontConfiguration  # noqa: E402
from weasyprint.urls import URLFetcher  # noqa: E402


class StaticFetcher(URLFetcher):
    """The papers name their fonts as ``static:fonts/…``."""

    def fetch(self, url: str, headers: Any = None) -> Any:
        return super().fetch((STATIC / url.removeprefix("static:")).as_uri(), headers)


def main() -> None:
    static = StaticFetcher()

    for line in sys.stdin:
        wall, cpu = time.perf_counter(), time.process_time()
        for html in json.loads(line)["html"]:
            fonts = FontConfiguration()
            sheet = weasyprint.CSS(
                string=(STATIC / "a4.css").read_text(), base_url="static:", url_fetcher=static, font_config=fonts
            )
            weasyprint.HTML(string=html, base_url="static:", url_fetcher=static).write_pdf(
                stylesheets=[sheet], font_config=fonts, pdf_variant="pdf/a-2u"
            )
        print(json.dumps({"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall}), flush=True)


if __name__ == "__main__":
    main()
