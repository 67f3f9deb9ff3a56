"""From a stranger's bytes to a tree of plain names.

Threat: entity bombs, external entities and documents that say one thing to us and another to the next reader.
So any DOCTYPE is refused, not only a harmful one; what is not well-formed is refused, never mended. Tolerated
is only what has one meaning: byte order marks, blanks before the declaration, stray control characters and a
false ``encoding`` (published samples declare ``UTF-8-W/O-BOM``).
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark is its beginning
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (b"<\0", "utf-16-le"),  # XML 1.0, appendix F: without a mark the first sign is "<"
    (b"\0<", "utf-16-be"),
)
_TRUSTED = ("iso-8859", "iso8859", "latin", "windows-125", "cp125")  # no codec that does more than map bytes
_DECLARATION = re.compile(r"^<\?xml\s[^>]*?\?>")
_ENCODING = re.compile(rb"""^[^<]*<\?xml\s[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")  # XML 1.0, production 2


def _decode(data: bytes) -> str:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding, errors="strict")
    declared = _ENCODING.match(data[:500])
    # text that happens to be valid UTF-8 is UTF-8, whatever it declares; so UTF-8 is tried first
    name = declared.group(1).decode("ascii").lower() if declared else ""
    for encoding in ("utf-8", name if name.startswith(_TRUSTED) else "cp1252", "cp1252"):
        try:
            return data.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
    return data.decode("latin-1")


def parse(data: bytes) -> Element:
    """The root of the document, every tag without its namespace.

    The root and its children keep theirs as attribute ``xmlns`` (an envelope's child may be the invoice).

    Raises:
        ValueError: not well-formed, or it has a DOCTYPE.
    """
    try:
        text = _decode(data)
    except UnicodeDecodeError as error:
        raise ValueError("The XML is cut or its characters are damaged.") from error
    text = _ILLEGAL.sub("", text.lstrip("\ufeff \t\r\n\0"))
    text = _DECLARATION.sub("", text, count=1)
    try:
        root: Element = fromstring(text, forbid_dtd=True)
    except DefusedXmlException as error:
        raise ValueError("The XML has a DOCTYPE or entities of its own, which an e-invoice never needs.") from error
    except ParseError as error:
        raise ValueError(f"The XML is not well-formed: {error}.") from error
    for element in (root, *root):
        element.set("xmlns", element.tag[1:].partition("}")[0] if element.tag.startswith("{") else "")
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    return root


def every(node: Element, path: str) -> Iterator[Element]:
    """All elements at ``path`` below ``node``, in order: steps by ``/``, names of one step by ``|``."""
    step, _, rest = path.partition("/")
    names = step.split("|")
    for child in node:
        if child.tag in names:
            if rest:
                yield from every(child, rest)
            else:
                yield child


def first(node: Element, path: str) -> Element | None:
    """The first element at ``path`` (see `every`), or None."""
    return next(every(node, path), None)


def text(node: Element | None, *paths: str) -> str:
    """The text at the first of ``paths`` that has any; without paths that of ``node``; else ``""``.

    Blanks are squeezed, signs that show nothing (direction marks among them) dropped, accents composed (NFC).
    """
    if node is None:
        return ""
    if not paths:
        seen = "".join(c for c in node.text or "" if c.isspace() or unicodedata.category(c) not in ("Cc", "Cf"))
        return unicodedata.normalize("NFC", " ".join(seen.split()))
    return next((found for path in paths for one in every(node, path) if (found := text(one))), "")
