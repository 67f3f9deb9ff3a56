"""What a file is, told by its first bytes and never by its name.

Threat: programs, web pages and archives that are named like documents, and files that are two things at once. Only
eight kinds pass, the last one, a signed envelope, only to be refused with its reason; of archives only one that holds
an ``.isdoc``; a file is the kind that its very first bytes say, and a PDF only where nothing else was said
before (printers put job commands before ``%PDF-``; ISO 32000-1, annex H: readers look in the first 1,024 bytes).
Nothing is parsed here: of XML only the root's start tag is looked at, as text.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import os
import re
import struct
from pathlib import Path

from models.errors import UnreadableDocument
from models.messages import Message, say
from pipeline.tools import zips

PDF, TIFF, PNG, JPEG, WEBP, XML, ISDOCX, SIGNED = (
    "application/pdf",
    "image/tiff",
    "image/png",
    "image/jpeg",
    "image/webp",
    "application/xml",
    "application/x-isdocx",
    "application/pkcs7-mime",
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
_ARCHIVES = (zips.MAGIC, b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b")  # ZIP, RAR, 7z, gzip
_OFFICE = ("[content_types].xml", "mimetype")  # in the ZIP of an office document, which nobody wants unpacked
EMPTY = say("The file is empty.")
"""Why a file without a byte is refused."""
ARCHIVE = say("It is an archive; nothing in it was read.")
"""Why an archive of other files is refused."""
UNKNOWN = say("Its first bytes are those of no kind of file that we read.")
"""Why any other file is refused whose kind we don't know."""
_INVOICE_NAMESPACES = (
    "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice",
    "urn:ferd:CrossIndustryDocument",  # ZUGFeRD 1
    "urn:un:unece:uncefact:data:standard:CBFBUY:",  # its drafts
    "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2",
    "urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2",
    "http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader",  # Peppol's envelope
    "http://isdoc.cz/namespace/",
    "http://ivaservizi.agenziaentrate.gov.it/docs/xsd/fatture/v1",  # FatturaPA 1.2
    "http://www.fatturapa.gov.it/sdi/fatturapa/v1",  # FatturaPA 1.0 and 1.1
)
_SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")  # object identifier 1.2.840.113549.1.7.2 (RFC 5652)
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
        return sniff_open(handle, os.fstat(handle).st_size)
    finally:
        os.close(handle)


def media_type_of(path: Path) -> str:
    """The media type of a file.

    Raises:
        UnreadableDocument: with the code ``type``: it is no kind that we read.
        OSError: it can't be opened, or it is a symbolic link.
    """
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        size = os.fstat(handle).st_size
        media_type = sniff_open(handle, size)
        if media_type is None:
            raise UnreadableDocument("type", why_unknown(handle, size))
        return media_type
    finally:
        os.close(handle)


def why_unknown(handle: int, size: int) -> Message:
    """Why an open file of ``size`` bytes, whose kind we don't know, is refused: `EMPTY`, `ARCHIVE` or `UNKNOWN`."""
    if size == 0:
        return EMPTY
    head = os.pread(handle, HEAD_BYTES, 0)
    if not head.startswith(_ARCHIVES):
        return UNKNOWN
    listed = zips.entries(handle, size) if head.startswith(zips.MAGIC) else None
    return UNKNOWN if any(one.name.lower() in _OFFICE for one in listed or ()) else ARCHIVE


def sniff_open(handle: int, size: int) -> str | None:
    """The same for an open file of ``size`` bytes; of an archive the list at its end is looked at too."""
    head = os.pread(handle, HEAD_BYTES, 0)
    media_type = sniff_head(head)
    if media_type is None and head.startswith(zips.MAGIC):
        names = (one.name for one in zips.entries(handle, size) or ())
        return ISDOCX if any(name.lower().endswith(".isdoc") for name in names) else None
    return media_type


def sniff_head(head: bytes) -> str | None:
    """The same, as far as the first `HEAD_BYTES` bytes (or all there are) tell."""
    for magic, media_type in _MAGIC:
        if head.startswith(magic):
            return media_type
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return WEBP
    if b"%PDF-" in head[:1024]:
        return PDF
    if head.startswith(zips.MAGIC):
        return ISDOCX if any(name.lower().endswith(b".isdoc") for name in _archived(head)) else None
    if _is_signed(head):
        return SIGNED
    return XML if _is_invoice(head) else None


def _archived(head: bytes) -> list[bytes]:
    """The names of files whose local headers can be seen (APPNOTE 4.3.7)."""
    places = [match.start() for match in re.finditer(re.escape(zips.MAGIC), head[:-30])]
    sizes = [struct.unpack_from("<H", head, place + 26)[0] for place in places]
    return [head[place + 30 : place + 30 + size] for place, size in zip(places, sizes, strict=True)]


def _is_signed(head: bytes) -> bool:
    """Whether it is a CMS envelope (``.p7m``): DER, or that as base64."""
    if not head.startswith(b"0"):
        try:
            head = base64.b64decode(b"".join(head[:200].split())[:80], validate=True)
        except (binascii.Error, ValueError):
            return False
    return head.startswith(b"0") and _SIGNED_DATA in head[:32]


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
