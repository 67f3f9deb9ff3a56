"""Pictures for the tests of the engines."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFont


def line(text, size=32, gap=None):
    """A picture of one line; ``gap`` pixels of white in place of each ``_``."""
    font = ImageFont.load_default(size)
    parts = text.split("_")
    width = int(sum(font.getlength(part) for part in parts)) + 40 + (gap or 0) * (len(parts) - 1)
    image = Image.new("L", (width, size + 24), 255)
    draw, x = ImageDraw.Draw(image), 20.0
    for part in parts:
        draw.text((x, 8), part, fill=0, font=font)
        x += font.getlength(part) + (gap or 0)
    return np.asarray(image)
