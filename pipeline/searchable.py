"""A searchable PDF of any document: its pages as they are, with our words behind them as invisible text.

Pages with a text layer are left alone, and so is all else in the file: pictures, annotations, attachments (the XML of
an e-invoice). A page that was read by OCR gets one more content stream, and stands upright if it lay or stood on its
head. Text that an earlier program hid behind such a page is taken out, for our words take its place.

Threat: the file is a stranger's, so this runs in the cage and writes only into the cage's folder.
"""

from __future__ import annotations

import math
import shutil
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np
import pikepdf
from numpy.typing import NDArray
from pikepdf import Name

from models.errors import UnreadableDocument
from models.messages import say
from models.records import Page, PageKind, Word
from models.settings import Settings
from pipeline.reading import read_pages
from pipeline.reading.geometry import turned_size
from pipeline.reading.known import Memory
from pipeline.tools import glyphless, qpdf, wrapping

PDF = "application/pdf"
_SAME_SIZE = 0.2  # of a line's height: less is not told
_STRETCH = 10  # percent: so finely the width of words is told
_SMALL_PAGE = 16_000  # bytes, as a fax has them
_SLANTED = 0.004  # a tangent; less can't be seen on a word
_OTHER_SIZE = 0.4  # of the line's height: a word so much taller or lower is set by itself
_SHOWS = frozenset(("Tj", "TJ", "'", '"'))
_INVISIBLE = 3  # text render mode (ISO 32000-2, table 104)
_FAILURES = (pikepdf.PdfError, TypeError, ValueError, AttributeError, KeyError, IndexError)  # of malformed pages

Matrix = NDArray[np.float64]


def write(  # noqa: PLR0917 - what `pipeline.caged.searchable_caged` was given
    path: Path, media_type: str, target: Path, settings: Settings, progress: Callable[[int], None], memory: Memory
) -> None:
    """Write the searchable PDF of a PDF or picture file to ``target``, which must not exist.

    Raises:
        UnreadableDocument: as `pipeline.reading.read` does; ``protected`` where the PDF is encrypted or signed and a
            page of it would have to be changed.
        MissingTool: Tesseract or one of its languages is not installed.
    """
    pages = read_pages(path, media_type, settings, memory)
    if media_type == PDF:
        _write_pdf(path, target, _reported(pages, progress))
        return
    read = list(_reported(pages, progress))
    bare = target.with_name(f"{target.name}.bare")
    wrapping.wrap(path, bare, [turned_size(page.width, page.height, page.turned) for page in read])
    try:
        _write_pdf(bare, target, iter(read))
    finally:
        bare.unlink()


def _reported(pages: Iterator[tuple[Page, object]], progress: Callable[[int], None]) -> Iterator[Page]:
    for page, _ in pages:
        progress(page.number)
        yield page


def _write_pdf(path: Path, target: Path, pages: Iterator[Page]) -> None:
    with qpdf.open_pdf(path) as pdf:
        writer: _Writer | None = None
        for page in pages:
            lines = _words_to_add(page)
            if not lines:
                continue
            if writer is None:
                _refuse_protected(pdf)
                writer = _Writer(pdf, path.stat().st_size)
            if page.number > len(pdf.pages):
                raise UnreadableDocument("damaged", say("Two programs find different numbers of pages in the PDF."))
            try:
                writer.add_text(pdf.pages[page.number - 1], page, lines)
            except _FAILURES as error:
                message = f"Page {page.number} of the PDF can't take text ({type(error).__name__})."
                raise UnreadableDocument("damaged", message) from error
        if writer is not None:
            writer.fonts.embed()
            pdf.save(target, object_stream_mode=pikepdf.ObjectStreamMode.generate)
            return
    shutil.copyfile(path, target)


def _words_to_add(page: Page) -> list[list[Word]]:
    """The words, line by line, that the page's own text layer does not have."""
    if page.kind is PageKind.TEXT or not page.words:
        return []
    lines = [list(page.words[first:end]) for block in page.blocks for first, end in block.lines]
    if page.kind is PageKind.MIXED:  # a text layer is certain of its words; what was read off pictures is not
        lines = [[word for word in line if word.confidence < 1.0] for line in lines]
    return [line for line in lines if line]


def _refuse_protected(pdf: pikepdf.Pdf) -> None:
    if pdf.is_encrypted:
        message = "The PDF is encrypted; a copy with text would lose its protection. Have its owner unlock it first."
        raise UnreadableDocument("protected", message)
    form = pdf.Root.get(Name.AcroForm)
    flags = form.get(Name.SigFlags, 0) if isinstance(form, pikepdf.Dictionary) else 0
    if (isinstance(flags, int) and flags & 1) or Name.Perms in pdf.Root:
        message = "The PDF is signed; a copy with text would break the signature. Use the original as it is."
        raise UnreadableDocument("protected", message)


class _Writer:
    """Adds text to the pages of one PDF."""

    def __init__(self, pdf: pikepdf.Pdf, size: int) -> None:
        self.pdf = pdf
        self.fonts = glyphless.Fonts(pdf)
        self._grain = _COARSE if size < _SMALL_PAGE * len(pdf.pages) else _FINE
        self._save = pdf.make_indirect(pdf.make_stream(b"q\n"))  # one for all pages

    def add_text(self, target: pikepdf.Page, page: Page, lines: list[list[Word]]) -> None:
        """Append the text to a page, and set it upright."""
        if page.kind is not PageKind.MIXED:
            _take_out_hidden_text(self.pdf, target)
        stream, used = _content(target, page, lines, self.fonts, self._grain)
        target.contents_add(self._save, prepend=True)  # whatever state the page's own content leaves
        packed = zlib.compress(b"\nQ\n" + stream, 9)
        target.contents_add(pikepdf.Stream(self.pdf, packed, Filter=Name.FlateDecode))
        for number in sorted(used):
            target.add_resource(self.fonts.font(number), Name.Font, Name(_font_name(number)))
        if page.turned and page.kind is not PageKind.MIXED:
            target.obj.Rotate = (_rotation(target) + page.turned) % 360


def _font_name(number: int) -> str:
    return f"/Glyphless{number}"


def _take_out_hidden_text(pdf: pikepdf.Pdf, target: pikepdf.Page) -> None:
    """Leave out what the page's own content shows in the render mode without ink."""
    contents = target.obj.get(Name.Contents)
    streams = list(contents) if isinstance(contents, pikepdf.Array) else [contents] if contents is not None else []
    try:
        if not any(b" Tr" in stream.read_bytes() for stream in streams):
            return
        instructions = pikepdf.parse_content_stream(target)
    except (pikepdf.PdfError, AttributeError, TypeError):
        return
    kept, mode, saved = [], 0, []
    for instruction in instructions:
        operator = str(instruction.operator)
        if operator == "q":
            saved.append(mode)
        elif operator == "Q" and saved:
            mode = saved.pop()
        elif operator == "Tr" and len(instruction.operands) == 1:
            mode = int(instruction.operands[0])
        if mode == _INVISIBLE and operator in _SHOWS:
            continue
        kept.append(instruction)
    if len(kept) < len(instructions):
        target.obj.Contents = pdf.make_stream(pikepdf.unparse_content_stream(kept))


def _rotation(target: pikepdf.Page) -> int:
    rotation = target.rotation
    return rotation % 360 if rotation % 90 == 0 else 0


def _frame(target: pikepdf.Page, page: Page) -> Matrix:
    """The 3 x 3 matrix from points of the upright page, y *up* from its bottom left, to the page's user space.

    It is a turn by right angles and, where the page has a ``/UserUnit``, a scale.
    """
    left, bottom, right, top = _visible(target)
    turned = (_rotation(target) + page.turned) % 360
    wide, high = right - left, top - bottom
    seen_wide, seen_high = turned_size(wide, high, turned)
    scale = np.diag([seen_wide / page.width, seen_high / page.height, 1.0])
    back = {
        0: [[1, 0, left], [0, 1, bottom], [0, 0, 1]],
        90: [[0, -1, right], [1, 0, bottom], [0, 0, 1]],
        180: [[-1, 0, right], [0, -1, top], [0, 0, 1]],
        270: [[0, 1, left], [-1, 0, top], [0, 0, 1]],
    }[turned]
    return np.asarray(np.array(back, float) @ scale, np.float64)


def _visible(target: pikepdf.Page) -> tuple[float, float, float, float]:
    """The part of the page that is seen: the crop box as far as it lies in the media box."""
    media, crop = _corners(target.mediabox), _corners(target.cropbox)
    box = (max(media[0], crop[0]), max(media[1], crop[1]), min(media[2], crop[2]), min(media[3], crop[3]))
    return box if box[0] < box[2] and box[1] < box[3] else media


def _corners(box: pikepdf.Object) -> tuple[float, float, float, float]:
    a, b, c, d = (float(side) for side in list(box))
    return (min(a, c), min(b, d), max(a, c), max(b, d))


def _content(
    target: pikepdf.Page, page: Page, lines: list[list[Word]], fonts: glyphless.Fonts, grain: _Grain
) -> tuple[bytes, set[int]]:
    """The content stream that writes the lines invisibly, and the numbers of the fonts that it names."""
    slope = _slope(lines)
    angle = math.atan(slope)
    frame = _frame(target, page) @ np.array([[1, 0, 0], [0, 1, page.height], [0, 0, 1]], float)
    cos, sin = math.cos(angle), math.sin(angle)
    frame = frame @ np.array([[cos, sin, 0], [-sin, cos, 0], [0, 0, 1]], float) @ np.diag([grain.unit, grain.unit, 1.0])
    (a, c, e), (b, d, f) = frame[:2].tolist()
    pen = _Pen(fonts, grain)
    for line in lines:
        for run in _runs([_placed(word, slope, cos, sin) for word in line]):
            pen.write(run)
    matrix = f"q {a:.5g} {b:.5g} {c:.5g} {d:.5g} {e:.2f} {f:.2f} cm BT {_INVISIBLE} Tr\n".encode()
    return matrix + b"".join(pen.parts) + b"ET Q", pen.used


@dataclass(frozen=True, slots=True)
class _Grain:
    """How finely places are told: in whole ``unit`` (points), widths only if they differ by a share of ``width``."""

    unit: float
    width: float


_FINE, _COARSE = _Grain(0.5, 0.12), _Grain(1.0, 0.25)


@dataclass(frozen=True, slots=True)
class _Placed:
    """A word on the page turned back by its slant: its left end, length, middle (y down) and height, in points."""

    text: str
    x: float
    length: float
    middle: float
    height: float


def _placed(word: Word, slope: float, cos: float, sin: float) -> _Placed:
    x0, y0, x1, y1 = word.box
    rise = (x1 - x0) * slope
    y = (y0 + y1 - rise) / 2
    height = max(y1 - y0 - abs(rise), 0.3 * (y1 - y0), 1.0)
    return _Placed(word.text, x0 * cos + y * sin, max(x1 - x0, 0.5) / cos, y * cos - x0 * sin, height)


def _slope(lines: list[list[Word]]) -> float:
    """The tangent by which the page's lines fall to the right, from their first and last words; 0 if hardly any."""
    slopes = []
    for line in lines:
        first, last = line[0].box, line[-1].box
        run = (last[0] + last[2] - first[0] - first[2]) / 2
        if run > 10 * (first[3] - first[1]):
            slopes.append((last[1] + last[3] - first[1] - first[3]) / 2 / run)
    found = median(slopes) if len(slopes) >= 3 else 0.0
    return found if _SLANTED < abs(found) < 0.3 else 0.0


def _runs(line: list[_Placed]) -> Iterator[list[_Placed]]:
    """Parts of a line whose words are of one size and stand at one height."""
    run: list[_Placed] = []
    for word in line:
        if run:
            first = run[0]
            far = abs(word.middle - first.middle) > _OTHER_SIZE * first.height
            if far or abs(word.height - first.height) > _OTHER_SIZE * first.height or word.x < run[-1].x:
                yield run
                run = []
        run.append(word)
    if run:
        yield run


class _Pen:
    """Writes runs of words as text operators (ISO 32000-2, 9.4); what already holds is not said again."""

    def __init__(self, fonts: glyphless.Fonts, grain: _Grain) -> None:
        self.parts: list[bytes] = []
        self.used: set[int] = set()
        self._fonts = fonts
        self._grain = grain
        self._font = (-1, 0)
        self._stretch = 100
        self._x = self._base = 0

    def write(self, run: list[_Placed]) -> None:
        """One size and base line for all words of the run, and for each its start and its width."""
        unit = self._grain.unit
        size = max(1, round(median(word.height for word in run) / unit))
        if abs(size - self._font[1]) <= _SAME_SIZE * size:  # an engine's boxes are as tall as a line's tallest letters
            size = self._font[1]
        base = -round(median(word.middle for word in run) / unit + (0.5 - glyphless.DESCENT) * size)
        for word in run:
            number, string = self._fonts.encode(word.text + " ")
            self.used.add(number)
            x = round(word.x / unit)
            own = glyphless.ADVANCE * size * len(word.text)
            exact = 100 * word.length / unit / own
            stretch = max(_STRETCH, _STRETCH * round(exact / _STRETCH))
            if abs(exact - self._stretch) <= self._grain.width * exact:
                stretch = self._stretch
            if (number, size) != self._font:
                self.parts.append(f"{_font_name(number)} {size} Tf\n".encode())
                self._font = (number, size)
            if (x, base) != (self._x, self._base):
                self.parts.append(f"{x - self._x} {base - self._base} Td".encode())
                self._x, self._base = x, base
            if stretch != self._stretch:
                self.parts.append(f" {stretch} Tz".encode())
                self._stretch = stretch
            self.parts.append(string + b"Tj\n")
