"""Spoiling clean pages: what scanners, copiers and telephones do to paper.

All images are numpy arrays of 8-bit grey (height, width) or BGR (height, width, 3). Chance comes from the
given generator only, so that the same seed gives the same pixels.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import pikepdf
import pypdfium2
from PIL import Image

Pixels = npt.NDArray[np.uint8]

_SOFT = 0.008  # inches (0.2 mm): how far paper scatters the light that comes through it


@dataclass(frozen=True, slots=True)
class Scan:
    """The state of a scanner and its paper.

    ``turn`` is clockwise in degrees (0, 90, 180, 270), ``skew`` in degrees; ``bleed`` is the share of the light that
    the print of the back takes away from the front of thin paper, 0..1.
    """

    dpi: int = 150
    turn: int = 0
    skew: float = 0.0
    noise: float = 4.0  # standard deviation in grey levels
    uneven: float = 0.0  # depth of the uneven background in grey levels
    specks: int = 0
    blur: float = 0.0  # Gaussian sigma in pixels
    ink: int = 25  # grey level of black
    paper: int = 245  # grey level of white
    bleed: float = 0.0


def render(pdf: bytes, dpi: int) -> list[Pixels]:
    """The pages of a PDF as grey images."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [_grey(page, dpi) for page in document]
    finally:
        document.close()


def _grey(page: Any, dpi: int) -> Pixels:
    image = page.render(scale=dpi / 72, grayscale=True).to_pil().convert("L")
    pixels: Pixels = np.asarray(image, dtype=np.uint8)
    return pixels


def clip(image: npt.NDArray[Any]) -> Pixels:
    """Rounded to 8 bits."""
    pixels: Pixels = np.clip(np.rint(image), 0, 255).astype(np.uint8)
    return pixels


def clouds(shape: tuple[int, ...], chance: np.random.Generator, depth: float) -> npt.NDArray[np.float32]:
    """A smooth random field from 0 to ``depth``, as of a lid that does not close."""
    coarse = chance.random((5, 4)).astype(np.float32)
    field = cv2.resize(coarse, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC)
    return np.asarray(field * depth, dtype=np.float32)


def shining(back: Pixels, shape: tuple[int, ...], dpi: int) -> npt.NDArray[np.float32]:
    """The ink of a sheet's back, 0..1, as it lies under a front of ``shape``: mirrored and made soft by the paper."""
    height, width = shape
    seen = cv2.resize(back[:, ::-1], (width, height), interpolation=cv2.INTER_AREA).astype(np.float32)
    return np.asarray(1 - cv2.GaussianBlur(seen, (0, 0), _SOFT * dpi) / 255, np.float32)


def scan(image: Pixels, state: Scan, chance: np.random.Generator, back: Pixels | None = None) -> Pixels:
    """One grey page as the scanner in this state gives it; ``back`` is what is printed on the sheet's other side."""
    height, width = image.shape
    grey: npt.NDArray[Any] = image.astype(np.float32) / 255 * (state.paper - state.ink) + state.ink
    if back is not None and state.bleed:
        grey = grey * (1 - state.bleed * shining(back, image.shape, state.dpi))
    if state.skew:
        spin = cv2.getRotationMatrix2D((width / 2, height / 2), state.skew, 1.0)
        grey = cv2.warpAffine(grey, spin, (width, height), flags=cv2.INTER_CUBIC, borderValue=float(state.paper))
    if state.blur:
        grey = cv2.GaussianBlur(grey, (0, 0), state.blur)
    if state.uneven:
        grey = grey - clouds(grey.shape, chance, state.uneven)
    if state.noise:
        grey = grey + chance.normal(0, state.noise, grey.shape)
    result = clip(grey)
    for _ in range(state.specks):
        spot = (int(chance.integers(0, width)), int(chance.integers(0, height)))
        cv2.circle(result, spot, int(chance.integers(1, 3)), int(chance.integers(40, 160)), -1)
    return np.ascontiguousarray(np.rot90(result, -state.turn // 90))


def photo(image: Pixels, chance: np.random.Generator) -> Pixels:
    """A receipt on a desk as a telephone sees it: colour, perspective, shadow, soft focus; a BGR image."""
    height, width = image.shape
    border = int(width * 0.22)
    tall, wide = height + 2 * border, width + 2 * border
    paper = cv2.cvtColor(clip(image.astype(np.float32) * 0.82 + 38), cv2.COLOR_GRAY2BGR)
    grain = cv2.GaussianBlur(chance.normal(0, 26, (tall, 1)).astype(np.float32).repeat(wide, 1), (0, 0), 3)
    grain = grain + cv2.GaussianBlur(chance.normal(0, 18, (tall, wide)).astype(np.float32), (0, 0), 2)
    desk = np.empty((tall, wide, 3), np.float32)
    for channel, level in enumerate((52, 84, 118)):  # wood
        desk[..., channel] = level + grain
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    jitter = chance.uniform(-0.34, 0.34, (4, 2)).astype(np.float32) * border
    target = corners + border + jitter
    bend = cv2.getPerspectiveTransform(corners, target)
    flat = cv2.warpPerspective(paper, bend, (wide, tall), flags=cv2.INTER_CUBIC)
    mask = cv2.warpPerspective(np.ones((height, width), np.float32), bend, (wide, tall))
    shade = cv2.GaussianBlur(np.roll(mask, (9, 7), (0, 1)), (0, 0), 9)[..., None]
    scene = desk * (1 - 0.45 * shade)
    scene = scene * (1 - mask[..., None]) + flat.astype(np.float32) * mask[..., None]
    slope = np.add.outer(np.linspace(0, 1, tall), np.linspace(0, 0.7, wide)).astype(np.float32)
    hand = 1 / (1 + np.exp((slope - chance.uniform(0.9, 1.15)) * 9))  # the shadow of the hand, soft at its edge
    light = 0.60 + 0.42 * hand + clouds(scene.shape, chance, 0.10)
    scene = scene * light[..., None] * np.array([0.93, 0.99, 1.03], np.float32)  # lamp light is warm
    scene = cv2.GaussianBlur(scene, (0, 0), 0.7) + chance.normal(0, 3.0, scene.shape)
    return clip(scene)


def jpeg(image: Pixels, quality: int = 60, dpi: int = 150) -> bytes:
    """The image as a JPEG file."""
    picture = Image.fromarray(image[..., ::-1] if image.ndim == 3 else image)
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality, dpi=(dpi, dpi))
    return out.getvalue()


def png(image: Pixels, dpi: int = 150, levels: int = 16) -> bytes:
    """The grey image as a PNG file with ``levels`` grey levels, as office scanners store it."""
    step = 256 // levels
    out = io.BytesIO()
    Image.fromarray((image // step * step + step // 2).astype(np.uint8)).save(out, "PNG", optimize=True, dpi=(dpi, dpi))
    return out.getvalue()


def tiff(images: list[Pixels], dpi: int = 200) -> bytes:
    """Black and white pages in one TIFF (CCITT group 4), as fax servers and archive scanners write them."""
    pages = [Image.fromarray(image).point(lambda level: 255 if level > 140 else 0).convert("1") for image in images]
    out = io.BytesIO()
    pages[0].save(
        out, "TIFF", save_all=True, append_images=pages[1:], compression="group4", dpi=(dpi, dpi)
    )  # fmt: skip
    return out.getvalue()


def image_pdf(images: list[Pixels], dpi: int = 150, quality: int = 50) -> bytes:
    """A PDF whose pages are JPEG images and nothing else, as scanners write it."""
    pdf = pikepdf.new()
    for image in images:
        height, width = image.shape[:2]
        stream = pikepdf.Stream(pdf, jpeg(image, quality, dpi))
        stream.stream_dict = pikepdf.Dictionary(
            Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=width, Height=height, BitsPerComponent=8,
            ColorSpace=pikepdf.Name.DeviceGray if image.ndim == 2 else pikepdf.Name.DeviceRGB,
            Filter=pikepdf.Name.DCTDecode,
        )  # fmt: skip
        size = (round(width * 72 / dpi, 2), round(height * 72 / dpi, 2))
        page = pikepdf.Page(pdf.add_blank_page(page_size=size).obj)
        page.obj.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im0=stream))
        page.obj.Contents = pikepdf.Stream(pdf, f"q {size[0]} 0 0 {size[1]} 0 0 cm /Im0 Do Q".encode())
    out = io.BytesIO()
    pdf.save(out, deterministic_id=True)
    return out.getvalue()
