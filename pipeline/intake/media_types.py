"""What a file is, told by its first bytes and never by its name.

Threat: programs, web pages and archives that are named like documents, and files that are two things at once. Only
six kinds pass; a file is the kind that its very first bytes say, and a PDF only where nothing else was said
before (printers put job commands before ``%PDF-``; ISO 32000-1, annex H: readers look in the first 1,024 bytes).
Nothing is parsed here: of XML only the root's start tag is looked at, as text.
"""

from __future__ import annotations

import codecs
import os
import re
from pathlib import Path

PDF, TIFF, PNG, JPEG, WEBP, XML = (
    "application/pdf",
    "image/tiff",
    "image/png",
    "image/jpeg",
    "image/webp",
    "application/xml",
)

HEAD_BYTES = 65_536
_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"\xff\xd8\xff", JPEG),
    (b"II*\0", TIFF),
    (b"MM\0*", TIFF),
    (b"II+\0", TIFF),  # BigTIFF
    (b"MM\0+", TIFF),
)
_INVOICE_NAMESPACES = (
    "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice",
    "urn:ferd:CrossIndustryDocument",  # ZUGFeRD 1
    "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2",
    "urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2",
    "http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader",  # Peppol's envelope
)
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
)
_MISC = re.compile(r"\s+|<\?.*?\?>|<!--.*?-->", re.DOTALL)
_DOCTYPE = re.compile(r"<!DOCTYPE[^\[>]*(\[.*?\]\s*)?>", re.DOTALL)
_START_TAG = re.compile(r"<([A-Za-z_][\w.:-]*)((?:[^>\"']|\"[^\"]*\"|'[^']*')*)>")


def sniff(path: Path) -> str | None:
    """The media type of a file, or None where it is no kind that we read.

    Raises:
        OSError: it can't be opened, or it is a symbolic link.
    """
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        return sniff_head(os.pread(handle, HEAD_BYTES, 0))
    finally:
        os.close(handle)


def sniff_head(head: bytes) -> str | None:
    """The same, from the first `HEAD_BYTES` bytes (or all there are)."""
    for magic, media_type in _MAGIC:
        if head.startswith(magic):
            return media_type
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return WEBP
    if b"%PDF-" in head[:1024]:
        return PDF
    return XML if _is_invoice(head) else None


def may_become_known(head: bytes, size: int) -> bool:
    """Whether a file of unknown type may just not be written yet: empty, only a beginning, or zeros at the front."""
    if size == 0 or not head.strip(b"\0"):
        return True
    magics = [magic for magic, _ in _MAGIC] + [b"%PDF-", b"RIFF"]
    return any(magic.startswith(head) for magic in magics) or head[:8] == b"\0" * 8


def xml_text(data: bytes) -> str:
    """XML bytes as text for a look at its tags; what can't be decoded is replaced."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding, errors="replace")
    return data.decode("utf-8", errors="replace")


def root_tag(text: str) -> tuple[str, str] | None:
    """Name (with prefix) and attributes of the root's start tag, or None where there is none to be seen."""
    position = 0
    while match := (_MISC.match(text, position) or _DOCTYPE.match(text, position)):
        position = match.end()
    tag = _START_TAG.match(text, position)
    return (tag.group(1), tag.group(2)) if tag else None


def _is_invoice(head: bytes) -> bool:
    text = xml_text(head).lstrip("\ufeff \t\r\n\0")
    if not text.startswith("<"):
        return False
    root = root_tag(text)
    return root is not None and any(namespace in root[1] for namespace in _INVOICE_NAMESPACES)
