"""Letters: HTML + print CSS → PDF. The only importer of WeasyPrint, and only when a letter is really drawn.

A letter is drawn from a plain dict and a template version (`templates/letters/<version>/`), so the same dict
gives the same bytes again (platform 4.9). Processes only: Pango is not thread-safe.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import segno
from django.conf import settings
from django.template.loader import render_to_string

VERSION = "v1"
"""Version of the letters that are approved today. A change of wording or layout is a new folder."""

PAGE_CAP = 20
_FACES = {400: "noto-serif-sc-400.woff", 700: "noto-serif-sc-700.woff"}


class LetterFault(RuntimeError):
    """A letter could not be drawn; says what is missing and how to get it."""


def letter_html(name: str, version: str, letter: Mapping[str, Any]) -> str:
    """The letter as HTML, from its frozen dict, which may name another `sheet` than that of its kind. Needs no system library."""
    qr = letter.get("qr_text")
    picture = segno.make(qr, error="m", micro=False, mask=0).svg_data_uri(scale=4, border=0) if qr else ""
    return render_to_string(f"letters/{version}/{letter.get('sheet', name)}.html", {"letter": letter, "qr": picture})


def letter_pdf(name: str, version: str, letter: Mapping[str, Any], *, page_cap: int = PAGE_CAP) -> bytes:
    """The letter as PDF; equal input gives equal bytes. Raises `LetterFault`, also above `page_cap` pages."""
    return html_to_pdf(letter_html(name, version, letter), version, page_cap=page_cap)


def html_to_pdf(html: str, version: str, *, page_cap: int = PAGE_CAP) -> bytes:
    """One document of a template version as PDF. Raises `LetterFault`."""
    weasyprint = _weasyprint()
    css, fonts, fetcher = _style(version, _rare_slices(html))
    document = weasyprint.HTML(string=html, url_fetcher=fetcher, base_url="asset:").render(
        stylesheets=[css], font_config=fonts
    )
    if len(document.pages) > page_cap:
        raise LetterFault(f"文书超过 {page_cap} 页，请检查账单明细后分户处理。")
    return document.write_pdf()  # type: ignore[no-any-return]


def page_count(pdf: bytes) -> int:
    """Number of pages of a PDF that we made."""
    import pikepdf

    with pikepdf.open(io.BytesIO(pdf)) as opened:
        return len(opened.pages)


def merge_pdfs(pdfs: Sequence[bytes]) -> bytes:
    """Several letters as one print run, in the given order.

    When any letter has several pages (so the run is printed double-sided), every letter is filled up to whole
    sheets: two households never share one.
    """
    import pikepdf

    run = pikepdf.new()
    any_long = len(pdfs) > 1 and any(page_count(pdf) > 1 for pdf in pdfs)
    for pdf in pdfs:
        with pikepdf.open(io.BytesIO(pdf)) as letter:
            run.pages.extend(letter.pages)
            if any_long and len(letter.pages) % 2:
                run.add_blank_page(page_size=(595.28, 841.89))
    out = io.BytesIO()
    run.save(out, deterministic_id=True)
    return out.getvalue()


def missing_glyphs(text: str) -> str:
    """The characters of `text` that the letter font cannot draw (rare names); empty when all is well or unknown."""
    common, ranges = _common(), [each for _, ranges in _slices() for each in ranges]
    unknown = (c for c in text if common and ord(c) not in common and not c.isspace())
    return "".join(dict.fromkeys(c for c in unknown if not any(a <= ord(c) <= b for a, b in ranges)))


def font_folder() -> Path:
    """Where the front-end build leaves the letter fonts."""
    return Path(settings.BASE_DIR) / "static" / "build" / "fonts"


@lru_cache(maxsize=1)
def _common() -> frozenset[int]:
    """Code points of the letter font itself; empty while the fonts are not built."""
    from fontTools.ttLib import TTFont

    path = font_folder() / _FACES[400]
    if not path.is_file():
        return frozenset()
    with TTFont(path, lazy=True) as font:
        return frozenset(font.getBestCmap())


@lru_cache(maxsize=1)
def _slices() -> tuple[tuple[str, tuple[tuple[int, int], ...]], ...]:
    """Fonts of rare characters: file and the ranges of code points it holds."""
    path = font_folder() / "rare.json"
    if not path.is_file():
        return ()
    return tuple((each["file"], tuple((a, b) for a, b in each["ranges"])) for each in json.loads(path.read_text()))


def _rare_slices(text: str) -> tuple[str, ...]:
    """The rare fonts that this text needs; nearly always none, and each costs some milliseconds."""
    common = _common()
    rare = {ord(c) for c in set(text) if ord(c) > 0xFF} - common if common else set()
    return tuple(file for file, ranges in _slices() if any(a <= point <= b for point in rare for a, b in ranges))


@lru_cache(maxsize=1)
def _weasyprint() -> Any:
    try:
        import weasyprint
    except OSError as missing:  # Pango itself is a system library
        raise LetterFault(
            "本机缺少排版组件 Pango，无法生成 PDF。请安装："
            "apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
        ) from missing
    _subset_quickly()
    return weasyprint


def _subset_quickly() -> None:
    """Without libharfbuzz-subset WeasyPrint needs 17 s a page; the uharfbuzz wheel 0.2 s (platform 4.2)."""
    from weasyprint.pdf import fonts

    if fonts.harfbuzz_subset is not None:
        return
    import uharfbuzz

    def subset(font: Any, to_unicode: Mapping[int, str], hinting: bool) -> None:
        wanted = uharfbuzz.SubsetInput()
        wanted.flags = (
            uharfbuzz.SubsetFlags.RETAIN_GIDS
            | uharfbuzz.SubsetFlags.PASSTHROUGH_UNRECOGNIZED
            | uharfbuzz.SubsetFlags.DESUBROUTINIZE
            | (uharfbuzz.SubsetFlags.DEFAULT if hinting else uharfbuzz.SubsetFlags.NO_HINTING)
        )
        wanted.glyph_set.update(to_unicode)
        for tag in ("GSUB", "GPOS", "SVG "):
            wanted.drop_table_tag_set.add(int.from_bytes(tag.encode(), "big"))
        font.file_content = uharfbuzz.subset(uharfbuzz.Face(font.file_content, font.index), wanted).blob.data

    fonts.Font._fonttools_subset = subset


@lru_cache(maxsize=32)
def _style(version: str, slices: tuple[str, ...]) -> tuple[Any, Any, Any]:
    """One FontConfiguration and one CSS per template version (and set of rare fonts) and process; loaded once."""
    from weasyprint.text.fonts import FontConfiguration

    weasyprint, fonts, fetcher = _weasyprint(), FontConfiguration(), _fetcher()
    faces = [
        {"family": "Letter", "weight": weight, "asset": f"asset:{name}"}
        for weight, name in _FACES.items()
        if (font_folder() / name).is_file()
    ]
    rare = [{"family": f"Letter Rare {n}", "weight": 400, "asset": f"asset:{name}"} for n, name in enumerate(slices)]
    css = render_to_string(f"letters/{version}/letter.css", {"faces": faces + rare, "rare": rare})
    return weasyprint.CSS(string=css, font_config=fonts, url_fetcher=fetcher, base_url="asset:"), fonts, fetcher


@lru_cache(maxsize=1)
def _fetcher() -> Any:
    """Knows `data:` and our own fonts by name, and nothing else: a letter can make no request (C4.5)."""
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class OnlyOurs(URLFetcher):  # type: ignore[misc]
        """Refuses every address but a known asset."""

        def fetch(self, url: str, headers: Any = None) -> Any:
            """The bytes of a known asset, or ValueError."""
            if url.startswith("data:"):
                return super().fetch(url, headers)
            name = url.removeprefix("asset:")
            asset = font_folder() / name
            known = {*_FACES.values(), *(file for file, _ in _slices())}
            if not url.startswith("asset:") or name not in known or not asset.is_file():
                raise ValueError(f"Not an asset of a letter: {url[:80]}")
            return URLFetcherResponse(url, asset.read_bytes())

    return OnlyOurs(allowed_protocols=("data", "asset"), allow_redirects=False)
