"""The fonts that documents are set in: DejaVu and Liberation, as Debian installs them."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from models.errors import MissingTool

_FOLDERS = tuple(Path("/usr/share/fonts/truetype") / name for name in ("liberation2", "liberation", "dejavu")) + tuple(
    Path("/usr/share/fonts") / name for name in ("liberation-fonts", "dejavu-sans-fonts", "TTF")
)

#: family -> file of the regular and of the bold face
FAMILIES = {
    "sans": ("LiberationSans-Regular.ttf", "LiberationSans-Bold.ttf"),
    "serif": ("LiberationSerif-Regular.ttf", "LiberationSerif-Bold.ttf"),
    "mono": ("LiberationMono-Regular.ttf", "LiberationMono-Bold.ttf"),
    "italic": ("LiberationSans-Italic.ttf", "LiberationSans-BoldItalic.ttf"),
    "serif-italic": ("LiberationSerif-Italic.ttf", "LiberationSerif-BoldItalic.ttf"),
    "dejavu": ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf"),
    "dejavu-mono": ("DejaVuSansMono.ttf", "DejaVuSansMono-Bold.ttf"),
    "dejavu-serif": ("DejaVuSerif.ttf", "DejaVuSerif-Bold.ttf"),
}


def _find(name: str) -> Path:
    for folder in _FOLDERS:
        if (folder / name).is_file():
            return folder / name
    raise MissingTool(
        f"The font {name} is not installed, and documents can't be made without it. "
        "On Debian: apt-get install fonts-liberation fonts-dejavu-core"
    )


@cache
def face(family: str, bold: bool = False) -> str:
    """Register a face with reportlab once and return its name there.

    Raises:
        MissingTool: the font is not installed.
    """
    name = f"{family}{'-bold' if bold else ''}"
    pdfmetrics.registerFont(TTFont(name, str(_find(FAMILIES[family][bold]))))
    return name


def width(text: str, family: str, size: float, bold: bool = False) -> float:
    """The width of ``text`` in points."""
    measured: float = pdfmetrics.stringWidth(text, face(family, bold), size)
    return measured
