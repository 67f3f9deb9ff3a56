"""img2pdf: pictures become the pages of a PDF without being encoded anew where PDF knows their encoding.

JPEG goes in byte by byte, TIFF in CCITT group 4 too, all else losslessly (Flate). Threat: the decoders of Pillow on a
stranger's bytes, so it only runs in the cage, and after `pipeline.tools.images` has checked sizes and frames.
"""

from __future__ import annotations

import importlib.metadata
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import img2pdf
from PIL import Image

from models.errors import UnreadableDocument

Size = tuple[float, float]


def version() -> str:
    """Version of img2pdf."""
    return importlib.metadata.version("img2pdf")


def wrap(path: Path, target: Path, sizes: list[Size]) -> None:
    """Write the picture file at ``path`` as a PDF to ``target``, its frames on pages of ``sizes``, in points.

    A size is that of the page as it is seen, after the turn that the picture's EXIF note asks for, which becomes the
    page's ``/Rotate``.

    Raises:
        UnreadableDocument: the picture is damaged, or of a kind that a PDF can't hold.
    """
    left = iter(sizes)
    try:
        try:
            _convert(str(path), target, left)
        except img2pdf.AlphaChannelError:
            _convert(_on_paper(path), target, iter(sizes))
    except (img2pdf.ImageOpenError, OSError, ValueError, SyntaxError, TypeError, KeyError, EOFError) as error:
        message = f"The picture can't be put into a PDF ({type(error).__name__})."
        raise UnreadableDocument("damaged", message) from error
    except (
        img2pdf.JpegColorspaceError,
        img2pdf.UnsupportedColorspaceError,
        img2pdf.NegativeDimensionError,
        img2pdf.PdfTooLargeError,
    ) as error:
        raise UnreadableDocument("type", f"A PDF can't hold this picture ({type(error).__name__}).") from error


def _convert(picture: str | bytes, target: Path, sizes: Iterator[Size]) -> None:
    def layout(width: int, height: int, _dpi: Any) -> tuple[float, float, float, float]:
        wide, high = next(sizes)
        if (wide > high) != (width > height) and wide != high and width != height:
            wide, high = high, wide  # seen after a quarter turn
        return wide, high, wide, high

    with target.open("wb") as file:
        img2pdf.convert(
            picture, layout_fun=layout, outputstream=file, rotation=img2pdf.Rotation.ifvalid, nodate=True, producer=""
        )


def _on_paper(path: Path) -> bytes:
    """A picture that is partly transparent, on white."""
    with Image.open(path) as image:
        layer = image.convert("RGBA")
    paper = Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer).convert("RGB")
    out = io.BytesIO()
    paper.save(out, "PNG", compress_level=6)
    return out.getvalue()
