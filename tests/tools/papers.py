"""Render every sample paper into var/papers as PDF and PNG pages, for looking at.

python tests/tools/papers.py [NAME ...] [--dpi 80]
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import pypdfium2

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.print import contexts  # noqa: E402
from thidua.documents import renderer  # noqa: E402


def main() -> None:
    parser = argparse.ArgumentParser(description="Render the sample papers into var/papers.")
    parser.add_argument("names", nargs="*", choices=[[], *contexts.ALL], metavar="NAME")
    parser.add_argument("--dpi", type=int, default=80)
    wanted = parser.parse_args()
    folder = ROOT / "var" / "papers"
    folder.mkdir(parents=True, exist_ok=True)
    for name in wanted.names or contexts.ALL:
        _, template, make = contexts.ALL[name]
        pdf = renderer.to_pdf(renderer.to_html(template, make()))
        (folder / f"{name}.pdf").write_bytes(pdf)
        for old in folder.glob(f"{name}_*.png"):
            old.unlink()
        with pypdfium2.PdfDocument(pdf) as document:
            for index, page in enumerate(document, 1):
                page.render(scale=wanted.dpi / 72).to_pil().save(folder / f"{name}_{index}.png")
            print(f"{name}: {len(document)} pages, {len(pdf) // 1024} kB")


if __name__ == "__main__":
    main()
