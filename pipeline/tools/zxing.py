"""ZXing-C++: barcodes and matrix codes in a picture.

Threat: a C++ decoder on pixels that strangers chose, so it runs in the cage only. What a code says is text that anyone
could print: it is cleaned and cut here, and nothing in it is ever followed. Codes whose check digits or error
correction fail are not returned. Codabar, UPC-E and the like are left out: without a check character in the symbology a
table's rules are now and then read as one.
"""

from __future__ import annotations

import importlib.metadata
from dataclasses import dataclass

import numpy as np
import zxingcpp
from numpy.typing import NDArray

from pipeline.tools.text import clean

Pixels = NDArray[np.uint8]

_MATRIX = ("QRCode", "DataMatrix", "Aztec", "PDF417")
_LINEAR = ("Code128", "Code39", "Code93", "ITF", "EAN13", "EAN8", "UPCA")
_ALL = zxingcpp.barcode_formats_from_str("|".join((*_MATRIX, *_LINEAR)))
_QR = zxingcpp.barcode_formats_from_str("QRCode")
_LONGEST = 8192  # characters; the largest QR code holds 7,089 digits
_SHORTEST = 4  # characters of a linear code: shorter ones are noise


@dataclass(frozen=True, slots=True)
class Found:
    """A code in a picture: its symbology (``"QRCode"``), its cleaned text, and the box around it in pixels."""

    format: str
    text: str
    box: tuple[float, float, float, float]


def version() -> str:
    """Version of zxing-cpp."""
    return importlib.metadata.version("zxing-cpp")


def qr_codes(grey: Pixels) -> list[Found]:
    """The QR codes of a whole page (grey), in any direction: 2 ms for an A4 page at 150 dpi."""
    return _found(zxingcpp.read_barcodes(grey, formats=_QR, try_invert=False, try_downscale=False))


def codes(grey: Pixels) -> list[Found]:
    """The codes of every kind in a small part of a page (grey), in any direction."""
    return _found(zxingcpp.read_barcodes(grey, formats=_ALL, try_invert=False))


def _found(barcodes: list[zxingcpp.Barcode]) -> list[Found]:
    found = []
    for one in barcodes:
        text = clean(one.text)[:_LONGEST].strip("\0")
        name = one.format.name
        if not one.valid or not text.strip() or (name not in _MATRIX and len(text) < _SHORTEST):
            continue
        corners = one.position
        points = (corners.top_left, corners.top_right, corners.bottom_right, corners.bottom_left)
        xs, ys = [float(point.x) for point in points], [float(point.y) for point in points]
        found.append(Found(name, text, (min(xs), min(ys), max(xs), max(ys))))
    return found
