"""PDFium (through pypdfium2): pages, words of the text layer, and pictures of pages.

Threat: PDFium aborts the process when memory runs out, so this only ever runs in the cage. Sizes are checked
before a page is drawn. Text from a layer is what the file *says*; whether it can be seen is judged elsewhere
(`pipeline.reading.pdf.textlayer`).
"""

from __future__ import annotations

import ctypes
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pypdfium2
from numpy.typing import NDArray
from pypdfium2 import raw

from models.errors import UnreadableDocument
from models.messages import say
from models.records import Box
from models.settings import Limits
from pipeline.tools import qpdf

POINTS_PER_INCH = 72.0
UPRIGHT = "PodatelnaUpright"
"""In a file's information dictionary: the numbers of the pages of which a person has said which way is up."""
_OBJECTS = 20_000  # on a page or in a form; who has more hides no picture behind them
_PLAUSIBLE = 100_000  # pixels that a byte of a compressed picture may stand for: 8 a byte, deflated 1 to 1,032
_NO_PASSWORD, _WRONG_SECURITY = 4, 5  # FPDF_ERR_PASSWORD, FPDF_ERR_SECURITY
_INVISIBLE = (3, 7)  # text render modes that put no ink on the page (ISO 32000-1, table 106)
_GLYPHS = 500_000  # more on one page is an attack, not a document


@dataclass(frozen=True, slots=True)
class Picture:
    """An image on a page: where it lies (points of the upright page), its size in pixels, and in bytes as stored."""

    box: Box
    width: int
    height: int
    stored: int = 0


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
            raise UnreadableDocument("password", say("The PDF is locked with a password.")) from error
        if qpdf.is_locked(path):  # PDFium knows not all ways to lock
            raise UnreadableDocument("password", say("The PDF is locked with a password.")) from error
        raise UnreadableDocument("damaged", say("The PDF can't be opened.")) from error
    try:
        count = len(document)
        if count > limits.pages:
            raise UnreadableDocument("limit:pages", f"A PDF of {count} pages is over the limit of {limits.pages}.")
        if count < 1:
            raise UnreadableDocument("damaged", say("The PDF has no pages."))
        if document.get_formtype() != raw.FORMTYPE_NONE:
            document.init_forms()  # draws the values that a program filled in and left for the reader to draw
        yield document
    finally:
        document.close()


@contextmanager
def open_page(document: pypdfium2.PdfDocument, number: int, limits: Limits) -> Iterator[pypdfium2.PdfPage]:
    """Load page ``number`` (from 1) and close it again.

    What was filled into a form (AcroForm) becomes text of the page, in memory only, so that it is read and drawn.

    Raises:
        UnreadableDocument: it is damaged, or a side is over the limit.
    """
    try:
        page = document[number - 1]
    except pypdfium2.PdfiumError as error:
        raise UnreadableDocument("damaged", f"Page {number} of the PDF can't be loaded.") from error
    try:
        if _has_fields(page) and raw.FPDFPage_Flatten(page, raw.FLAT_NORMALDISPLAY) == raw.FLATTEN_SUCCESS:
            page.close()
            page = document[number - 1]
        width, height = page.get_size()
        if not (math.isfinite(width) and math.isfinite(height)) or min(width, height) <= 0:
            raise UnreadableDocument("damaged", f"Page {number} of the PDF has no size.")
        if max(width, height) > limits.page_side_points:
            raise UnreadableDocument("limit:page_side_points", f"Page {number} is larger than the limits allow.")
        yield page
    finally:
        page.close()


def _has_fields(page: pypdfium2.PdfPage) -> bool:
    """Whether fields of a form are among the first annotations of the page."""
    for index in range(min(raw.FPDFPage_GetAnnotCount(page), _OBJECTS)):
        handle = raw.FPDFPage_GetAnnot(page, index)
        if handle:
            subtype = raw.FPDFAnnot_GetSubtype(handle)
            raw.FPDFPage_CloseAnnot(handle)
            if subtype == raw.FPDF_ANNOT_WIDGET:
                return True
    return False


def upright_by_hand(document: pypdfium2.PdfDocument) -> frozenset[int]:
    """The pages of which a person has said that they stand as they lie in the file (see `pipeline.rearrange`)."""
    numbers = document.get_metadata_value(UPRIGHT).split()
    return frozenset(int(one) for one in numbers if one.isascii() and one.isdecimal() and len(one) < 9)


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


def pictures(page: pypdfium2.PdfPage, limits: Limits, limit: int = 200) -> list[Picture]:
    """The images on the page and in the forms on it, at most ``limit``.

    Raises:
        UnreadableDocument: one has more pixels than the limits allow; PDFium would show nothing in its place.
    """
    matrix = np.vstack([upright(page), [0.0, 0.0, 1.0]])
    found: list[Picture] = []
    _gather(page.raw, raw.FPDFPage_CountObjects, raw.FPDFPage_GetObject, matrix, found, limit=limit, depth=4)
    for picture in found:
        pixels = picture.width * picture.height
        if limits.image_pixels < pixels <= _PLAUSIBLE * picture.stored:  # a mere claim of a size harms nobody
            size = f"{picture.width} x {picture.height}"
            raise UnreadableDocument("limit:image_pixels", f"A picture of {size} pixels in the PDF is over the limit.")
    return found


def _gather(
    holder: Any,
    count: Callable[[Any], int],
    item: Callable[[Any, int], Any],
    matrix: NDArray[np.float64],
    found: list[Picture],
    *,
    limit: int,
    depth: int,
) -> None:
    for index in range(min(count(holder), _OBJECTS)):
        handle = item(holder, index)
        kind = raw.FPDFPageObj_GetType(handle)
        if kind == raw.FPDF_PAGEOBJ_IMAGE:
            picture = _picture(handle, matrix)
            if picture is not None:
                found.append(picture)
        elif kind == raw.FPDF_PAGEOBJ_FORM and depth > 0:
            own = raw.FS_MATRIX()
            if raw.FPDFPageObj_GetMatrix(handle, own):
                inner = np.array([[own.a, own.c, own.e], [own.b, own.d, own.f], [0.0, 0.0, 1.0]])
                _gather(
                    handle,
                    raw.FPDFFormObj_CountObjects,
                    raw.FPDFFormObj_GetObject,
                    matrix @ inner,
                    found,
                    limit=limit,
                    depth=depth - 1,
                )
        if len(found) >= limit:
            return


def _picture(handle: Any, matrix: NDArray[np.float64]) -> Picture | None:
    sides = [ctypes.c_float() for _ in range(4)]
    width, height = ctypes.c_uint(), ctypes.c_uint()
    if not raw.FPDFPageObj_GetBounds(handle, *sides) or not raw.FPDFImageObj_GetImagePixelSize(handle, width, height):
        return None
    left, bottom, right, top = (side.value for side in sides)
    corners = matrix[:2] @ np.array([[left, right, left, right], [bottom, top, top, bottom], [1.0, 1.0, 1.0, 1.0]])
    (x0, y0), (x1, y1) = corners.min(axis=1), corners.max(axis=1)
    stored = raw.FPDFImageObj_GetImageDataRaw(handle, None, 0)
    return Picture((float(x0), float(y0), float(x1), float(y1)), int(width.value), int(height.value), int(stored))


def notes(page: pypdfium2.PdfPage, limit: int = 200) -> list[Box]:
    """Where annotations and form fields put something on the page, at most ``limit``; links put nothing there."""
    matrix = upright(page)
    found: list[Box] = []
    for index in range(min(raw.FPDFPage_GetAnnotCount(page), limit)):
        handle = raw.FPDFPage_GetAnnot(page, index)
        if not handle:
            continue
        try:
            rect = raw.FS_RECTF()
            silent = raw.FPDFAnnot_GetSubtype(handle) in (raw.FPDF_ANNOT_LINK, raw.FPDF_ANNOT_POPUP)
            if silent or not raw.FPDFAnnot_GetRect(handle, rect):
                continue
        finally:
            raw.FPDFPage_CloseAnnot(handle)
        corners = matrix @ np.array([[rect.left, rect.right], [rect.bottom, rect.top], [1.0, 1.0]])
        (x0, y0), (x1, y1) = corners.min(axis=1), corners.max(axis=1)
        found.append((float(x0), float(y0), float(x1), float(y1)))
    return found


def render(
    page: pypdfium2.PdfPage, dpi: float, limits: Limits, *, grey: bool = True
) -> tuple[NDArray[np.uint8], float]:
    """Draw the upright page with its annotations; return its pixels (grey or RGB) and the dpi.

    The dpi is lowered to fit the limit of pixels.

    Raises:
        UnreadableDocument: PDFium can't draw it.
    """
    width, height = page.get_size()
    most = math.sqrt(limits.render_pixels / (width * height)) * POINTS_PER_INCH
    dpi = min(dpi, most)
    wide, high = (max(1, math.ceil(side * dpi / POINTS_PER_INCH)) for side in (width, height))
    channels = 1 if grey else 3
    pixels = np.full((high, (wide * channels + 3) // 4 * 4), 255, np.uint8)  # PDFium wants rows of whole words
    form = raw.FPDFBitmap_Gray if grey else raw.FPDFBitmap_BGR
    bitmap = raw.FPDFBitmap_CreateEx(wide, high, form, pixels.ctypes.data, pixels.shape[1])
    if not bitmap:
        raise UnreadableDocument("damaged", say("A page of the PDF can't be drawn."))
    try:
        flags = raw.FPDF_ANNOT | (raw.FPDF_GRAYSCALE if grey else raw.FPDF_REVERSE_BYTE_ORDER)
        raw.FPDF_RenderPageBitmap(bitmap, page, 0, 0, wide, high, 0, flags)
    finally:
        raw.FPDFBitmap_Destroy(bitmap)
    pixels = pixels[:, : wide * channels]
    return (pixels if grey else pixels.reshape(high, wide, 3)), dpi
