"""What a file holds beside its pages: the e-invoice among a PDF's embedded files, or in the file itself; more PDFs."""

from __future__ import annotations

import mmap
import re
from pathlib import Path

from extractors.einvoice import Examined, examine
from models.errors import UnreadableDocument
from models.messages import say
from models.records import EInvoice, Finding, Severity
from models.settings import Limits
from pipeline.reading.isdocx import from_isdocx
from pipeline.tools import qpdf

XML, ISDOCX, SIGNED = "application/xml", "application/x-isdocx", "application/pkcs7-mime"
DATA = (XML, ISDOCX, SIGNED)
"""Media types of invoices without pages; `pipeline.intake.media_types` tells them apart."""
_NEXT_FILE = re.compile(rb"%%EOF\s{0,1024}%PDF-\d")


def several_files(path: Path) -> list[Finding]:
    """A finding if another PDF follows in the same file: programs show only one of the two."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        if _NEXT_FILE.search(data) is None:
            return []
    message = say("The file holds several PDFs one after the other, and only one of them was read.")
    return [Finding("several-files", Severity.WARNING, message)]


def from_data(path: Path, media_type: str, limits: Limits) -> tuple[EInvoice, list[Finding]]:
    """Read an invoice without pages, and say where it contradicts itself.

    Raises:
        UnreadableDocument: see `from_xml` and `pipeline.reading.isdocx.from_isdocx`; signed envelopes are not opened.
    """
    if media_type == SIGNED:
        message = say("It is a signed envelope (.p7m), which we don't open: send the invoice that is inside it.")
        raise UnreadableDocument("type", message)
    return from_isdocx(path, limits) if media_type == ISDOCX else from_xml(path, limits)


def from_xml(path: Path, limits: Limits) -> tuple[EInvoice, list[Finding]]:
    """Read a bare XML file, and say where it contradicts itself.

    Raises:
        UnreadableDocument: too large, broken or with a DOCTYPE (``damaged``), or no invoice (``type``).
    """
    if path.stat().st_size > limits.xml_bytes:
        raise UnreadableDocument("limit:xml_bytes", say("The XML file is larger than the limits allow."))
    try:
        found = examine(path.read_bytes(), path.name)
    except ValueError as error:
        raise UnreadableDocument(
            "damaged", say("The XML is broken or has a DOCTYPE, which e-invoices have not.")
        ) from error
    if found is None:
        message = say("The XML is no e-invoice of a kind that we read (EN 16931 CII or UBL, ISDOC, FatturaPA).")
        raise UnreadableDocument("type", message)
    return found.einvoice, list(found.findings)


def from_pdf(path: Path, pages: int, limits: Limits) -> tuple[EInvoice | None, list[Finding]]:
    """The first e-invoice among a PDF's embedded files, and what is odd about the file.

    Raises:
        UnreadableDocument: attachments over a limit.
    """
    findings: list[Finding] = []
    try:
        with qpdf.open_pdf(path) as pdf:
            if (count := qpdf.page_count(pdf)) != pages:
                message = say(
                    "One program counts {pages} pages and another {count}; some may be missing here.",
                    pages=pages,
                    count=count,
                )
                findings.append(Finding("page-count", Severity.WARNING, message))
            if qpdf.longest_side(pdf) > limits.page_side_points:
                raise UnreadableDocument("limit:page_side_points", say("A page is larger than the limits allow."))
            attachments = qpdf.xml_attachments(pdf, limits)
    except UnreadableDocument as error:
        if error.code.startswith("limit:"):
            raise
        why = say("locked") if error.code == "password" else say("damaged")
        message = say("The PDF is {why}: pages can be read, but embedded files could not be looked for.", why=why)
        return None, [Finding("attachments-unread", Severity.WARNING, message)]
    found: list[Examined] = []
    for attachment in attachments:
        try:
            one = examine(attachment.data, attachment.name)
        except ValueError:
            message = say(
                "An XML file embedded in the PDF is broken; if it was the e-invoice, the page alone was read."
            )
            findings.append(Finding("einvoice-broken", Severity.WARNING, message))
            continue
        if one is not None:
            found.append(one)
    if len(found) > 1:
        message = say("The PDF holds {count} e-invoices; the first was read.", count=len(found))
        findings.append(Finding("einvoice-several", Severity.WARNING, message))
    if not found:
        return None, findings
    return found[0].einvoice, [*findings, *found[0].findings]
