"""A font without a mark on paper: text that can be searched and copied, but has no look of its own.

One TrueType font of one glyph, a line there and back of no area, is embedded once in a PDF (1 kB with its maps). A
code is the UTF-16BE unit of its character and every code shows that glyph, so one font serves all scripts (the
approach of Tesseract's and OCRmyPDF's glyphless fonts; ISO 32000-2, 9.7.4 and 9.10.3).
"""

from __future__ import annotations

import struct
from collections.abc import Iterable

import pikepdf
from pikepdf import Array, Dictionary, Name

ADVANCE = 0.5
"""The width of every character, of the font's size."""
DESCENT = 0.2
"""How far a line reaches below its base line, of the font's size; the rest is above it."""

_UNITS = 1000


def embed(pdf: pikepdf.Pdf) -> pikepdf.Object:
    """Put the font into ``pdf``; the result is the font dictionary to name in a page's resources.

    When all text is written, `say_characters` must complete it.
    """
    program = pdf.make_stream(_true_type())
    program.Length1 = len(program.read_bytes())
    wide = round(ADVANCE * _UNITS)
    up, down = round((1 - DESCENT) * _UNITS), -round(DESCENT * _UNITS)
    descriptor = pdf.make_indirect(
        Dictionary(
            Type=Name.FontDescriptor,
            FontName=Name.PodatelnaGlyphless,
            Flags=5,  # fixed pitch, symbolic
            FontBBox=Array([0, down, wide, up]),
            ItalicAngle=0,
            Ascent=up,
            Descent=down,
            CapHeight=up,
            StemV=80,
            FontFile2=program,
        )
    )
    system = Dictionary(Registry=pikepdf.String("Adobe"), Ordering=pikepdf.String("Identity"), Supplement=0)
    descendant = Dictionary(
        Type=Name.Font,
        Subtype=Name.CIDFontType2,
        BaseFont=Name.PodatelnaGlyphless,
        CIDSystemInfo=system,
        FontDescriptor=descriptor,
        DW=wide,
        CIDToGIDMap=pdf.make_stream(b"\x00\x01" * 65536),
    )
    return pdf.make_indirect(
        Dictionary(
            Type=Name.Font,
            Subtype=Name.Type0,
            BaseFont=Name.PodatelnaGlyphless,
            Encoding=Name("/Identity-H"),
            DescendantFonts=Array([pdf.make_indirect(descendant)]),
        )
    )


def string(text: str) -> bytes:
    """``text`` as a literal string of a content stream in this font."""
    data = text.encode("utf-16-be", "replace")
    for mark in (b"\\", b"(", b")"):
        data = data.replace(mark, b"\\" + mark)
    return b"(" + data.replace(b"\r", b"\\r").replace(b"\n", b"\\n") + b")"


def say_characters(pdf: pikepdf.Pdf, font: pikepdf.Object, text: Iterable[str]) -> None:
    """Give the font its map to Unicode, of the characters in ``text``: each code is the character itself.

    A range may not cross a change of the first byte (ISO 32000-2, 9.10.3).
    """
    rows = sorted({unit >> 8 for unit in _units("".join(set(text)))})
    ranges = [f"<{high:02x}00> <{high:02x}ff> <{high:02x}00>" for high in rows]
    parts = [ranges[start : start + 100] for start in range(0, len(ranges), 100)]
    body = "\n".join(f"{len(part)} beginbfrange\n" + "\n".join(part) + "\nendbfrange" for part in parts)
    font.ToUnicode = pdf.make_stream(
        (
            "/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n"
            "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
            "/CMapName /Adobe-Identity-UCS def /CMapType 2 def\n"
            "1 begincodespacerange <0000> <ffff> endcodespacerange\n"
            f"{body}\nendcmap CMapName currentdict /CMap defineresource pop end end"
        ).encode()
    )


def _units(text: str) -> tuple[int, ...]:
    data = text.encode("utf-16-be", "replace")
    return struct.unpack(f">{len(data) // 2}H", data)


def _true_type() -> bytes:
    """The smallest TrueType font that a PDF may embed: tables by the OpenType specification, 1.9."""
    wide, up, down = round(ADVANCE * _UNITS), round((1 - DESCENT) * _UNITS), -round(DESCENT * _UNITS)
    head = struct.pack(
        ">IIIIHHqqhhhhHHhhh", 0x10000, 0x10000, 0, 0x5F0F3CF5, 3, _UNITS, 0, 0, 0, down, wide, up, 0, 8, 2, 0, 0
    )
    # PDFium takes the box of a character from its outline, and drops upright text whose boxes are empty
    glyph = struct.pack(">hhhhhHHBBhhhh", 1, 0, down, wide, up, 1, 0, 1, 1, 0, wide, down, up - down)
    tables = {
        b"glyf": glyph,
        b"head": head,
        b"hhea": struct.pack(">IhhhHhhhhhhhhhhhH", 0x10000, up, down, 0, wide, 0, 0, wide, 1, 0, 0, 0, 0, 0, 0, 0, 2),
        b"hmtx": struct.pack(">HhHh", wide, 0, wide, 0),
        b"loca": struct.pack(">HHH", 0, 0, len(glyph) // 2),
        b"maxp": struct.pack(">IHHHHHHHHHHHHHH", 0x10000, 2, 2, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0),
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
