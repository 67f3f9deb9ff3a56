"""Pillow: the only decoder that dropped images meet.

OpenCV decodes cut JPEGs without a word; Pillow refuses them, so drops are decoded here and OpenCV and the OCR
engines only get arrays. Threat: bombs (a small file that claims millions of pixels or frames), cut and
malformed files, decoders other than the five we need. Size and frames are checked before anything is decoded;
what a decoder does beyond that is contained by the cage.
"""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import PIL
from numpy.typing import NDArray
from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

from models.errors import UnreadableDocument
from models.messages import say
from models.settings import Limits

ImageFile.LOAD_TRUNCATED_IMAGES = False
Image.MAX_IMAGE_PIXELS = None  # our own limit is checked below, with a reason that says which

Pixels = NDArray[np.uint8]
"""Grey ``(height, width)`` or colour ``(height, width, 3)``, red first."""

FORMATS = {"image/tiff": "TIFF", "image/png": "PNG", "image/jpeg": "JPEG", "image/webp": "WEBP"}
DEFAULT_DPI = 200.0
_PLAUSIBLE_DPI = (72.0, 1200.0)
_DAMAGE = (
    OSError, SyntaxError, ValueError, TypeError, KeyError, IndexError, EOFError, OverflowError,
    struct.error, zlib.error, AttributeError, AssertionError, RuntimeError,
)  # fmt: skip  # all seen from Pillow's decoders on malformed files


@dataclass(frozen=True, slots=True)
class Picture:
    """One decoded frame: its pixels, upright by its own EXIF note, and its resolution.

    ``stated`` says whether the file itself gave a plausible resolution; else ``dpi`` is a guess.
    """

    pixels: Pixels
    dpi: float
    stated: bool


def version() -> str:
    """Version of Pillow."""
    return PIL.__version__


@contextmanager
def open_image(path: Path, media_type: str, limits: Limits) -> Iterator[Image.Image]:
    """Open an image file as the format that its media type says and no other; nothing is decoded yet.

    Raises:
        UnreadableDocument: damaged, or over the limit of pixels.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            image = Image.open(path, formats=(FORMATS[media_type],))
        except UnidentifiedImageError:
            raise UnreadableDocument("damaged", say("The image can't be opened.")) from None
        except MemoryError:
            raise
        except _DAMAGE as error:
            raise UnreadableDocument("damaged", f"The image can't be opened ({type(error).__name__}).") from error
        with image:
            _check_size(image, limits)
            yield image


def frame_count(image: Image.Image, limits: Limits) -> int:
    """Pages of the file: frames of a TIFF, 1 for all else (an animation is read as its first picture).

    Walks the directories one by one and no further than the limit: a loop of them has Pillow count for ever.

    Raises:
        UnreadableDocument: the list of frames is damaged or over the limit.
    """
    if image.format != "TIFF":
        return 1
    try:
        for number in range(limits.tiff_frames + 1):
            try:
                image.seek(number)
            except EOFError:
                image.seek(0)
                return number
    except MemoryError:
        raise
    except _DAMAGE as error:
        raise UnreadableDocument(
            "damaged", f"The pages of the TIFF can't be listed ({type(error).__name__})."
        ) from error
    raise UnreadableDocument("limit:tiff_frames", f"A TIFF of more than {limits.tiff_frames} pages is over the limit.")


def decode(image: Image.Image, number: int, limits: Limits) -> Picture:
    """Decode page ``number`` (from 1).

    Raises:
        UnreadableDocument: the data end early (``incomplete``), are damaged, or are over the limit of pixels.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            if number > 1:
                image.seek(number - 1)
                _check_size(image, limits)
            image.load()
            upright = ImageOps.exif_transpose(image)
            dpi, stated = _resolution(image)
            return Picture(_as_pixels(upright), dpi, stated)
        except (UnreadableDocument, MemoryError):
            raise
        except _DAMAGE as error:
            code = "incomplete" if "truncated" in str(error) or isinstance(error, EOFError) else "damaged"
            what = "ends too early" if code == "incomplete" else "is damaged"
            raise UnreadableDocument(code, f"Image {number} of the file {what} ({type(error).__name__}).") from error


def encode_png(pixels: Pixels) -> bytes:
    """A PNG of ``pixels``."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", compress_level=4)
    return buffer.getvalue()


def _check_size(image: Image.Image, limits: Limits) -> None:
    width, height = image.size
    if width * height > limits.image_pixels:
        raise UnreadableDocument("limit:image_pixels", f"An image of {width} x {height} pixels is over the limit.")
    if width < 1 or height < 1:
        raise UnreadableDocument("damaged", say("An image without pixels."))


def _resolution(image: Image.Image) -> tuple[float, bool]:
    low, high = _PLAUSIBLE_DPI
    try:
        dpi = float(cast(Any, image.info.get("dpi", (0, 0)))[0])
    except (TypeError, ValueError, IndexError, ZeroDivisionError):
        dpi = 0.0
    if low < dpi <= high:  # exactly 72 is what cameras and programs write when they know nothing
        return dpi, True
    return DEFAULT_DPI, False


def _as_pixels(image: Image.Image) -> Pixels:
    """Grey stays grey, everything else becomes RGB; what is transparent becomes white paper."""
    if image.mode in ("1", "L"):
        return np.asarray(image.convert("L"))
    if image.mode.startswith("I") or image.mode == "F":
        values = np.asarray(image, dtype=np.float32)
        low, high = float(np.nanmin(values)), float(np.nanmax(values))
        scaled = (values - low) * (255.0 / (high - low)) if high > low else np.full_like(values, 255.0)
        return cast(Pixels, np.nan_to_num(scaled).astype(np.uint8))
    if "A" in image.getbands() or "transparency" in image.info:
        layer = image.convert("RGBA")
        paper = Image.new("RGBA", layer.size, "white")
        image = Image.alpha_composite(paper, layer)
    return np.asarray(image.convert("RGB"))
