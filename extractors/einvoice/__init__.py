"""EN 16931 e-invoices (CII and UBL) read as data, and their marriage with what the page shows."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from extractors.einvoice.cii import is_cii, read_cii
from extractors.einvoice.merge import merge
from extractors.einvoice.ubl import is_ubl, read_ubl
from extractors.einvoice.xml import parse
from models.records import EInvoice

__all__ = ["merge", "read_einvoice"]


def _unwrap(root: Element) -> Element:
    """The invoice inside a Peppol envelope (UN/CEFACT Standard Business Document), else the root itself."""
    if root.tag != "StandardBusinessDocument":
        return root
    inner = [child for child in root if child.tag != "StandardBusinessDocumentHeader"]
    return inner[0] if len(inner) == 1 else root


def read_einvoice(data: bytes, name: str) -> EInvoice | None:
    """Read the XML of an e-invoice; None where it is well-formed XML but no invoice of these syntaxes.

    Pure; the caller limits the size. Values are in normal form, units stay UN/ECE Recommendation 20 codes,
    amounts keep the sign that the XML gives them.

    Args:
        data: The bytes of a file or of a PDF's attachment, in any encoding.
        name: What the file or attachment is called.

    Raises:
        ValueError: not well-formed, or it has a DOCTYPE.
    """
    root = _unwrap(parse(data))
    if is_cii(root):
        syntax, (builder, kind) = "cii", read_cii(root)
    elif is_ubl(root):
        syntax, (builder, kind) = "ubl", read_ubl(root)
    else:
        return None
    return EInvoice(name.rstrip("\0"), syntax, kind, tuple(builder.fields.values()), tuple(builder.line_items))
