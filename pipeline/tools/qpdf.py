"""QPDF (through pikepdf): the files embedded in a PDF, and a second count of its pages.

Threat: attachments that inflate without end, wrong or missing names. The stream of an attachment is inflated
here in steps up to the limit; names are taken from ``/UF`` or ``/F``, never from the name tree, and are only
ever shown, never used as paths.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pikepdf

from models.errors import UnreadableDocument
from models.messages import say
from models.settings import Limits
from pipeline.tools.text import clean

_TREE_DEPTH = 12
_NAME_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Attachment:
    """One embedded file: its name for people, and its bytes."""

    name: str
    data: bytes


def version() -> str:
    """Version of pikepdf and QPDF."""
    return f"{pikepdf.__version__} (QPDF {pikepdf.__libqpdf_version__})"


@contextmanager
def open_pdf(path: Path) -> Iterator[pikepdf.Pdf]:
    """Open a PDF.

    Raises:
        UnreadableDocument: it is locked or QPDF can't make sense of it.
    """
    try:
        pdf = pikepdf.open(path, suppress_warnings=True)
    except pikepdf.PasswordError as error:
        raise UnreadableDocument("password", say("The PDF is locked with a password.")) from error
    except (pikepdf.PdfError, ValueError, OSError, RuntimeError) as error:
        raise UnreadableDocument("damaged", f"The PDF can't be opened ({type(error).__name__}).") from error
    with pdf:
        yield pdf


def is_locked(path: Path) -> bool:
    """Whether QPDF says that the file needs a password."""
    try:
        with open_pdf(path):
            return False
    except UnreadableDocument as error:
        return error.code == "password"


def longest_side(pdf: pikepdf.Pdf) -> float:
    """The longest side of any page in points, user units counted in (ISO 32000-2, 14.11.2); 0 where none is sane."""
    longest = 0.0
    for page in pdf.pages:
        try:
            x0, y0, x1, y1 = (float(side) for side in page.mediabox)
            unit = float(_get(page.obj, "/UserUnit") or 1)
        except (ValueError, TypeError, AttributeError, KeyError, pikepdf.PdfError):
            continue
        longest = max(longest, unit * abs(x1 - x0), unit * abs(y1 - y0))
    return longest


def page_count(pdf: pikepdf.Pdf) -> int:
    """How many pages QPDF finds."""
    return len(pdf.pages)


def xml_attachments(pdf: pikepdf.Pdf, limits: Limits) -> list[Attachment]:
    """The embedded files that look like XML, from the name tree and from ``/AF``.

    Raises:
        UnreadableDocument: more attachments, or a larger one, than the limits allow.
    """
    found: list[Attachment] = []
    for count, spec in enumerate(file_specifications(pdf), start=1):
        if count > limits.attachments:
            raise UnreadableDocument(
                "limit:attachments", f"A PDF with more than {limits.attachments} embedded files is over the limit."
            )
        stream = _stream(spec)
        if stream is None:
            continue
        if len(stream.read_raw_bytes()) > limits.attachment_bytes:
            raise UnreadableDocument("limit:attachment_bytes", say("An embedded file is larger than the limits allow."))
        name = _name(spec)
        if name.lower().endswith(".xml") or _inflate(stream, 256).lstrip(b"\xef\xbb\xbf \t\r\n\0").startswith(b"<"):
            data = _inflate(stream, limits.xml_bytes + 1)
            if len(data) > limits.xml_bytes:
                raise UnreadableDocument(
                    "limit:xml_bytes", say("An embedded XML file is larger than the limits allow.")
                )
            found.append(Attachment(name, data))
    return found


def file_specifications(pdf: pikepdf.Pdf) -> Iterator[pikepdf.Object]:
    """Each file specification once, wherever it hangs (ISO 32000-2, 7.11.4 and 14.13)."""
    seen: set[tuple[int, int]] = set()
    roots: list[pikepdf.Object] = []
    names = _get(pdf.Root, "/Names")
    tree = _get(names, "/EmbeddedFiles") if names is not None else None
    if tree is not None:
        roots.extend(_leaves(tree, _TREE_DEPTH))
    associated = _get(pdf.Root, "/AF")
    if isinstance(associated, pikepdf.Array):
        roots.extend(list(associated))
    for spec in roots:
        if not isinstance(spec, pikepdf.Dictionary):
            continue
        stream = _stream(spec)
        key = stream.objgen if stream is not None else (0, 0)
        if stream is None or key in seen:
            continue
        seen.add(key)
        yield spec


def _leaves(node: pikepdf.Object, depth: int) -> Iterator[pikepdf.Object]:
    """The values of a name tree (ISO 32000-2, 7.9.6), not following a loop for ever."""
    if depth == 0 or not isinstance(node, pikepdf.Dictionary):
        return
    pairs = _get(node, "/Names")
    if isinstance(pairs, pikepdf.Array):
        yield from list(pairs)[1::2]
    kids = _get(node, "/Kids")
    if isinstance(kids, pikepdf.Array):
        for kid in list(kids)[:1000]:
            yield from _leaves(kid, depth - 1)


def _get(node: pikepdf.Object, key: str) -> pikepdf.Object | None:
    if not isinstance(node, pikepdf.Dictionary | pikepdf.Stream):
        return None
    value: pikepdf.Object | None = node.get(key)
    return value


def _stream(spec: pikepdf.Object) -> pikepdf.Stream | None:
    files = _get(spec, "/EF")
    for key in ("/UF", "/F"):
        stream = _get(files, key) if files is not None else None
        if isinstance(stream, pikepdf.Stream):
            return stream
    return None


def _name(spec: pikepdf.Object) -> str:
    for key in ("/UF", "/F"):
        value = _get(spec, key)
        if value is not None:
            text = clean(str(value)).strip()
            if text:
                return text[:_NAME_LENGTH]
    return "attachment"


def _inflate(stream: pikepdf.Stream, most: int) -> bytes:
    """The first ``most`` bytes of a stream's content, without ever making more."""
    filters = _get(stream, "/Filter")
    name = str(filters[0]) if isinstance(filters, pikepdf.Array) and len(filters) == 1 else str(filters)
    data = stream.read_raw_bytes()
    if filters is None or (isinstance(filters, pikepdf.Array) and len(filters) == 0):
        return bytes(data[:most])
    if name == "/FlateDecode" and _get(stream, "/DecodeParms") is None:
        try:
            return zlib.decompressobj().decompress(data, most)
        except zlib.error:
            return b""
    try:
        return bytes(stream.read_bytes()[:most])  # rare filters; memory is limited by the cage
    except (pikepdf.PdfError, ValueError, RuntimeError):
        return b""
