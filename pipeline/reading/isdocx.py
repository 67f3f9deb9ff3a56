"""ISDOCX: a ZIP archive with an ISDOC invoice and the files that belong to it (ISDOC 6.0.2, chapter "ISDOCX").

``manifest.xml`` names the invoice; an archive of version 5 or older has none, and its one ``.isdoc`` is the invoice.
Among the files may be a PDF that shows it: its pages are the document's, and what they say is compared with the data.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from extractors.einvoice import Examined, Supplement, examine
from extractors.einvoice.xml import first, parse
from models.errors import UnreadableDocument
from models.messages import say
from models.records import EInvoice, Finding, Severity
from models.settings import Limits
from pipeline.tools.zips import Archive, open_zip

_MANIFEST = "manifest.xml"
_MANIFEST_BYTES = 1 << 20
_DIGESTS = {"sha1": "sha1", "sha256": "sha256", "sha384": "sha384", "sha512": "sha512"}


def from_isdocx(path: Path, limits: Limits) -> tuple[EInvoice, list[Finding]]:
    """Read the invoice of an archive, and compare the digests of the files that belong to it.

    Raises:
        UnreadableDocument: locked, damaged, over a limit, or no invoice in it.
    """
    with open_zip(path) as archive:
        found = _examined(archive, limits)
        differing = list(_differing(archive, found.supplements[: limits.attachments], limits))
        if len(found.supplements) > limits.attachments:
            differing.append(_finding("The ISDOC names more files than are looked at."))
    return found.einvoice, [*found.findings, *differing]


@contextmanager
def preview(path: Path, limits: Limits) -> Iterator[Path | None]:
    """The PDF in the archive that shows its invoice, as a file for as long as the context lasts; None if there is none.

    It is the one that the invoice calls its preview, else the only PDF that it names.

    Raises:
        UnreadableDocument: as `from_isdocx` does.
    """
    with open_zip(path) as archive:
        listed = _examined(archive, limits).supplements
        shown = [one for one in listed if one.name.lower().endswith(".pdf") and one.name in archive.files]
        chosen = [one for one in shown if one.preview] or shown
        if len(chosen) != 1:
            yield None
            return
        data = archive.read(chosen[0].name, limits.attachment_bytes, "attachment_bytes")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "preview.pdf"
        file.write_bytes(data)
        yield file


def _examined(archive: Archive, limits: Limits) -> Examined:
    name = _main_document(archive)
    try:
        found = examine(archive.read(name, limits.xml_bytes, "xml_bytes"), name)
    except ValueError as error:
        raise UnreadableDocument("damaged", say("The ISDOC in the archive is broken or has a DOCTYPE.")) from error
    if found is None:
        raise UnreadableDocument("type", say("The main document of the archive is no ISDOC invoice."))
    return found


def _main_document(archive: Archive) -> str:
    if _MANIFEST in archive.files:
        try:
            root = parse(archive.read(_MANIFEST, _MANIFEST_BYTES, "xml_bytes"))
        except ValueError as error:
            raise UnreadableDocument("damaged", say("The archive's manifest is broken.")) from error
        main = first(root, "maindocument")
        name = main.get("filename", "") if main is not None else ""
        if name not in archive.files:
            raise UnreadableDocument("damaged", say("The archive lacks the document that its manifest names."))
        return name
    names = [name for name in archive.files if "/" not in name and name.lower().endswith(".isdoc")]
    if len(names) != 1:
        raise UnreadableDocument(
            "type", say("The ZIP archive is no ISDOCX: it has no manifest and not just one ISDOC.")
        )
    return names[0]


def _differing(archive: Archive, supplements: tuple[Supplement, ...], limits: Limits) -> Iterator[Finding]:
    """A finding for each file that is missing or is not the one that the invoice's sender had."""
    for one in supplements:
        if one.name not in archive.files:
            yield _finding("A file that belongs to the ISDOC is missing from its archive.")
            continue
        data = archive.read(one.name, limits.attachment_bytes, "attachment_bytes")
        method = _DIGESTS.get(one.method.rpartition("#")[2].lower().replace("-", ""))
        if method is None:
            continue
        try:
            expected = base64.b64decode(one.digest, validate=True)
        except (binascii.Error, ValueError):
            expected = b""
        if hashlib.new(method, data, usedforsecurity=False).digest() != expected:
            yield _finding("A file in the archive is not the one that belongs to the ISDOC: its digest differs.")


def _finding(message: str) -> Finding:
    return Finding("supplement-differs", Severity.WARNING, message)
