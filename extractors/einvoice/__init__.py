"""E-invoices (EN 16931 CII and UBL, ISDOC, FatturaPA) read as data, and their marriage with what the page shows."""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree.ElementTree import Element

from extractors.einvoice.cii import is_cii, read_cii
from extractors.einvoice.fatturapa import is_fatturapa, read_fatturapa
from extractors.einvoice.isdoc import Supplement, is_isdoc, read_isdoc, supplements
from extractors.einvoice.merge import merge
from extractors.einvoice.ubl import is_ubl, read_ubl
from extractors.einvoice.xml import parse
from models.records import EInvoice, Finding

__all__ = ["Examined", "Supplement", "examine", "merge", "read_einvoice"]

_READERS = (
    ("cii", is_cii, read_cii),
    ("ubl", is_ubl, read_ubl),
    ("isdoc", is_isdoc, read_isdoc),
    ("fatturapa", is_fatturapa, read_fatturapa),
)


@dataclass(frozen=True, slots=True)
class Examined:
    """An e-invoice, where it contradicts itself or its syntax, and the files that it says belong to it."""

    einvoice: EInvoice
    findings: tuple[Finding, ...] = ()
    supplements: tuple[Supplement, ...] = ()


def _unwrap(root: Element) -> Element:
    """The invoice inside a Peppol envelope (UN/CEFACT Standard Business Document), else the root itself."""
    if root.tag != "StandardBusinessDocument":
        return root
    inner = [child for child in root if child.tag != "StandardBusinessDocumentHeader"]
    return inner[0] if len(inner) == 1 else root


def examine(data: bytes, name: str) -> Examined | None:
    """Read the XML of an e-invoice; None where it is well-formed XML but no invoice of these syntaxes.

    Pure; the caller limits the size. Values are in normal form, units stay as the XML has them (UN/ECE
    Recommendation 20 codes in CII and UBL), amounts keep the sign that the XML gives them.

    Args:
        data: The bytes of a file or of a PDF's attachment, in any encoding.
        name: What the file or attachment is called.

    Raises:
        ValueError: not well-formed, or it has a DOCTYPE.
    """
    root = _unwrap(parse(data))
    for syntax, is_one, read in _READERS:
        if is_one(root):
            builder, kind = read(root)
            fields, lines = tuple(builder.fields.values()), tuple(builder.line_items)
            einvoice = EInvoice(name.rstrip("\0"), syntax, kind, fields, lines)
            return Examined(einvoice, tuple(builder.problems), supplements(root) if syntax == "isdoc" else ())
    return None


def read_einvoice(data: bytes, name: str) -> EInvoice | None:
    """The e-invoice alone; see `examine`."""
    found = examine(data, name)
    return None if found is None else found.einvoice
