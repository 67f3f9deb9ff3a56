"""Small files that are whole by the rules of their formats, for tests that never read what is inside."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Mapping

from PIL import Image

CII = "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"


def pdf(text: str) -> bytes:
    """A one-page PDF that says ``text``."""
    from reportlab.pdfgen.canvas import Canvas

    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(300, 200), invariant=1)
    canvas.drawString(20, 150, text)
    canvas.save()
    return out.getvalue()


def image(format_name: str, text: str = "", frames: int = 1) -> bytes:
    """A small picture, in as many frames as asked for; other text, other bytes."""
    colour = sum(text.encode()) % 200
    pictures = [Image.new("L", (64, 48), (colour + step) % 256) for step in range(frames)]
    for number, char in enumerate(text[:64]):
        pictures[0].putpixel((number, 0), ord(char) % 256)
    out = io.BytesIO()
    more = {"save_all": True, "append_images": pictures[1:]} if frames > 1 else {}
    if format_name == "WEBP":
        more["lossless"] = True
    pictures[0].save(out, format_name, **more)
    return out.getvalue()


def xml(text: str = "1") -> bytes:
    """The shell of a CII invoice."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<!-- made by a test -->\n<rsm:CrossIndustryInvoice xmlns:rsm="{CII}">'
        f"<rsm:ExchangedDocument>{text}</rsm:ExchangedDocument></rsm:CrossIndustryInvoice>\n"
    ).encode()


def big_tiff() -> bytes:
    """A BigTIFF of one 1x1 pixel."""
    entries = [(256, 3, 1), (257, 3, 1), (258, 3, 8), (259, 3, 1), (262, 3, 1), (273, 16, 16), (277, 3, 1), (279, 4, 1)]
    table = b"".join(struct.pack("<HHQQ", tag, kind, 1, value) for tag, kind, value in entries)
    return (
        b"II+\0\x08\0\0\0"
        + struct.pack("<Q", 24)
        + b"\x7f".ljust(8, b"\0")
        + struct.pack("<Q", len(entries))
        + table
        + bytes(8)
    )


def archive(files: Mapping[str, bytes], *, packed: bool = True) -> bytes:
    """A ZIP archive of ``files``."""
    out = io.BytesIO()
    method = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
    with zipfile.ZipFile(out, "w", method) as target:
        for name, data in files.items():
            target.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data, method)
    return out.getvalue()
