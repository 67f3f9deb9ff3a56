"""What somebody filled into the fields of a PDF form is read and seen like print."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, String

from models.records import Source
from models.settings import Settings
from pipeline.reading import read
from pipeline.tools import pdfium

HIDDEN = 2  # ISO 32000-2, table 167
PRINTED = b"BT /F1 10 Tf 50 700 Td (First name:) Tj 0 -30 Td (Surname:) Tj 0 -30 Td (Monthly income:) Tj ET"
FILLED = {"first": "Johanna", "last": "Featherstone", "income": "3200.00"}


def form(path: Path, *, drawn: bool, needs: bool = False, flags: int = 4) -> Path:
    """A form of three lines; ``drawn``: whoever filled it in drew the values too, as most programs do."""
    pdf = pikepdf.Pdf.new()
    pdf.add_blank_page(page_size=(595, 842))
    page = pdf.pages[0]
    font = pdf.make_indirect(
        Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica, Encoding=Name.WinAnsiEncoding)
    )
    fonts = Dictionary(F1=font)
    page.Resources, page.Contents = Dictionary(Font=fonts), pdf.make_stream(PRINTED)
    fields = []
    for number, (name, value) in enumerate(FILLED.items()):
        low = 695 - 30 * number
        field = Dictionary(
            Type=Name.Annot, Subtype=Name.Widget, FT=Name.Tx, T=String(name), V=String(value), F=flags, P=page.obj,
            Rect=Array([150, low, 350, low + 18]), DA=String("/F1 10 Tf 0 g"),
        )  # fmt: skip
        if drawn:
            look = pdf.make_stream(f"/Tx BMC q BT /F1 10 Tf 0 g 2 5 Td ({value}) Tj ET Q EMC".encode())
            look.Type, look.Subtype, look.BBox = Name.XObject, Name.Form, Array([0, 0, 200, 18])
            look.Resources = Dictionary(Font=fonts)
            field.AP = Dictionary(N=look)
        fields.append(pdf.make_indirect(field))
    page.Annots = Array(fields)
    pdf.Root.AcroForm = Dictionary(Fields=Array(fields), DR=Dictionary(Font=fonts), DA=String("/F1 10 Tf 0 g"))
    if needs:
        pdf.Root.AcroForm.NeedAppearances = True
    pdf.save(path)
    return path


@pytest.mark.parametrize(("drawn", "needs"), [(True, False), (False, True), (False, False)])
def test_filled_fields_are_words_in_their_places(tmp_path: Path, drawn: bool, needs: bool) -> None:
    path = form(tmp_path / "form.pdf", drawn=drawn, needs=needs)
    reading = read(path, "application/pdf", Settings(), lambda _page: None)
    (page,) = reading.pages
    assert (page.source, reading.findings) == (Source.TEXT, ())
    words = {word.text: word.box for word in page.words}
    for label, value in zip(("name:", "Surname:", "income:"), FILLED.values(), strict=True):
        assert 150 <= words[value][0] <= 160
        assert words[value][1] == pytest.approx(words[label][1], abs=6)


def test_filled_fields_are_drawn(tmp_path: Path) -> None:
    ink = []
    for flags in (4, 4 | HIDDEN):
        path = form(tmp_path / "form.pdf", drawn=True, flags=flags)
        limits = Settings().limits
        with pdfium.open_pdf(path, limits) as document, pdfium.open_page(document, 1, limits) as page:
            pixels, dpi = pdfium.render(page, 72, limits)
        assert dpi == 72
        ink.append(int(np.count_nonzero(pixels[120:220, 150:350] < 128)))
    assert ink[0] > 100
    assert ink[1] == 0


def test_hidden_fields_are_not_read(tmp_path: Path) -> None:
    path = form(tmp_path / "form.pdf", drawn=True, flags=4 | HIDDEN)
    words = [word.text for word in read(path, "application/pdf", Settings(), lambda _page: None).pages[0].words]
    assert "Surname:" in words
    assert not set(FILLED.values()) & set(words)
