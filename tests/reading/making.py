"""Small documents made on the spot; nothing here knows the sample generator."""

from __future__ import annotations

import io

import numpy as np
import pikepdf
import pypdfium2
from PIL import Image
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

LINES = (
    "Invoice 2026-0042 of Example Limited",
    "Street of the Example 17, 110 00 Prague",
    "Date of issue 05.03.2026 and due 19.03.2026",
    "Paper A4 white, eighty grams 10 boxes 1 234.50",
    "Printer cartridge black, large 2 pieces 765.50",
    "Total amount without tax 2 000.00",
    "Value added tax 21 percent 420.00",
    "Total to pay EUR 2 420.00",
    "Thank you for your order, we look forward to the next one",
)


def pdf(lines=LINES, draw=None, size=A4, rotate=0, pages=1, font_size=12, encrypt=None):
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=size, encrypt=encrypt)
    for _ in range(pages):
        canvas.setFont("Helvetica", font_size)
        for index, line in enumerate(lines):
            canvas.drawString(60, size[1] - 80 - index * 2.2 * font_size, line)
        if draw:
            draw(canvas)
        canvas.showPage()
    canvas.save()
    if rotate:
        with pikepdf.open(io.BytesIO(buffer.getvalue())) as document:
            for page in document.pages:
                page.Rotate = rotate
            buffer = io.BytesIO()
            document.save(buffer)
    return buffer.getvalue()


def picture(data, dpi=200):
    """The first page of a PDF as a grey array."""
    document = pypdfium2.PdfDocument(data)
    try:
        return np.array(document[0].render(scale=dpi / 72, grayscale=True).to_numpy())
    finally:
        document.close()


def scanned(pixels, size=A4, hidden=()):
    """A PDF that is one picture, with words hidden behind it as scanners do."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=size)
    canvas.drawImage(ImageReader(Image.fromarray(pixels)), 0, 0, *size)
    text = canvas.beginText(60, 400)
    text.setTextRenderMode(3)
    for line in hidden:
        text.textLine(line)
    canvas.drawText(text)
    canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def with_attachments(data, files):
    with pikepdf.open(io.BytesIO(data)) as document:
        for name, content in files:
            document.attachments[name] = pikepdf.AttachedFileSpec(document, content, filename=name)
        buffer = io.BytesIO()
        document.save(buffer)
    return buffer.getvalue()
