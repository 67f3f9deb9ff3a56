"""What a file holds beside its pages: the e-invoice among a PDF's embedded files, or in the file itself; more PDFs."""

from __future__ import annotations

import mmap
import re
from pathlib import Path

from extractors.einvoice import read_einvoice
from models.errors import UnreadableDocument
from models.records import EInvoice, Finding, Severity
from models.settings import Limits
from pipeline.tools import qpdf

_NEXT_FILE = re.compile(rb"%%EOF\s{0,1024}%PDF-\d")


def several_files(path: Path) -> list[Finding]:
    """A finding if another PDF follows in the same file: programs show only one of the two."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        if _NEXT_FILE.search(data) is None:
            return []
    message = "The file holds several PDFs one after the other, and only one of them was read."
    return [Finding("several-files", Severity.WARNING, message)]


def from_xml(path: Path, limits: Limits) -> EInvoice:
    """Read a bare XML file.

    Raises:
        UnreadableDocument: too large, broken or with a DOCTYPE (``damaged``), or no invoice (``type``).
    """
    if path.stat().st_size > limits.xml_bytes:
        raise UnreadableDocument("limit:xml_bytes", "The XML file is larger than the limits allow.")
    try:
        einvoice = read_einvoice(path.read_bytes(), path.name)
    except ValueError as error:
        raise UnreadableDocument("damaged", "The XML is broken or has a DOCTYPE, which e-invoices have not.") from error
    if einvoice is None:
        raise UnreadableDocument("type", "The XML is no e-invoice of a kind that we read (EN 16931 CII or UBL).")
    return einvoice


def from_pdf(path: Path, pages: int, limits: Limits) -> tuple[EInvoice | None, list[Finding]]:
    """The first e-invoice among a PDF's embedded files, and what is odd about the file.

    Raises:
        UnreadableDocument: attachments over a limit.
    """
    findings: list[Finding] = []
    try:
        with qpdf.open_pdf(path) as pdf:
            if (count := qpdf.page_count(pdf)) != pages:
                message = f"One program counts {pages} pages and another {count}; some may be missing here."
                findings.append(Finding("page-count", Severity.WARNING, message))
            attachments = qpdf.xml_attachments(pdf, limits)
    except UnreadableDocument as error:
        if error.code.startswith("limit:"):
            raise
        message = "The PDF is damaged: pages can be read, but embedded files could not be looked for."
        return None, [Finding("attachments-unread", Severity.WARNING, message)]
    einvoices = []
    for attachment in attachments:
        try:
            einvoice = read_einvoice(attachment.data, attachment.name)
        except ValueError:
            message = "An XML file embedded in the PDF is broken; if it was the e-invoice, the page alone was read."
            findings.append(Finding("einvoice-broken", Severity.WARNING, message))
            continue
        if einvoice is not None:
            einvoices.append(einvoice)
    if len(einvoices) > 1:
        message = f"The PDF holds {len(einvoices)} e-invoices; the first was read."
        findings.append(Finding("einvoice-several", Severity.WARNING, message))
    return (einvoices[0] if einvoices else None), findings
