"""Measure a Vietnamese official paper (PDF) against Decree 30/2020, annex I.

    python check_paper.py FILE.pdf [--kind minutes|tally|covenant|letter|table|score-sheet] [--json]

Exit status 0: every rule passed or was skipped for a stated reason; 1: a rule
failed; 2: the file could not be read.  As a module: check(path, kind) -> Report.
Everything is measured from the finished page (glyph origins, baselines, drawn
rules), never from the HTML.
"""

import argparse
import json
import re
import sys
import unicodedata
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import pdfplumber
import pikepdf

MM = 72 / 25.4
KINDS = ("minutes", "tally", "covenant", "letter", "table", "score-sheet")
TABULAR = ("table", "score-sheet")  # papers that are one big table, without running text or closing sentence
SINGLE = 1.149  # Word's "single" line of a Times-metric face, in em
ASCENT, DESCENT = 0.891, 0.216
TIMES = ("LiberationSerif", "TimesNewRoman", "Tinos", "NimbusRoman", "TeXGyreTermes")
NATION = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
MOTTO = "Độc lập - Tự do - Hạnh phúc"
TITLES = {
    "minutes": ("BIÊN BẢN",),
    "tally": ("BIÊN BẢN KIỂM PHIẾU",),
    "covenant": ("GIAO ƯỚC THI ĐUA",),
    "letter": ("TỜ TRÌNH",),
    "table": ("BẢNG", "DANH SÁCH"),
    "score-sheet": ("PHIẾU",),
}
SKIP, PASS, FAIL = "skip", "pass", "FAIL"
NUMERIC = re.compile(r"^-?\d[\d.]*(,\d+)?%?$")
MAX_KB_PER_PAGE = 100


@dataclass
class Result:
    rule: str
    state: str
    figure: str


@dataclass
class Report:
    path: str
    kind: str
    results: list = field(default_factory=list)

    @property
    def ok(self):
        return not any(r.state == FAIL for r in self.results)

    def failed(self):
        return {r.rule for r in self.results if r.state == FAIL}


@dataclass
class Seg:
    """A run of text on one baseline, cut at wide gaps and at vertical rules."""

    page: int
    y: float  # baseline, from the top of the page, in pt
    chars: list
    in_table: bool = False

    def __post_init__(self):
        shown = [c for c in self.chars if c["text"].strip()]
        self.x0, self.x1 = min(c["x0"] for c in shown), max(c["x1"] for c in shown)
        self.text = re.sub(r"\s+", " ", "".join(c["text"] for c in self.chars)).strip()
        sizes = Counter(round(c["size"] * 4) / 4 for c in shown)
        self.size = sizes.most_common(1)[0][0]
        self.sizes = {round(c["size"], 2) for c in shown}
        self.bold = all("Bold" in c["fontname"] for c in shown)
        self.any_bold = any("Bold" in c["fontname"] for c in shown)
        self.italic = all("Italic" in c["fontname"] for c in shown)
        self.any_italic = any("Italic" in c["fontname"] for c in shown)

    mid = property(lambda s: (s.x0 + s.x1) / 2)
    width = property(lambda s: s.x1 - s.x0)
    top = property(lambda s: s.y - ASCENT * s.size)
    bottom = property(lambda s: s.y + DESCENT * s.size)
    upper = property(lambda s: s.text == s.text.upper() and any(c.isalpha() for c in s.text))


class Paper:
    def __init__(self, path):
        self.path = Path(path)
        self.pdf = pikepdf.open(path)
        self.pages, self.segs, self.hrules, self.tables, self.chars = [], [], [], [], []
        with pdfplumber.open(path) as doc:
            for n, page in enumerate(doc.pages, 1):
                self._read(n, page)

    def _read(self, n, page):
        w, h = float(page.width), float(page.height)
        self.pages.append((w, h))
        rules, posts = [], []
        for o in page.rects + page.lines + page.curves:
            wide, high = o["x1"] - o["x0"], o["bottom"] - o["top"]
            ink = o.get("stroking_color") if o["object_type"] == "line" else o.get("non_stroking_color")
            if high <= 2.5 and wide >= 8:
                rules.append({"page": n, "x0": o["x0"], "x1": o["x1"], "y": (o["top"] + o["bottom"]) / 2, "ink": ink})
            elif wide <= 2.5 and high >= 5:
                posts.append(((o["x0"] + o["x1"]) / 2, o["top"], o["bottom"]))
        # one-sided borders may arrive as two nested boxes, painted even-odd: the rule is the difference
        for a in page.rects:
            for b in page.rects:
                if (
                    a is not b
                    and abs(a["x0"] - b["x0"]) < 0.1
                    and abs(a["x1"] - b["x1"]) < 0.1
                    and abs(a["top"] - b["top"]) < 0.1
                    and 0 < b["bottom"] - a["bottom"] <= 2.5
                    and a["bottom"] - a["top"] > 5
                ):
                    rules.append(
                        {
                            "page": n,
                            "x0": a["x0"],
                            "x1": a["x1"],
                            "y": (a["bottom"] + b["bottom"]) / 2,
                            "ink": b.get("non_stroking_color"),
                        }
                    )
        tables = [t for t in page.find_tables() if len(t.rows) >= 2 and len(t.cells) >= 6]
        boxes = [t.bbox for t in tables]
        rows = defaultdict(list)
        for c in page.chars:
            c["base"] = h - c["matrix"][5]
            self.chars.append((n, c))
            rows[round(c["base"] * 2)].append(c)
        merged, last = [], None
        for key in sorted(rows):
            if last is not None and key - last <= 1:
                merged[-1] += rows[key]
            else:
                merged.append(rows[key])
            last = key
        made = []
        for row in merged:
            row.sort(key=lambda c: c["x0"])
            part = []
            for c in row:
                if part:
                    a = part[-1]["x1"]
                    spaced = part[-1]["text"].isspace() or c["text"].isspace()
                    cut = c["x0"] - a > (1.5 if spaced else 0.3) * c["size"] or any(
                        a - 0.5 <= x <= c["x0"] + 0.5 and t <= c["base"] <= b for x, t, b in posts
                    )
                    if cut:
                        made.append(part)
                        part = []
                part.append(c)
            made.append(part)
        for part in made:
            if not any(c["text"].strip() for c in part):
                continue
            s = Seg(n, sum(c["base"] for c in part) / len(part), part)
            s.in_table = any(b[0] - 2 <= s.mid <= b[2] + 2 and b[1] - 2 <= s.y <= b[3] + 2 for b in boxes)
            self.segs.append(s)
        for t in tables:
            self.tables.append(
                (n, t, [s for s in self.segs if s.page == n and s.in_table and t.bbox[1] - 2 <= s.y <= t.bbox[3] + 2])
            )
        self.hrules += [
            r
            for r in rules
            if not any(b[0] - 3 <= r["x0"] and r["x1"] <= b[2] + 3 and b[1] - 3 <= r["y"] <= b[3] + 3 for b in boxes)
        ]


def fold(text):
    return re.sub(r"\s+", " ", unicodedata.normalize("NFC", text)).strip()


def guess_kind(p):
    text = [fold(s.text) for s in p.segs if s.page == 1 and s.bold]
    for kind in ("tally", "covenant", "letter", "minutes", "score-sheet", "table"):
        if any(t.startswith(TITLES[kind]) for t in text):
            return kind
    return "minutes"


class Checker:
    def __init__(self, path, kind=None):
        self.p = Paper(path)
        self.kind = kind or guess_kind(self.p)
        self.out = Report(str(path), self.kind)
        self._anatomy()

    def put(self, rule, good, figure):
        self.out.results.append(Result(rule, PASS if good else FAIL, figure))

    def skip(self, rule, why):
        self.out.results.append(Result(rule, SKIP, why))

    # ------------------------------------------------------------ anatomy
    def _anatomy(self):
        p = self.p
        top_limit = 19.5 * MM
        peak = {n: min((s.y for s in p.segs if s.page == n), default=0) for n in range(1, len(p.pages) + 1)}
        self.numbers = [
            s
            for s in p.segs
            if not s.in_table
            and (
                (s.bottom < top_limit and re.fullmatch(r"[-–\s]*\w+[-–\s]*", s.text))
                or (s.y - peak[s.page] < 1 and s.y < 45 * MM and re.fullmatch(r"[-–\s]*(\d+|[ivxlc]+)[-–\s]*", s.text))
            )
        ]
        self.main = [s for s in p.segs if s not in self.numbers]
        first = sorted((s for s in self.main if s.page == 1 and not s.in_table), key=lambda s: (s.y, s.x0))

        def find(test):
            return next((s for s in first if test(s)), None)

        self.nation = find(lambda s: fold(s.text).upper() == NATION)
        self.motto = find(lambda s: fold(s.text).casefold().replace("–", "-") == MOTTO.casefold())
        self.number = find(lambda s: s.text.startswith("Số:"))
        self.date = find(
            lambda s: re.search(r", ngày \d+ tháng \d+ năm \d{4}$", fold(s.text)) and s.mid > p.pages[0][0] / 2
        )
        names = TITLES[self.kind]
        self.title = find(lambda s: fold(s.text).startswith(names) and s.upper)
        end_head = max([s.y for s in (self.number, self.date, self.motto) if s] or [0])
        split = self.nation.x0 if self.nation else p.pages[0][0] / 2
        limit = min([s.y for s in (self.number, self.date) if s] or [end_head])
        self.agencies = [s for s in first if s.y < limit - 3 and s.x1 <= split + 2]
        self.abstract = []
        if self.title:
            y = self.title.y
            for s in first:
                if (
                    s.y > y + 3
                    and s.y - y < 2.2 * 14 * 1.5
                    and s.bold
                    and abs(s.mid - self.title.mid) < 4
                    and not s.in_table
                ):
                    self.abstract.append(s)
                    y = s.y
                elif s.y > y + 3 and self.abstract:
                    break
        self.head_end = max([s.y for s in self.abstract] + [self.title.y if self.title else 0, end_head])
        # annex starts: a page whose first line says Phụ lục
        self.annex = []
        for n in range(2, len(p.pages) + 1):
            lines = sorted((s for s in self.main if s.page == n), key=lambda s: s.y)
            if lines and re.match(r"(Phụ lục|PHỤ LỤC)\b", fold(lines[0].text)):
                self.annex.append(n)
        self.main_last = (self.annex[0] - 1) if self.annex else len(p.pages)
        # recipients
        self.to_head = next(
            (s for s in self.main if re.match(r"Nơi nhận", fold(s.text)) and s.page <= self.main_last), None
        )
        self.to_list = []
        if self.to_head:
            y = self.to_head.y
            for s in sorted(
                (
                    s
                    for s in self.main
                    if s.page == self.to_head.page and abs(s.x0 - self.to_head.x0) < 14 and s.y > self.to_head.y + 2
                ),
                key=lambda s: s.y,
            ):
                if s.y - y < 24:
                    self.to_list.append(s)
                    y = s.y
        # signatures: walk back from the names
        self._find_signatures()
        self._find_body()

    def _find_signatures(self):
        pool = [
            s
            for s in self.main
            if not s.in_table
            and s not in self.to_list
            and s is not self.to_head
            and s.page <= self.main_last
            and not (s.page == 1 and s.y <= self.head_end)
        ]
        self.caps, self.names = [], []
        for s in pool:  # a name: nearest text above in its column is far away and in capitals
            words = re.sub(r"\(.*?\)", "", s.text).split()
            above = [
                o for o in pool if o.page == s.page and o.y < s.y - 3 and abs(o.mid - s.mid) < 40 and o.width < 300
            ]
            unnamed = set(s.text) == {"…"}  # room for a name nobody has given yet
            if not above or not (unnamed or 2 <= len(words) <= 7):
                continue
            if s.text.rstrip(")").endswith((".", ";", ":", ",")):
                continue
            cap = max(above, key=lambda o: o.y)
            if cap.upper and s.y - cap.y >= 36 and (unnamed or not s.upper) and abs(cap.mid - s.mid) < 12:
                chain, y = [], cap.y
                for o in sorted(above, key=lambda o: -o.y):
                    if y - o.y < 30 and o.upper and not re.match(r"[IVX]+\. ", o.text) and abs(o.mid - s.mid) < 12:
                        chain.append(o)
                        y = o.y
                    elif o.y < y - 3:
                        break
                if chain:
                    self.names.append(s)
                    self.caps.append(chain)
        self.sign_page = self.names[0].page if self.names else None
        self.sign_top = min((c.y for ch in self.caps for c in ch if c.page == self.sign_page), default=None)

    def _find_body(self):
        # an orphan block carries capitals with no body; body = rows that touch the left text edge or the indent
        self.body = []
        signs = {id(c) for ch in self.caps for c in ch} | {id(s) for s in self.names}
        texts = [
            s
            for s in self.main
            if not s.in_table
            and id(s) not in signs
            and s not in self.to_list
            and s is not self.to_head
            and not (s.page == 1 and s.y <= self.head_end + 1)
        ]
        far = max((s.x1 for s in texts if s.width > 150), default=0)
        edges = Counter(round(s.x0) for s in texts if s.width > 150 and s.x1 > far - 60)
        often = [x for x, n in edges.items() if n >= 2] or list(edges)
        self.left = min((s.x0 for s in texts if often and abs(s.x0 - min(often)) <= 1.5), default=None)
        self.right = max((s.x1 for s in texts if s.width > 150), default=None)
        if self.left is None:
            return
        mid = (self.left + self.right) / 2
        for s in sorted(texts, key=lambda s: (s.page, s.y, s.x0)):
            off = s.x0 - self.left
            centred = off > 4 and abs(s.mid - mid) < 3 and (s.x1 < self.right - 4)
            if self.sign_page and (s.page, s.y) > (self.sign_page, self.sign_top - 1) and s.page <= self.main_last:
                continue
            if centred and not s.text.startswith(("Căn cứ", "-")) and not (26 < off < 38):
                continue
            if off > 60 or re.match(r"Kính gửi", s.text):
                continue
            if s.page in self.annex and s.bold and centred:
                continue
            self.body.append(s)

    # -------------------------------------------------------------- rules
    def run(self):
        for step in (
            self.page_size,
            self.margins,
            self.fonts,
            self.body_rules,
            self.heading,
            self.dates,
            self.title_rules,
            self.page_numbers,
            self.signatures,
            self.recipients,
            self.tables,
            self.text_rules,
            self.file_rules,
        ):
            step()
        return self.out

    def page_size(self):
        bad, seen = [], []
        for n, (w, h) in enumerate(self.p.pages, 1):
            a, b = w / MM, h / MM
            seen.append(f"{a:.0f}x{b:.0f}")
            up = abs(a - 210) < 0.6 and abs(b - 297) < 0.6
            lying = abs(a - 297) < 0.6 and abs(b - 210) < 0.6
            if not (
                up or (lying and (self.kind == "table" or any(t[0] == n for t in self.p.tables) and n > self.main_last))
            ):
                bad.append(n)
        self.put("page size A4", not bad, f"{', '.join(sorted(set(seen)))} mm" + (f"; bad pages {bad}" if bad else ""))

    def margins(self):
        low = {"top": [], "bottom": [], "left": [], "right": []}
        for n, (w, h) in enumerate(self.p.pages, 1):
            segs = [s for s in self.main if s.page == n]
            boxes = [t.bbox for k, t, _ in self.p.tables if k == n]
            if not segs:
                continue
            low["top"].append(min([s.top for s in segs] + [b[1] for b in boxes]) / MM)
            low["bottom"].append((h - max([s.bottom for s in segs] + [b[3] for b in boxes])) / MM)
            low["left"].append(min([s.x0 for s in segs] + [b[0] for b in boxes]) / MM)
            low["right"].append((w - max([s.x1 for s in segs] + [b[2] for b in boxes])) / MM)
        last = len(low["bottom"])
        for side, a, b, slack in (
            ("top", 20, 25, 1.5),
            ("bottom", 20, 25, 0),
            ("left", 30, 35, 0.3),
            ("right", 15, 20, 0.3),
        ):
            got = low[side]
            tightest = min(got) if got else 0
            fig = f"{tightest:.1f} mm (law {a}-{b})"
            if side == "bottom":
                full = last >= 3 or (last == 2 and not self.annex)
                # a sheet's section heading stays with its first criterion, and both may have three lines
                spare = 26 if self.kind == "score-sheet" else 14
                if last == 2 and self.sign_page == 2:
                    spare = max(spare, self.kept_block())
                good = tightest >= a - 0.4 and (not full or tightest <= b + spare)
                fig += f"; a break may leave up to {spare} mm more" if full else "; page not full: lower limit only"
            else:
                good = a - 0.4 <= tightest <= b + slack
            if side in ("left", "right") and self.kind not in TABULAR and self.left is not None:
                edge = self.left if side == "left" else self.p.pages[0][0] - self.right
                good = good and a - 0.4 <= edge / MM <= b + 0.4
                fig += f", body edge {edge / MM:.1f}"
            self.put(f"margin {side}", good, fig)

    def kept_block(self):
        """The height (mm) of a second page that holds little more than the signatures: what moved there whole."""
        above = {round(s.y) for s in self.body if s.page == 2 and s.y < self.sign_top - 3}
        here = [s for s in (*self.main, *self.to_list) if s.page == 2]
        return round((max(s.bottom for s in here) - min(s.top for s in here)) / MM) if len(above) <= 7 else 0

    def fonts(self):
        families, faces = set(), set()
        for _, c in self.p.chars:
            name = re.sub(r"^[A-Z]{6}\+", "", c["fontname"])
            faces.add(name)
            flat = name.replace("-", "").replace(" ", "").replace("_", "")
            families.add(next((t for t in TIMES if flat.startswith(t)), name))
        good = len(families) == 1 and families <= set(TIMES)
        self.put("font family", good, ", ".join(sorted(families)) or "no text")
        missing, count, notdef, no_unicode = [], 0, 0, []
        seen = set()
        for page in self.p.pdf.pages:
            fonts = page.obj.get("/Resources", {}).get("/Font", {})
            for f in fonts.values():
                if f.objgen in seen and f.objgen != (0, 0):
                    continue
                seen.add(f.objgen)
                count += 1
                d = f["/DescendantFonts"][0] if "/DescendantFonts" in f else f
                desc = d.get("/FontDescriptor", {})
                if not any(k in desc for k in ("/FontFile", "/FontFile2", "/FontFile3")):
                    missing.append(str(f.get("/BaseFont")))
                if "/ToUnicode" not in f:
                    no_unicode.append(str(f.get("/BaseFont")))
            kind, wide = None, set()
            for k, f in fonts.items():
                if f.get("/Subtype") == "/Type0":
                    wide.add(k)
            for ops, op in pikepdf.parse_content_stream(page):
                if str(op) == "Tf":
                    kind = str(ops[0])
                elif str(op) in ("Tj", "TJ", "'", '"') and kind in wide:
                    for item in ops[-1] if str(op) == "TJ" else [ops[-1]]:
                        if isinstance(item, pikepdf.String):
                            raw = bytes(item)
                            notdef += sum(raw[i : i + 2] == b"\0\0" for i in range(0, len(raw), 2))
        self.put(
            "fonts embedded",
            count > 0 and not missing,
            f"{count - len(missing)}/{count}" + (f"; not: {missing}" if missing else ""),
        )
        odd = sum(
            1
            for _, c in self.p.chars
            if "(cid:" in c["text"] or any(ord(x) == 0xFFFD or 0xE000 <= ord(x) <= 0xF8FF for x in c["text"])
        )
        self.put("no missing glyphs", notdef == 0 and odd == 0, f".notdef {notdef}, undecodable {odd}")
        self.put("fonts map to Unicode", not no_unicode, f"{count - len(no_unicode)}/{count}")

        def dark(c):
            return c is None or (len(c) in (1, 3) and max(c) <= 0.02) or (len(c) == 4 and c[3] >= 0.98)

        def as_tuple(c):
            return c if c is None or isinstance(c, (tuple, list)) else (c,)

        text = sum(not dark(as_tuple(c.get("non_stroking_color"))) for _, c in self.p.chars)
        rules = sum(not dark(as_tuple(r["ink"])) for r in self.p.hrules)
        self.put("all black", text == 0 and rules == 0, f"coloured glyphs {text}, coloured rules {rules}")

    def body_rules(self):
        body = self.body
        names = ("body size", "line spacing", "paragraph space", "first-line indent", "justified")
        if self.kind in TABULAR:
            for n in names:
                self.skip(n, "a score table has no running text")
            return
        if not body:
            for n in names:
                self.put(n, False, "no body text found")
            return
        sizes = sorted({round(x, 1) for s in body for x in s.sizes})
        self.put(
            "body size", len(sizes) == 1 and 13 - 0.05 <= sizes[0] <= 14.05, f"{sizes} pt (law one value of 13-14)"
        )
        size = sizes[-1]
        gaps, starts, flush, ragged, lines = [], [], [], [], 0
        by_page = defaultdict(list)
        for s in body:
            by_page[s.page].append(s)
        near = Counter()
        for segs in by_page.values():
            for a, b in zip(segs, segs[1:], strict=False):
                if b.x0 - self.left < 3 and a.x1 > self.right - 60:
                    near[round(b.y - a.y, 1)] += 1
        pitch = near.most_common(1)[0][0] if near else None
        for n, segs in by_page.items():
            for i, s in enumerate(segs):
                off = s.x0 - self.left
                prev = segs[i - 1] if i else None
                if off > 3:
                    starts.append(off)
                    if prev and prev.x0 is not None:
                        between = [o for o in self.main if o.page == n and prev.y + 2 < o.y < s.y - 2 and o not in body]
                        if not between:
                            gaps.append((round(s.y - prev.y - (pitch or 0), 2), s.text))
                elif (
                    prev
                    and pitch
                    and s.y - prev.y > pitch + 2.5
                    and not any(o.page == n and prev.y + 2 < o.y < s.y - 2 and o not in body for o in self.main)
                ):
                    flush.append(s.text)
                    gaps.append((round(s.y - prev.y - pitch, 2), s.text))
                elif prev and pitch and prev.x1 < self.right - 60 and abs(s.y - prev.y - pitch) < 1:
                    flush.append(s.text)
                nxt = segs[i + 1] if i + 1 < len(segs) else None
                if nxt and pitch and nxt.x0 - self.left < 3 and abs(nxt.y - s.y - pitch) < 0.7:
                    lines += 1
                    if abs(s.x1 - self.right) > 1.0:
                        ragged.append(s.text)
        if pitch is None:
            self.put("line spacing", False, "no paragraph of two lines")
        else:
            times = pitch / size / SINGLE
            self.put(
                "line spacing",
                (times >= 0.99 or pitch >= 15) and times <= 1.505,
                f"{pitch:.1f} pt = {times:.2f} x single (law 1-1.5, or 15 pt up)",
            )
        tight = [g for g in gaps if g[0] < 5.6]
        self.put(
            "paragraph space",
            bool(gaps) and not tight,
            f"min {min(g[0] for g in gaps):.1f} pt of {len(gaps)}"
            + (f"; tight before: {tight[0][1][:40]}" if tight else "")
            if gaps
            else "no paragraphs",
        )
        bad = [o for o in starts if not 10 * MM - 0.8 <= o <= 12.7 * MM + 0.8]
        self.put(
            "first-line indent",
            len(starts) >= 2 and not bad and not flush,
            f"{len(starts)} starts, {min(starts, default=0) / MM:.1f}-{max(starts, default=0) / MM:.1f} mm"
            " (law 10 or 12.7)" + (f"; not indented: {flush[0][:40]}" if flush else ""),
        )
        self.put(
            "justified",
            lines >= 2 and len(ragged) <= 0.03 * lines,
            f"{lines - len(ragged)}/{lines} inner lines reach the right edge",
        )

    def rule_under(self, segs, deepest=12):
        """The drawn rule below a text: (length / longest line, offset of centres)."""
        if not segs:
            return None
        last = max(segs, key=lambda s: s.y)
        wide = max(s.width for s in segs)
        mid = sum(s.mid for s in segs) / len(segs)
        hits = [
            r
            for r in self.p.hrules
            if r["page"] == last.page
            and 0 < r["y"] - last.y <= deepest
            and r["x0"] < mid < r["x1"]
            and r["x1"] - r["x0"] < 2 * wide
        ]
        if not hits:
            return None
        lo, hi = min(r["x0"] for r in hits), max(r["x1"] for r in hits)
        return (hi - lo) / wide, (lo + hi) / 2 - mid

    def size_ok(self, s, lo, hi):
        return lo - 0.05 <= min(s.sizes) and max(s.sizes) <= hi + 0.05

    def short_rule(self, rule, segs):
        got = self.rule_under(segs)
        if not got:
            self.put(rule, False, "no rule drawn")
        else:
            self.put(
                rule,
                0.32 <= got[0] <= 0.51 and abs(got[1]) <= 3,
                f"{got[0]:.2f} of the text, off centre {got[1]:.1f} pt (law 1/3-1/2, centred)",
            )

    def heading(self):
        n, m = self.nation, self.motto
        if n:
            self.put(
                "Quốc hiệu",
                n.text == NATION and n.bold and not n.any_italic and self.size_ok(n, 12, 13),
                f"{n.size} pt, bold {n.bold}, capitals {n.text == NATION} (law bold capitals 12-13)",
            )
        else:
            self.put("Quốc hiệu", False, "not found on page 1")
        if m:
            self.put(
                "Tiêu ngữ",
                m.text == MOTTO and m.bold and not m.any_italic and self.size_ok(m, 13, 14),
                f"{m.size} pt, bold {m.bold}, spelling {m.text == MOTTO} (law bold 13-14)",
            )
            got = self.rule_under([m])
            self.put(
                "rule under Tiêu ngữ",
                bool(got) and 0.97 <= got[0] <= 1.03 and abs(got[1]) <= 2,
                f"{got[0]:.2f} of the text" if got else "no rule drawn",
            )
        else:
            self.put("Tiêu ngữ", False, "not found on page 1")
            self.put("rule under Tiêu ngữ", False, "no Tiêu ngữ")
        boss = [s for s in self.agencies if not s.any_bold]
        own = [s for s in self.agencies if s.bold]
        if boss:
            self.put(
                "superior agency",
                all(s.upper and self.size_ok(s, 12, 13) for s in boss)
                and (not own or max(s.y for s in boss) < min(s.y for s in own)),
                f"{' '.join(s.text for s in boss)}: {boss[0].size} pt, not bold",
            )
        elif len(own) > 1 and re.match(r"(UBND|ỦY BAN NHÂN DÂN|BỘ|TỈNH ỦY)\b", own[0].text):
            self.put("superior agency", False, f"bold: {own[0].text} (law: not bold)")
        else:
            self.skip("superior agency", "the paper names none")
        mixed = [s for s in self.agencies if s.any_bold and not s.bold]
        self.put(
            "issuing agency",
            bool(own) and not mixed and all(s.upper and self.size_ok(s, 12, 13) for s in own),
            f"{' '.join(s.text for s in own)}: {own[0].size} pt, bold" if own else "no bold agency line",
        )
        self.short_rule("rule under agency", own)
        k, d = self.number, self.date
        if k:
            hit = re.fullmatch(r"Số: ?(\d+)/([A-ZĐ][A-Za-zĐđ]*(?:-[A-ZĐƯƠa-zđ0-9]+)+)", k.text)
            self.put(
                "number line",
                bool(hit) and len(hit[1]) >= 2 and self.size_ok(k, 13, 13) and not k.any_bold and not k.any_italic,
                f"{k.text!r}, {k.size} pt (law Số: 02/BB-..., 13 pt upright)",
            )
        elif self.kind in ("covenant", *TABULAR):
            self.skip("number line", "this kind carries no number of its own")
        else:
            self.put("number line", False, "not found")
        if d:
            self.put(
                "place-date line",
                d.italic and not d.any_bold and self.size_ok(d, 13, 14),
                f"{d.size} pt, italic {d.italic}, bold {d.any_bold} (law italic 13-14)",
            )
        else:
            self.put("place-date line", False, "not found right of the middle on page 1")
        if k and d:
            self.put("number and date on one baseline", abs(k.y - d.y) <= 0.6, f"apart {abs(k.y - d.y):.2f} pt")
        else:
            self.skip("number and date on one baseline", "one of the two is not on this paper")

    def dates(self):
        text = fold(" ".join(s.text for s in sorted(self.main, key=lambda s: (s.page, s.y, s.x0))))
        seen, bad = 0, []
        for m in re.finditer(r"[Nn]gày (\d{1,2}) tháng (\d{1,2})(?: năm)?", text):
            seen += 1
            if len(m[1]) < 2 or m[2] in ("1", "2"):
                bad.append(m[0])
        for m in re.finditer(r"(?:([Nn]gày )|(?<![\d/.,]))(\d{1,2})/(\d{1,2})(/\d{4})?(?![\d/])(?!-)", text):
            if not (m[1] or m[4]):
                continue
            seen += 1
            if len(m[2]) < 2 or m[3] in ("1", "2"):
                bad.append(m[0])
        for m in re.finditer(r"[Tt]háng ([12])(?!\d)(?: năm|/\d{4})", text):
            if not any(m[0].split(" năm")[0] in b for b in bad):
                bad.append(m[0])
        self.put("leading zeros in dates", seen > 0 and not bad, f"{seen} dates" + (f"; wrong: {bad}" if bad else ""))

    def title_rules(self):
        t = self.title
        if not t:
            self.put("document type", False, f"no capitals line beginning {' or '.join(TITLES[self.kind])}")
            self.put("abstract", False, "no document type to hang on")
            self.put("rule under abstract", False, "no abstract")
            return
        boxes = [t_.bbox for k, t_, _ in self.p.tables if k == 1]
        left = min([self.left or 1e9] + [b[0] for b in boxes])
        right = max([self.right or 0] + [b[2] for b in boxes])
        mid = (left + right) / 2
        self.put(
            "document type",
            t.bold and not t.any_italic and self.size_ok(t, 13, 14) and abs(t.mid - mid) <= 3,
            f"{t.text}: {t.size} pt, bold {t.bold}, off centre {t.mid - mid:.1f} pt",
        )
        if self.abstract:
            self.put(
                "abstract",
                all(s.bold and self.size_ok(s, 13, 14) and abs(s.mid - mid) <= 3 for s in self.abstract),
                f"{len(self.abstract)} lines, {self.abstract[0].size} pt bold centred",
            )
            self.short_rule("rule under abstract", self.abstract)
        else:
            self.put("abstract", False, "no bold centred text under the document type")
            self.put("rule under abstract", False, "no abstract")

    def page_numbers(self):
        bad, shown = [], []
        starts = {1, *self.annex}
        expect = 0
        for n, (w, h) in enumerate(self.p.pages, 1):
            expect = 1 if n in starts else expect + 1
            here = [s for s in self.numbers if s.page == n]
            tail = [s for s in self.main if s.page == n and s.y > h - 19.5 * MM]
            if tail:
                bad.append(f"p{n}: text in the bottom margin {tail[0].text[:20]!r}")
            if n in starts:
                if here:
                    bad.append(f"p{n}: number shown on a first page")
                continue
            if len(here) != 1:
                bad.append(f"p{n}: {len(here)} numbers in the top margin")
                continue
            s = here[0]
            boxes = [t.bbox for k, t, _ in self.p.tables if k == n]
            short = self.kind in TABULAR or self.left is None  # notes alone do not show where the text ends
            left = min([30 * MM if short else self.left] + [b[0] for b in boxes])
            right = max([w - 20 * MM if short else self.right] + [b[2] for b in boxes])
            shown.append(s.text)
            if s.text != str(expect):
                bad.append(f"p{n}: shows {s.text!r}, should be {expect}")
            if min(abs(s.mid - (left + right) / 2), abs(s.mid - w / 2)) > 4:
                bad.append(f"p{n}: not centred")
            if not self.size_ok(s, 13, 14) or s.any_bold or s.any_italic:
                bad.append(f"p{n}: {s.size} pt, bold {s.any_bold}, italic {s.any_italic}")
        self.put(
            "page numbers",
            not bad,
            "; ".join(bad) or (f"none on page 1, then {', '.join(shown)}" if shown else "one page, none shown"),
        )

    def signatures(self):
        names, caps = self.names, self.caps
        least = {"minutes": 2, "tally": 2, "covenant": 3, "letter": 1, "table": 1, "score-sheet": 2}[self.kind]
        if len(names) < least:
            self.put("signatures", False, f"{len(names)} found, {self.kind} needs {least}")
            self.put("signature room", False, "not measurable")
            self.put("signature not alone", False, "not measurable")
            return
        flat = [c for ch in caps for c in ch]
        bad = [s.text for s in names + flat if not s.bold or s.any_italic or not self.size_ok(s, 13, 14)]
        titled = [s.text for s in names if re.match(r"(GS|PGS|TS|ThS|BS|KS|CN|Ths)\b\.?", s.text)]
        slashed = [s.text for s in flat if re.search(r"\b(K/T|T/M|T/L|KT|TM|TL|TUQ)(?!\.)\b(?=[ /])", s.text)]
        extra = ""
        if self.kind == "minutes":
            left = any(re.match("THƯ KÝ", c.text) and c.mid < self.p.pages[0][0] / 2 for c in flat)
            right = any(re.match("CHỦ (TRÌ|TỌA)", c.text) and c.mid > self.p.pages[0][0] / 2 for c in flat)
            if not (left and right):
                bad.append("want THƯ KÝ left and CHỦ TRÌ right")
        self.put(
            "signatures",
            not bad and not titled and not slashed,
            f"{len(names)} signers"
            + (f"; not bold 13-14: {bad}" if bad else "")
            + (f"; degree before name: {titled}" if titled else "")
            + (f"; prefix without full stop: {slashed}" if slashed else "")
            + extra,
        )
        room = [s.y - max(c.y for c in ch) for s, ch in zip(names, caps, strict=False) if ch]
        self.put(
            "signature room",
            min(room) >= 55,
            f"min {min(room):.0f} pt between post and name (about 4 blank lines, 55 pt)",
        )
        lonely, fig = [], []
        for n in sorted({s.page for s in names}):
            top = min(c.y for ch, s in zip(caps, names, strict=False) if s.page == n for c in ch)
            rows = {
                round(s.y) for s in self.body if s.page == n and s.y < top - 3 and not (n == 1 and s.y <= self.head_end)
            }
            if self.kind in TABULAR:
                rows |= {round(s.y) for s in self.main if s.in_table and s.page == n and s.y < top - 3}
            fig.append(f"page {n}: {len(rows)} body lines above")
            # a covenant of many members goes on signing, in groups, on the pages after the first signatures
            goes_on = self.kind == "covenant" and n - 1 in {s.page for s in names}
            if len(rows) < 2 and not goes_on:
                lonely.append(n)
        self.put("signature not alone", not lonely, "; ".join(fig))

    def recipients(self):
        h, rows = self.to_head, self.to_list
        if not h:
            if self.kind == "letter":
                self.put("Nơi nhận", False, "not found")
            else:
                self.skip("Nơi nhận", "not on this paper (required only on a letter)")
        else:
            items: list[str] = []
            for s in rows:  # a line without its own dash goes on with the item above
                if s.text.startswith("- "):
                    items.append(s.text.removeprefix("- "))
                elif items:
                    items[-1] += f" {s.text}"
            good = (
                h.bold
                and h.italic
                and self.size_ok(h, 12, 12)
                and bool(rows)
                and all(self.size_ok(s, 11, 11) and not s.any_bold and not s.any_italic for s in rows)
                and rows[0].text.startswith("- ")
                and bool(items)
                and all(i.rstrip().endswith(";") for i in items[:-1])
                and re.match(r"Lưu: ?(VT|Hồ sơ)\b.*\.$", items[-1].strip())
            )
            self.put(
                "Nơi nhận",
                bool(good),
                f"head {h.size} pt bold {h.bold} italic {h.italic}; {len(items)} items of "
                f"{sorted({s.size for s in rows})} pt; last {items[-1].strip()!r}"
                if items
                else "list not readable",
            )
        if self.kind in TABULAR:
            self.skip("end mark", "a table has no closing sentence")
        else:
            body = [s for s in self.body if s.page <= self.main_last]
            last = body[-1].text if body else ""
            marks = sum(s.text.count("./.") for s in self.main)
            self.put(
                "end mark",
                bool(re.search(r"[\w”)]\./\.$", last)) and marks == 1,
                f"body ends {last[-24:]!r}; {marks} mark(s)",
            )

    def tables(self):
        if not self.p.tables:
            if self.kind in ("minutes", "covenant", "letter"):
                for r in ("table headings", "table numbers", "table head repeats"):
                    self.skip(r, "no ruled table")
            else:
                for r in ("table headings", "table numbers", "table head repeats"):
                    self.put(r, False, f"a {self.kind} needs a ruled table")
            return
        bad_head, bad_num, bad_rep, n_num, reps = [], [], [], 0, 0
        previous = None
        for n, t, segs in self.p.tables:
            grid = []
            for row in t.rows:
                cells = []
                for box in row.cells:
                    if not box:
                        cells.append(None)
                        continue
                    cells.append(
                        (
                            box,
                            [s for s in segs if box[0] - 1 <= s.mid <= box[2] + 1 and box[1] - 1 <= s.y <= box[3] + 1],
                        )
                    )
                grid.append(cells)
            first = [c for c in grid[0] if c]
            head_text = [" ".join(s.text for s in sorted(ss, key=lambda s: s.y)) for _, ss in first]
            lines = sorted((s for s in self.main if s.page == n), key=lambda s: s.y)
            begins_page = n > 1 and lines and lines[0] in segs
            continues = begins_page and previous and previous[0] == n - 1 and previous[2]
            if continues and (len(grid[0]) == previous[3]):
                same = head_text == previous[1]
                numbered = (
                    head_text
                    and NUMERIC.match(head_text[0] or "x")
                    or (head_text and re.match(r"[IVX]+\.", head_text[0] or ""))
                )
                if same:
                    reps += 1
                elif numbered or not all(s.bold for _, ss in first for s in ss):
                    bad_rep.append(n)
            page_last = lines[-1] in segs if lines else False
            previous = (n, head_text if not (continues and n in bad_rep) else previous[1], page_last, len(grid[0]))
            if n in bad_rep:
                body_rows = grid
            else:
                body_rows = grid[1:]
                for (box, ss), txt in zip(first, head_text, strict=False):
                    if not ss:
                        continue
                    vmid = (min(s.y - 0.66 * s.size for s in ss) + max(s.y for s in ss)) / 2
                    if (
                        not all(s.bold for s in ss)
                        or any(abs(s.mid - (box[0] + box[2]) / 2) > 2.5 for s in ss)
                        or abs(vmid - (box[1] + box[3]) / 2) > 4
                        or not all(self.size_ok(s, 12, 13) for s in ss)
                    ):
                        bad_head.append(f"p{n} {txt!r}")
            columns = len(grid[0])
            heads = dict(enumerate(head_text)) if len(first) == columns else {}
            for c in range(columns):
                if c == 0 or re.search(r"^(STT|TT|Xếp|Hạng|Năm|Ngày)", heads.get(c, "")):
                    continue
                vals = [
                    (r[c][0], r[c][1][0])
                    for r in body_rows
                    if c < len(r) and r[c] and len(r[c][1]) == 1 and NUMERIC.match(r[c][1][0].text)
                ]
                for box, s in vals:
                    n_num += 1
                    lead, tail = s.x0 - box[0], box[2] - s.x1
                    if tail > lead + 0.5 or tail > 12 or (lead + tail > 12 and abs(lead - tail) < 2):
                        bad_num.append(f"p{n} col {c + 1} {s.text}")
                if vals and max(s.x1 for _, s in vals) - min(s.x1 for _, s in vals) > 1:
                    bad_num.append(f"p{n} col {c + 1} edge wanders")
            small = [s.text for s in segs if not self.size_ok(s, 12, 14)]
            if small:
                bad_head.append(f"p{n} {small[0]!r} not 12-14 pt")
        self.put(
            "table headings",
            not bad_head,
            f"{len(self.p.tables)} table parts"
            + (f"; wrong: {bad_head[:4]}" if bad_head else ", bold, centred, 12-13 pt"),
        )
        self.put(
            "table numbers",
            not bad_num,
            f"{n_num} numbers" + (f"; not right aligned: {bad_num[:4]}" if bad_num else " right aligned"),
        )
        self.put(
            "table head repeats", not bad_rep, f"missing on pages {bad_rep}" if bad_rep else f"repeated on {reps} pages"
        )

    def text_rules(self):
        text = "".join(c["text"] for _, c in self.p.chars)
        per = Counter(n for n, c in self.p.chars if c["text"].strip())
        empty = [n for n in range(1, len(self.p.pages) + 1) if per[n] < 20]
        self.put("text extractable", not empty, f"{len(text)} characters" + (f"; empty pages {empty}" if empty else ""))
        loose = sum(unicodedata.combining(c) > 0 for c in text)
        self.put("text is NFC", unicodedata.is_normalized("NFC", text) and loose == 0, f"combining marks {loose}")

    def file_rules(self):
        pdf, pages = self.p.pdf, len(self.p.pages)
        with pdf.open_metadata() as meta:
            part, conf = meta.get("pdfaid:part"), meta.get("pdfaid:conformance", "")
            title = meta.get("dc:title") or str(pdf.docinfo.get("/Title", ""))
        self.put(
            "PDF/A claim",
            bool(part) and "/OutputIntents" in pdf.Root,
            f"PDF/A-{part}{str(conf).lower()}" if part else "none",
        )
        title = str(title or "").strip()
        self.put("title metadata", len(title) >= 5 and not title.lower().endswith((".html", ".pdf")), repr(title))
        lang = str(pdf.Root.get("/Lang", ""))
        self.put("language metadata", lang.lower().split("-")[0] == "vi", repr(lang))
        if pages > 3:
            with pdf.open_outline() as o:
                n = len(o.root)
            self.put("bookmarks", n > 0, f"{n} at the top level, {pages} pages")
        else:
            self.skip("bookmarks", f"only {pages} page(s)")
        size = self.p.path.stat().st_size / 1024
        self.put(
            "file size per page", size / pages <= MAX_KB_PER_PAGE, f"{size / pages:.0f} kB (limit {MAX_KB_PER_PAGE})"
        )


def check(path, kind=None):
    return Checker(path, kind).run()


def main(argv=None):
    ap = argparse.ArgumentParser(description="Measure a paper against Decree 30/2020, annex I.")
    ap.add_argument("file")
    ap.add_argument("--kind", choices=KINDS, help="guessed from the title when left out")
    ap.add_argument("--json", action="store_true")
    a = ap.parse_args(argv)
    try:
        rep = check(a.file, a.kind)
    except Exception as e:  # unreadable, not a verdict
        print(f"cannot read {a.file}: {type(e).__name__}: {e}", file=sys.stderr)
        return 2
    if a.json:
        print(
            json.dumps(
                {"file": Path(rep.path).name, "kind": rep.kind, "ok": rep.ok, "rules": [vars(r) for r in rep.results]},
                ensure_ascii=False,
                indent=1,
            )
        )
    else:
        for r in rep.results:
            print(f"{r.state:4}  {r.rule:32} {r.figure}")
        print(
            f"{'PASS' if rep.ok else 'FAIL'}  {Path(rep.path).name} as {rep.kind}: {len(rep.failed())} failed, "
            f"{sum(r.state == SKIP for r in rep.results)} skipped, {len(rep.results)} rules"
        )
    return 0 if rep.ok else 1


if __name__ == "__main__":
    sys.exit(main())
