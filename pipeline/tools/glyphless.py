"""Fonts without a mark on paper: text that can be searched and copied, but has no look of its own.

One TrueType program of one glyph, a line there and back of no area, serves all fonts of a PDF and all scripts (the idea
of Tesseract's and OCRmyPDF's glyphless fonts). A code is one byte, for a scanned fax page may be smaller than its text
in two; where a document has more than 220 different characters a second font takes the others
(ISO 32000-2, 9.6.3 and 9.10.3).
"""

from __future__ import annotations

import struct

import pikepdf
from pikepdf import Array, Dictionary, Name

ADVANCE = 0.5
"""The width of every character, of the font's size."""
DESCENT = 0.2
"""How far a line reaches below its base line, of the font's size; the rest is above it."""

_UNITS = 1000
_WIDE, _UP, _DOWN = round(ADVANCE * _UNITS), round((1 - DESCENT) * _UNITS), -round(DESCENT * _UNITS)
_OWN = frozenset((*range(0x20, 0x7F), *range(0xA1, 0x100)))  # codes that stand for the character of that number
_FREE = (*range(0x80, 0xA1), *range(0x01, 0x20))  # codes for all others
_ESCAPES = {ord("\\"): b"\\\\", ord("("): b"\\(", ord(")"): b"\\)", 0x0D: b"\\r", 0x0A: b"\\n"}


class Fonts:
    """The fonts of one PDF. Text is encoded first; `embed` puts what it needs into the file."""

    def __init__(self, pdf: pikepdf.Pdf) -> None:
        self._pdf = pdf
        self._codes: list[dict[str, int]] = []
        self._fonts: list[pikepdf.Object] = []

    def encode(self, text: str) -> tuple[int, bytes]:
        """The number of the font that ``text`` is to be shown in, and the literal string for a content stream."""
        for number in range(len(self._codes) + 1):
            if number == len(self._codes):
                self._codes.append({})
                self._fonts.append(self._pdf.make_indirect(Dictionary()))
            codes = self._codes[number]
            if all(char in codes for char in text) or self._take_in(codes, text):
                break
        data = bytes(codes.get(char, 0x3F) for char in text)  # a word of more strange characters than a font holds
        return number, b"(" + b"".join(_ESCAPES.get(code) or bytes((code,)) for code in data) + b")"

    def font(self, number: int) -> pikepdf.Object:
        """The font dictionary to name in a page's resources; it is complete after `embed`."""
        return self._fonts[number]

    def embed(self) -> None:
        """Complete the fonts, after the last text was encoded."""
        if not self._codes:
            return
        program = self._pdf.make_stream(_true_type())
        program.Length1 = len(program.read_bytes())
        descriptor = self._pdf.make_indirect(
            Dictionary(
                Type=Name.FontDescriptor,
                FontName=Name.PodatelnaGlyphless,
                Flags=5,  # fixed pitch, symbolic: codes go through the font's own map
                FontBBox=Array([0, _DOWN, _WIDE, _UP]),
                ItalicAngle=0,
                Ascent=_UP,
                Descent=_DOWN,
                CapHeight=_UP,
                StemV=80,
                FontFile2=program,
            )
        )
        widths = self._pdf.make_indirect(Array([_WIDE] * 256))
        for font, codes in zip(self._fonts, self._codes, strict=True):
            font.Type, font.Subtype, font.BaseFont = Name.Font, Name.TrueType, Name.PodatelnaGlyphless
            font.FirstChar, font.LastChar, font.Widths = 0, 255, widths
            font.FontDescriptor = descriptor
            font.ToUnicode = self._pdf.make_stream(_to_unicode(codes))

    @staticmethod
    def _take_in(codes: dict[str, int], text: str) -> bool:
        """Give the new characters codes if there are enough; a font that can't hold all of a word takes none."""
        new = [char for char in dict.fromkeys(text) if char not in codes]
        own = [char for char in new if ord(char) in _OWN]
        others = [char for char in new if ord(char) not in _OWN]
        taken = set(codes.values())
        free = [code for code in _FREE if code not in taken]
        if len(others) > len(free) and codes:
            return False
        codes.update((char, ord(char)) for char in own)
        codes.update(zip(others, free, strict=False))
        return True


def _to_unicode(codes: dict[str, int]) -> bytes:
    """The map from codes to characters: the codes that are the character itself in two ranges, others one by one."""
    others = [(code, char) for char, code in sorted(codes.items(), key=lambda item: item[1]) if code not in _OWN]
    lines = [f"<{code:02x}> <{char.encode('utf-16-be', 'replace').hex()}>" for code, char in others]
    body = "2 beginbfrange <20> <7e> <0020> <a1> <ff> <00a1> endbfrange\n"
    if lines:
        body += f"{len(lines)} beginbfchar\n" + "\n".join(lines) + "\nendbfchar\n"
    return (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n"
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
        "/CMapName /Adobe-Identity-UCS def /CMapType 2 def\n"
        f"1 begincodespacerange <00> <ff> endcodespacerange\n{body}"
        "endcmap CMapName currentdict /CMap defineresource pop end end"
    ).encode()


def _true_type() -> bytes:
    """The smallest TrueType font that a PDF may embed: tables by the OpenType specification, 1.9."""
    # PDFium takes the box of a character from its outline, and drops upright text whose boxes are empty
    glyph = struct.pack(">hhhhhHHBBhhhh", 1, 0, _DOWN, _WIDE, _UP, 1, 0, 1, 1, 0, _WIDE, _DOWN, _UP - _DOWN)
    head = struct.pack(
        ">IIIIHHqqhhhhHHhhh", 0x10000, 0x10000, 0, 0x5F0F3CF5, 3, _UNITS, 0, 0, 0, _DOWN, _WIDE, _UP, 0, 8, 2, 0, 0
    )
    tables = {
        b"cmap": struct.pack(">HHHHIHHH", 0, 1, 1, 0, 12, 0, 262, 0) + b"\1" * 256,
        b"glyf": glyph,
        b"head": head,
        b"hhea": struct.pack(">IhhhHhhhhhhhhhhhH", 0x10000, _UP, _DOWN, 0, _WIDE, 0, 0, _WIDE, 1, *[0] * 7, 2),
        b"hmtx": struct.pack(">HhHh", _WIDE, 0, _WIDE, 0),
        b"loca": struct.pack(">HHH", 0, 0, len(glyph) // 2),
        b"maxp": struct.pack(">IHHHHHHHHHHHHHH", 0x10000, 2, 2, 1, 0, 0, 1, *[0] * 8),
    }
    power = len(tables).bit_length() - 1
    header = struct.pack(">IHHHH", 0x10000, len(tables), 16 << power, power, 16 * len(tables) - (16 << power))
    offset = len(header) + 16 * len(tables)
    directory, body = b"", b""
    for tag, data in sorted(tables.items()):
        directory += struct.pack(">4sIII", tag, _checksum(data), offset + len(body), len(data))
        body += data + b"\0" * (-len(data) % 4)
    font = bytearray(header + directory + body)
    place = font.index(head) + 8
    struct.pack_into(">I", font, place, (0xB1B0AFBA - _checksum(bytes(font))) & 0xFFFFFFFF)
    return bytes(font)


def _checksum(data: bytes) -> int:
    padded = data + b"\0" * (-len(data) % 4)
    total: int = sum(struct.unpack(f">{len(padded) // 4}I", padded))
    return total & 0xFFFFFFFF
