"""PDFium's text layer: every character of a page with its place and the text object that draws it.

Read through plain function pointers into one array: a glyph costs 2 microseconds so, through pypdfium2's checked
wrappers 7. Text from a layer is what the file *says*; whether it can be seen is judged by drawing the page twice,
with and without its text (`draw_twice`), and comparing.

Threat: a page of millions of characters; counted before they are read.
"""

from __future__ import annotations

import contextlib
import ctypes
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pypdfium2
from numpy.typing import NDArray
from pypdfium2 import raw

from models.errors import UnreadableDocument
from models.settings import Limits
from pipeline.tools import pdfium

INVISIBLE = (3, 7)
"""Text render modes that put no ink on the page (ISO 32000-1, table 106)."""

_GLYPHS = 500_000  # more on one page is an attack, not a document
_UNPAINTED = 3
_CLIPS = 100  # clipping paths, and segments of each, that are looked at
_FAINT = 16  # of 255: less opaque text can't be seen
_BLANK = -1
_PLACELESS = -2


def _pointer(function: Any, result: Any, *arguments: Any) -> Any:
    address = ctypes.cast(function, ctypes.c_void_p).value
    assert address is not None
    return ctypes.CFUNCTYPE(result, *arguments)(address)


_P, _I = ctypes.c_void_p, ctypes.c_int
_unicode = _pointer(raw.FPDFText_GetUnicode, ctypes.c_uint, _P, _I)
_generated = _pointer(raw.FPDFText_IsGenerated, _I, _P, _I)
_loose_box = _pointer(raw.FPDFText_GetLooseCharBox, _I, _P, _I, _P)
_object_of = _pointer(raw.FPDFText_GetTextObject, _P, _P, _I)
_angle = _pointer(raw.FPDFText_GetCharAngle, ctypes.c_float, _P, _I)


@dataclass(frozen=True, slots=True)
class TextObject:
    """What a run of glyphs has in common.

    ``angle`` is the direction of writing on the upright page in degrees, clockwise, 0 = left to right; ``mode`` the
    text render mode (ISO 32000-1, table 106). ``handle`` is PDFium's and dies with the page.
    """

    handle: Any
    angle: int
    mode: int


@dataclass(frozen=True, slots=True)
class Glyphs:
    """The characters of a page in the order of the file, as columns of one length ``n``.

    ``text`` has one string a character. ``boxes`` (n x 4) are the *loose* boxes (advance by line height) in points of
    the upright page from its top left. ``owner`` is an index into ``objects``; -1 marks a blank, -2 a character
    without a place. ``guessed`` marks blanks that are not in the file: PDFium put them there because of a gap;
    where nobody ``guesses`` any gap may be a blank.
    """

    text: list[str]
    boxes: NDArray[np.float64]
    owner: NDArray[np.int32]
    guessed: NDArray[np.bool_]
    objects: tuple[TextObject, ...]
    guesses: bool = True

    def __len__(self) -> int:
        return len(self.text)


def glyphs(page: pypdfium2.PdfPage) -> Glyphs:
    """All characters of the page's text layer, PDFium's own blanks among them.

    Raises:
        UnreadableDocument: more characters than any document has.
    """
    text_page = page.get_textpage()
    try:
        count = raw.FPDFText_CountChars(text_page.raw)
        if count > _GLYPHS:
            raise UnreadableDocument("limit:glyphs", f"A page with {count} characters is over the limit.")
        return _glyphs(ctypes.cast(text_page.raw, _P).value, count, pdfium.upright(page))
    finally:
        text_page.close()


def _glyphs(handle: int | None, count: int, matrix: NDArray[np.float64]) -> Glyphs:
    turn = math.degrees(math.atan2(matrix[1, 0], matrix[0, 0]))
    places = (raw.FS_RECTF * max(1, count))()
    start, step = ctypes.addressof(places), ctypes.sizeof(raw.FS_RECTF)
    text: list[str] = []
    owner: list[int] = []
    guessed: list[int] = []
    known: dict[int, int] = {}
    objects: list[TextObject] = []
    for index in range(count):
        code = _unicode(handle, index)
        char = chr(code) if code else "\ufffd"
        text.append(char)
        if char.isspace():
            owner.append(_BLANK)
            if _generated(handle, index) == 1:
                guessed.append(index)
            continue
        if not _loose_box(handle, index, start + step * index):
            owner.append(_PLACELESS)
            continue
        drawn_by = _object_of(handle, index) or 0
        number = known.get(drawn_by)
        if number is None:
            number = known[drawn_by] = len(objects)
            objects.append(_text_object(drawn_by, round(turn + math.degrees(_angle(handle, index))) % 360))
        owner.append(number)
    marks = np.zeros(count, np.bool_)
    marks[guessed] = True
    left, top, right, bottom = (
        np.frombuffer(places, np.float32, 4 * max(1, count)).reshape(-1, 4)[:count].T.astype(float)
    )
    (a, c, e), (b, d, f) = matrix
    xs, ys = (a * left + c * bottom + e, a * right + c * top + e), (b * left + d * bottom + f, b * right + d * top + f)
    boxes = np.stack([np.minimum(*xs), np.minimum(*ys), np.maximum(*xs), np.maximum(*ys)], axis=1)
    return _joined(Glyphs(text, boxes, np.array(owner, np.int32), marks, tuple(objects)))


def _text_object(address: int, angle: int) -> TextObject:
    handle = ctypes.cast(address, raw.FPDF_PAGEOBJECT)
    return TextObject(handle, angle, raw.FPDFTextObj_GetTextRenderMode(handle) if address else 0)


def _joined(seen: Glyphs) -> Glyphs:
    """Pairs of surrogates, which come as two characters, as one; lone ones stay and are cleaned away later."""
    high = [index for index, char in enumerate(seen.text[:-1]) if "\ud800" <= char < "\udc00"]
    for index in high:
        low = seen.text[index + 1]
        if "\udc00" <= low < "\ue000":
            seen.text[index] = chr(0x10000 + ((ord(seen.text[index]) - 0xD800) << 10) + (ord(low) - 0xDC00))
            seen.text[index + 1] = ""
            seen.owner[index + 1] = _PLACELESS
    return seen


def in_layer(item: TextObject) -> bool:
    """Whether the object belongs to an optional layer (marked content ``/OC``; ISO 32000-1, 8.11.3.2)."""
    buffer = (ctypes.c_ushort * 8)()
    length = ctypes.c_ulong()
    for index in range(raw.FPDFPageObj_CountMarks(item.handle)):
        mark = raw.FPDFPageObj_GetMark(item.handle, index)
        if raw.FPDFPageObjMark_GetName(mark, buffer, ctypes.sizeof(buffer), length):
            name = bytes(buffer)[: max(0, length.value - 2)].decode("utf-16-le", "replace")
            if name == "OC":
                return True
    return False


def is_clipped(item: TextObject) -> bool:
    """Whether the clipping path in force leaves nothing of the object; only the path's bounds are looked at."""
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    clip = raw.FPDFPageObj_GetClipPath(item.handle)
    if not clip or not raw.FPDFPageObj_GetBounds(item.handle, left, bottom, right, top):
        return False
    x, y = ctypes.c_float(), ctypes.c_float()
    for path in range(min(raw.FPDFClipPath_CountPaths(clip), _CLIPS)):
        points = []
        for index in range(min(raw.FPDFClipPath_CountPathSegments(clip, path), _CLIPS)):
            if raw.FPDFPathSegment_GetPoint(raw.FPDFClipPath_GetPathSegment(clip, path, index), x, y):
                points.append((x.value, y.value))
        xs, ys = [px for px, _ in points], [py for _, py in points]
        apart = not points or max(xs) <= left.value or min(xs) >= right.value
        if apart or max(ys) <= bottom.value or min(ys) >= top.value:
            return True
    return False


def grey_of(item: TextObject) -> float | None:
    """The grey (0 black, 255 white) that the object is filled with; None where it is transparent or unknown."""
    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    if not raw.FPDFPageObj_GetFillColor(item.handle, red, green, blue, alpha) or alpha.value < _FAINT:
        return None
    return 0.299 * red.value + 0.587 * green.value + 0.114 * blue.value  # ITU-R BT.601


@contextlib.contextmanager
def _without_ink(objects: Sequence[TextObject]) -> Iterator[None]:
    for item in objects:
        if item.handle:
            raw.FPDFTextObj_SetTextRenderMode(item.handle, _UNPAINTED)
    try:
        yield
    finally:
        for item in objects:
            if item.handle:
                raw.FPDFTextObj_SetTextRenderMode(item.handle, item.mode)


def draw_bare(
    page: pypdfium2.PdfPage, dpi: float, limits: Limits, objects: Sequence[TextObject]
) -> tuple[NDArray[np.uint8], float]:
    """The upright page in RGB without the ink of ``objects``: pictures, notes and lines alone."""
    with _without_ink(objects):
        return pdfium.render(page, dpi, limits, grey=False)


def draw_twice(
    page: pypdfium2.PdfPage, dpi: float, limits: Limits, objects: Sequence[TextObject]
) -> tuple[NDArray[np.uint8], NDArray[np.uint8], float]:
    """The upright page in grey as it is, and without the ink of ``objects``; and the dpi that fitted the limits.

    Where the two differ stands visible text. Text that is white on white, covered, clipped, transparent or in a
    hidden layer makes no difference.
    """
    whole, dpi = pdfium.render(page, dpi, limits)
    with _without_ink(objects):
        bare, _ = pdfium.render(page, dpi, limits)
    return whole, bare, dpi
