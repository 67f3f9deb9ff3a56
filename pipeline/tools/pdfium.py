"""PDFium (through pypdfium2): pages, words of the text layer, and pictures of pages.

Threat: PDFium aborts the process when memory runs out, so this only ever runs in the cage. Sizes are checked
before a page is drawn. Text from a layer is what the file *says*; whether it can be seen is judged elsewhere
(`pipeline.reading.textlayer`).
"""

from __future__ import annotations

import ctypes
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pypdfium2
from numpy.typing import NDArray
from pypdfium2 import raw

from models.errors import UnreadableDocument
from models.settings import Limits

POINTS_PER_INCH = 72.0
_NO_PASSWORD, _WRONG_SECURITY = 4, 5  # FPDF_ERR_PASSWORD, FPDF_ERR_SECURITY
_INVISIBLE = (3, 7)  # text render modes that put no ink on the page (ISO 32000-1, table 106)
_GLYPHS = 500_000  # more on one page is an attack, not a document


@dataclass(frozen=True, slots=True)
class Glyph:
    """One character of the text layer: ``box`` in points of the upright page from its top left.

    ``angle`` is the direction of writing on the upright page in degrees, clockwise, 0 = left to right.
    ``hidden`` means a render mode without ink. Blanks have no box; a ``guessed`` one is not in the file, PDFium
    put it there because of a gap.
    """

    text: str
    box: tuple[float, float, float, float] | None
    angle: int
    hidden: bool
    guessed: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """An image on a page: where it lies (points of the upright page) and its size in pixels."""

    box: tuple[float, float, float, float]
    width: int
    height: int


def version() -> str:
    """Version of pypdfium2 and PDFium."""
    return f"{pypdfium2.PYPDFIUM_INFO} (PDFium {pypdfium2.PDFIUM_INFO})"


@contextmanager
def open_pdf(path: Path, limits: Limits) -> Iterator[pypdfium2.PdfDocument]:
    """Open a PDF file.

    Raises:
        UnreadableDocument: locked (``password``), damaged, without pages, or over the limit of pages.
    """
    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) in (_NO_PASSWORD, _WRONG_SECURITY):
            raise UnreadableDocument("password", "The PDF is locked with a password.") from error
        raise UnreadableDocument("damaged", "The PDF can't be opened.") from error
    try:
        count = len(document)
        if count > limits.pages:
            raise UnreadableDocument("limit:pages", f"A PDF of {count} pages is over the limit of {limits.pages}.")
        if count < 1:
            raise UnreadableDocument("damaged", "The PDF has no pages.")
        yield document
    finally:
        document.close()


@contextmanager
def open_page(document: pypdfium2.PdfDocument, number: int, limits: Limits) -> Iterator[pypdfium2.PdfPage]:
    """Load page ``number`` (from 1) and close it again.

    Raises:
        UnreadableDocument: it is damaged, or a side is over the limit.
    """
    try:
        page = document[number - 1]
    except pypdfium2.PdfiumError as error:
        raise UnreadableDocument("damaged", f"Page {number} of the PDF can't be loaded.") from error
    try:
        width, height = page.get_size()
        if not (math.isfinite(width) and math.isfinite(height)) or min(width, height) <= 0:
            raise UnreadableDocument("damaged", f"Page {number} of the PDF has no size.")
        if max(width, height) > limits.page_side_points:
            raise UnreadableDocument("limit:page_side_points", f"Page {number} is larger than the limits allow.")
        yield page
    finally:
        page.close()


def size(page: pypdfium2.PdfPage) -> tuple[float, float]:
    """Width and height in points, after the page's own ``/Rotate``."""
    width, height = page.get_size()
    return float(width), float(height)


def upright(page: pypdfium2.PdfPage) -> NDArray[np.float64]:
    """The affine 2 x 3 matrix from PDF user space to points of the upright page from its top left."""
    width, height = page.get_size()
    scale = 1_000_000 / max(width, height)  # PDFium answers in whole pixels
    x, y = ctypes.c_int(), ctypes.c_int()

    def device(px: float, py: float) -> tuple[float, float]:
        raw.FPDF_PageToDevice(page, 0, 0, round(width * scale), round(height * scale), 0, px, py, x, y)
        return x.value / scale, y.value / scale

    left, bottom, _, _ = page.get_bbox()
    ox, oy = device(left, bottom)
    step = 100.0
    ax, ay = device(left + step, bottom)
    bx, by = device(left, bottom + step)
    a, b, c, d = (ax - ox) / step, (ay - oy) / step, (bx - ox) / step, (by - oy) / step
    return np.array([[a, c, ox - a * left - c * bottom], [b, d, oy - b * left - d * bottom]])


def glyphs(page: pypdfium2.PdfPage) -> list[Glyph]:
    """All characters of the page's text layer in the order of the file, PDFium's own blanks among them.

    Raises:
        UnreadableDocument: more characters than any document has.
    """
    matrix = upright(page)
    text_page = page.get_textpage()
    try:
        handle = text_page.raw
        count = raw.FPDFText_CountChars(handle)
        if count > _GLYPHS:
            raise UnreadableDocument("limit:glyphs", f"A page with {count} characters is over the limit.")
        return list(_glyphs(handle, count, matrix))
    finally:
        text_page.close()


def _glyphs(handle: Any, count: int, matrix: NDArray[np.float64]) -> Iterator[Glyph]:
    (a, c, e), (b, d, f) = matrix.tolist()
    turn = math.degrees(math.atan2(b, a))
    box = raw.FS_RECTF()
    high = 0
    for index in range(count):
        code = raw.FPDFText_GetUnicode(handle, index)
        if 0xD800 <= code < 0xDC00:  # a pair of surrogates comes as two characters
            high = code
            continue
        if 0xDC00 <= code < 0xE000 and high:
            code = 0x10000 + ((high - 0xD800) << 10) + (code - 0xDC00)
        high = 0
        text = chr(code) if code else "\ufffd"
        guessed = raw.FPDFText_IsGenerated(handle, index) == 1
        if text.isspace() or guessed:
            yield Glyph(text, None, 0, hidden=False, guessed=guessed)
            continue
        if not raw.FPDFText_GetLooseCharBox(handle, index, box):
            continue
        xs = (a * box.left + c * box.bottom + e, a * box.right + c * box.top + e)
        ys = (b * box.left + d * box.bottom + f, b * box.right + d * box.top + f)
        angle = round(turn - math.degrees(-raw.FPDFText_GetCharAngle(handle, index))) % 360
        hidden = raw.FPDFTextObj_GetTextRenderMode(raw.FPDFText_GetTextObject(handle, index)) in _INVISIBLE
        yield Glyph(text, (min(xs), min(ys), max(xs), max(ys)), angle, hidden)


def pictures(page: pypdfium2.PdfPage, limit: int = 200) -> list[Picture]:
    """The images on the page, at most ``limit``."""
    matrix = upright(page)
    found = []
    for item in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=4):
        try:
            left, bottom, right, top = item.get_bounds()
            width, height = item.get_px_size()
        except pypdfium2.PdfiumError:
            continue
        corners = matrix @ np.array([[left, right], [bottom, top], [1.0, 1.0]])
        (x0, y0), (x1, y1) = corners.min(axis=1), corners.max(axis=1)
        found.append(Picture((float(x0), float(y0), float(x1), float(y1)), int(width), int(height)))
        if len(found) >= limit:
            break
    return found


def render(
    page: pypdfium2.PdfPage, dpi: float, limits: Limits, *, grey: bool = True
) -> tuple[NDArray[np.uint8], float]:
    """Draw the upright page; return its pixels (grey or RGB) and the dpi, which is lowered to fit the pixel limit."""
    width, height = page.get_size()
    most = math.sqrt(limits.render_pixels / (width * height)) * POINTS_PER_INCH
    dpi = min(dpi, most)
    bitmap = page.render(
        scale=dpi / POINTS_PER_INCH, grayscale=grey, rev_byteorder=not grey, may_draw_forms=True, prefer_bgrx=False
    )
    try:
        pixels = np.array(bitmap.to_numpy())  # a copy: the bitmap's memory goes with it
    finally:
        bitmap.close()
    if pixels.ndim == 3 and pixels.shape[2] == 1:
        pixels = pixels[:, :, 0]
    return pixels, dpi
