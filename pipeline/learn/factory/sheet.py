"""A page to draw on, with the origin at the top left and points as the unit."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from reportlab.graphics.barcode import qrencoder
from reportlab.lib.colors import Color, HexColor
from reportlab.pdfgen.canvas import Canvas

from models.records import Box, Code, Page, Reading, Source, Word
from pipeline.learn.factory.fonts import face, width

A4 = (595.28, 841.89)
Runner = Callable[["Sheet", int, int], None]
Show = str | Mapping[str, str]
"""The field that a text is the value of; or, where it is only a part of the text, the fields and their parts."""
_FROM_THE_START: Mapping[str, int] = MappingProxyType({})
_NEXT_LINE = 2.4  # a value goes on in the next line if that is at most so many heights of a letter below


class Sheet:
    """A PDF being drawn; the same calls give the same bytes (reportlab's ``invariant``).

    ``runner`` is called once a page, when all pages are known, to draw what repeats (page numbers, footers).
    """

    def __init__(self, size: tuple[float, float] = A4, family: str = "sans", points: float = 9.0) -> None:
        self.width, self.height = size
        self.family, self.points = family, points
        self.pages = 1
        self.runner: Runner | None = None
        self._finished = False
        self._pages: list[list[Callable[[Canvas], None]]] = [[]]
        self._written: list[list[tuple[float, float, str, float, tuple[str, bool]]]] = [[]]
        self._page = 1
        self._codes: list[tuple[int, Code]] = []
        self._shown: dict[str, list[tuple[int, Box, bool]]] = {}

    def _draw(self, step: Callable[[Canvas], None]) -> None:
        self._pages[-1].append(step)

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float | None = None,
        bold: bool = False,
        align: str = "left",
        colour: str = "#000000",
        family: str = "",
        show: Show = "",
    ) -> float:
        """Write one line with its baseline at ``y`` and note where field ``show`` stands; returns its width."""
        size, family = size or self.points, family or self.family
        font = face(family, bold)
        long = width(text, family, size, bold)
        left = x - (long if align == "right" else long / 2 if align == "centre" else 0)
        for field, part in ({show: text} if isinstance(show, str) else show).items():
            at = text.find(part)
            if field and part.strip() and at >= 0:
                begin = left + width(text[:at], family, size, bold)
                end = begin + width(part, family, size, bold)
                self.note(field, (begin, y - 0.78 * size, end, y + 0.22 * size), whole=not isinstance(show, str))

        def step(canvas: Canvas) -> None:
            canvas.setFillColor(HexColor(colour))
            canvas.setFont(font, size)
            canvas.drawString(left, self.height - y, text)

        if text:
            self._draw(step)
            self._written[-1].append((left, y, text, size, (family, bold)))
        return long

    def note(self, field: str, box: Box, *, whole: bool = False) -> None:
        """Note that ``field`` stands in ``box`` on this page; if not ``whole`` it may go on in the next line."""
        self._shown.setdefault(field, []).append((self._page, box, whole))

    def rename(self, names: Mapping[str, str]) -> None:
        """Give fields that were noted other names; those that ``names`` does not name are forgotten."""
        self._shown = {names[field]: places for field, places in self._shown.items() if field in names}

    @property
    def places(self) -> frozenset[str]:
        """The fields that were written so far."""
        return frozenset(self._shown)

    @property
    def boxes(self) -> dict[str, tuple[int, Box]]:
        """Where each field was written first, all lines of it together: page from 1, box in points."""
        self._finish()
        found = {}
        for field, places in self._shown.items():
            first = min(range(len(places)), key=lambda number: places[number][0])
            page, box, alone = places[first]
            for other, more, whole in places[first + 1 :]:
                x0, y0, x1, y1 = box
                if (
                    alone
                    or whole
                    or other != page
                    or more[1] - y1 > _NEXT_LINE * (more[3] - more[1])
                    or more[1] < y0 - 1
                ):
                    break
                box = (min(x0, more[0]), min(y0, more[1]), max(x1, more[2]), max(y1, more[3]))
            found[field] = (page, box)
        return found

    def paragraph(self, x: float, y: float, text: str, across: float, **style: object) -> float:
        """Write ``text`` in lines of at most ``across`` points; returns the y of the next line."""
        size = style.get("size") or self.points
        assert isinstance(size, float | int)
        for line in self.wrap(text, across, size, bool(style.get("bold"))):
            self.text(x, y, line, **style)  # type: ignore[arg-type]
            y += size * 1.3
        return y

    def flow(  # noqa: PLR0917 - where and what
        self, x: float, y: float, text: str, across: float, shown: Mapping[str, str],
        since: Mapping[str, int] = _FROM_THE_START, **style: Any,
    ) -> float:  # fmt: skip
        """Write ``text`` in lines as `paragraph` does, and note where the parts of it stand that ``shown`` names.

        ``since`` says from which letter of the text on a part is meant, where it is not the first like it.
        """
        size, family = style.get("size") or self.points, style.get("family") or self.family
        bold = bool(style.get("bold"))
        found = {field: text.find(part, since.get(field, 0)) for field, part in shown.items()}
        at = 0
        for line in self.wrap(text, across, size, bold, family):
            self.text(x, y, line, **style)
            for field, start in found.items():
                first, last = max(start, at) - at, min(start + len(shown[field]), at + len(line)) - at
                if start >= 0 and line[max(0, first) : max(0, last)].strip():
                    begin = x + width(line[:first], family, size, bold)
                    end = begin + width(line[first:last], family, size, bold)
                    whole = last - first == len(shown[field])
                    self.note(field, (begin, y - 0.78 * size, end, y + 0.22 * size), whole=whole)
            at += len(line) + 1
            y += size * 1.3
        return y

    def wrap(
        self, text: str, across: float, size: float | None = None, bold: bool = False, family: str = ""
    ) -> list[str]:
        """Break ``text`` between words into lines of at most ``across`` points."""
        lines: list[str] = []
        for word in text.split(" "):
            longer = f"{lines[-1]} {word}" if lines else word
            if lines and width(longer, family or self.family, size or self.points, bold) <= across:
                lines[-1] = longer
            else:
                lines.append(word)
        return lines

    def rule(  # noqa: PLR0917 - four numbers make a line
        self, x0: float, y0: float, x1: float, y1: float, thick: float = 0.6, colour: str = "#000000"
    ) -> None:
        """Draw a straight line."""

        def step(canvas: Canvas) -> None:
            canvas.setStrokeColor(HexColor(colour))
            canvas.setLineWidth(thick)
            canvas.line(x0, self.height - y0, x1, self.height - y1)

        self._draw(step)

    def box(
        self,
        x0: float,
        y0: float,
        x1: float,
        y1: float,
        *,
        fill: str = "",
        line: str = "#000000",
        thick: float = 0.6,
        corner: float = 0.0,
    ) -> None:
        """Draw a rectangle; without ``line`` it has no border, without ``fill`` it is empty."""

        def step(canvas: Canvas) -> None:
            canvas.setLineWidth(thick)
            canvas.setStrokeColor(HexColor(line) if line else Color(0, 0, 0))
            canvas.setFillColor(HexColor(fill) if fill else Color(0, 0, 0))
            canvas.roundRect(
                x0, self.height - y1, x1 - x0, y1 - y0, corner, stroke=int(bool(line)), fill=int(bool(fill))
            )

        self._draw(step)

    def disc(self, x: float, y: float, radius: float, fill: str) -> None:
        """Draw a filled circle, for logos."""

        def step(canvas: Canvas) -> None:
            canvas.setFillColor(HexColor(fill))
            canvas.circle(x, self.height - y, radius, stroke=0, fill=1)

        self._draw(step)

    def curve(self, points: list[tuple[float, float]], thick: float = 1.0, colour: str = "#1c2f6b") -> None:
        """Draw a smooth line through every third of ``points`` (Bézier curves): a signature, a tick."""

        def step(canvas: Canvas) -> None:
            canvas.setStrokeColor(HexColor(colour))
            canvas.setLineWidth(thick)
            path = canvas.beginPath()
            path.moveTo(points[0][0], self.height - points[0][1])
            for start in range(1, len(points) - 2, 3):
                path.curveTo(*(number for x, y in points[start : start + 3] for number in (x, self.height - y)))
            canvas.drawPath(path)

        self._draw(step)

    @property
    def low(self) -> float:
        """The lowest line of text on this page, without what repeats on every page."""
        return max((line[1] for line in self._written[-1]), default=0.0)

    def code(self, x: float, y: float, side: float, text: str) -> None:
        """Draw a QR code with its upper left corner at ``x``, ``y``."""
        maker = qrencoder.QRCode(None, qrencoder.QRErrorCorrectLevel.M)
        maker.addData(qrencoder.QR8bitByte(text.encode()))
        maker.make()
        count = maker.getModuleCount()
        one = side / count

        def step(canvas: Canvas) -> None:
            canvas.setFillColor(HexColor("#000000"))
            for row in range(count):
                for column in range(count):
                    if maker.isDark(row, column):
                        left, top = x + column * one, self.height - y - (row + 1) * one
                        canvas.rect(left, top, one * 1.01, one * 1.01, stroke=0, fill=1)

        self._draw(step)
        self._codes.append((self._page, Code("QRCode", text, (x, y, x + side, y + side))))

    def new_page(self) -> None:
        """Go on to the next page."""
        self._pages.append([])
        self._written.append([])
        self._page = len(self._pages)
        self.pages = len(self._pages)

    def _finish(self) -> None:
        """Draw what repeats on every page, once."""
        if self._finished:
            return
        self._finished = True
        pages, written = self._pages, self._written
        for number in range(len(pages)) if self.runner else ():
            self._pages, self._written = [pages[number]], [written[number]]
            self._page = number + 1
            assert self.runner is not None
            self.runner(self, number + 1, len(pages))
        self._pages, self._written = pages, written

    def reading(self) -> Reading:
        """What a perfect reader would read: the words line by line, from the top."""
        self._finish()
        pages = []
        for number, lines in enumerate(self._written, 1):
            words = []
            for left, y, text, size, (family, bold) in sorted(lines, key=lambda line: (round(line[1] / 4), line[0])):
                blank = width(" ", family, size, bold)
                x = left
                for part in text.replace("\u00a0", " ").split(" "):
                    long = width(part, family, size, bold)
                    if part:
                        words.append(Word(part, (x, y - 0.78 * size, x + long, y + 0.22 * size)))
                    x += long + blank
            codes = tuple(code for page, code in self._codes if page == number)
            pages.append(Page(number, self.width, self.height, Source.TEXT, tuple(words), codes=codes))
        return Reading("application/pdf", tuple(pages))

    def pdf(self, title: str = "") -> bytes:
        """The bytes of the finished PDF."""
        self._finish()
        out = io.BytesIO()
        canvas = Canvas(out, pagesize=(self.width, self.height), invariant=1, pageCompression=1)
        canvas.setTitle(title)
        canvas.setCreator("podatelna document factory")
        for steps in self._pages:
            for step in steps:
                step(canvas)
            canvas.showPage()
        canvas.save()
        return out.getvalue()
