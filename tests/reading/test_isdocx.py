"""ISDOC in its three carriers, and archives that mean harm."""

from __future__ import annotations

import io
import struct
import time
import zipfile
import zlib
from pathlib import Path

import pytest

from models.errors import UnreadableDocument
from models.records import Reading, Source
from models.settings import Limits, Settings
from pipeline.intake import media_types
from pipeline.learn.factory.invoices import draft, render
from pipeline.learn.factory.national import fatturapa, isdoc, isdoc_pdf, isdocx
from pipeline.reading import einvoices, read, render_page
from pipeline.reading.isdocx import from_isdocx, preview
from pipeline.stages import understand
from tests.files import archive

DRAFT = draft(3, "invoice", "cs", "window", 4)
TRADE = DRAFT[1]
ISDOC = isdoc(TRADE)
MANIFEST = (
    b'<manifest xmlns="http://isdoc.cz/namespace/2013/manifest"><maindocument filename="faktura.isdoc"/></manifest>'
)
OUTSIDE = MANIFEST.replace(b"faktura", b"../faktura")


def save(folder: Path, data: bytes) -> Path:
    path = folder / "file"
    path.write_bytes(data)
    return path


def read_bytes(folder: Path, data: bytes, limits: Limits | None = None) -> Reading:
    path = save(folder, data)
    media_type = media_types.sniff(path)
    assert media_type is not None
    return read(path, media_type, Settings(limits=limits or Limits()), lambda _number: None)


def refusal(folder: Path, data: bytes, limits: Limits | None = None) -> str:
    with pytest.raises(UnreadableDocument) as caught:
        from_isdocx(save(folder, data), limits or Limits())
    return caught.value.code


def numbers(reading: Reading) -> dict[str, str]:
    assert reading.einvoice is not None
    return {field.name: field.value for field in reading.einvoice.fields}


def test_both_rooms_call_the_kinds_the_same() -> None:
    assert einvoices.DATA == (media_types.XML, media_types.ISDOCX, media_types.SIGNED)


def test_three_carriers(tmp_path: Path) -> None:
    alone = read_bytes(tmp_path, ISDOC)
    packed = read_bytes(tmp_path, isdocx(TRADE, {"smlouva.txt": b"text"}))
    inside = read_bytes(tmp_path, isdoc_pdf(render(*DRAFT).pdf, ISDOC))
    assert numbers(alone) == numbers(packed) == numbers(inside)
    assert numbers(alone)["invoice_number"] == TRADE.number
    assert inside.einvoice is not None and inside.einvoice.name == "invoice.isdoc"
    assert (len(alone.pages), len(packed.pages), len(inside.pages)) == (0, 0, 1)
    assert alone.findings == packed.findings == inside.findings == ()


def test_what_contradicts_itself_is_told_for_every_carrier(tmp_path: Path) -> None:
    wrong = ISDOC.replace(b"<PayableAmount>", b"<PayableAmount>9")
    files = {"manifest.xml": MANIFEST, "faktura.isdoc": wrong}
    for data in (wrong, archive(files), isdoc_pdf(render(*DRAFT).pdf, wrong)):
        assert "einvoice-sums" in {one.code for one in read_bytes(tmp_path, data).findings}


def test_fatturapa_is_read_and_a_signed_one_refused_with_its_reason(tmp_path: Path) -> None:
    assert numbers(read_bytes(tmp_path, fatturapa(TRADE)))["invoice_number"] == TRADE.number
    signed = b"0\x82\x10\x00\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02\xa0\x82" + fatturapa(TRADE)
    with pytest.raises(UnreadableDocument, match="signed envelope") as caught:
        read_bytes(tmp_path, signed)
    assert caught.value.code == "type"


def test_archives_as_they_are_met(tmp_path: Path) -> None:
    for files in (
        {"faktura.isdoc": ISDOC},  # version 5 has no manifest
        {"FAKTURA.ISDOC": ISDOC, "přílohy/plán.pdf": b"%PDF"},
        {"manifest.xml": MANIFEST, "faktura.isdoc": ISDOC, "other.isdoc": b"<x/>"},
    ):
        for packed in (True, False):
            assert numbers(read_bytes(tmp_path, archive(files, packed=packed)))["invoice_number"] == TRADE.number


def test_files_that_belong_to_it_are_verified(tmp_path: Path) -> None:
    files = {"manifest.xml": MANIFEST, "faktura.isdoc": isdoc(TRADE, {"#ef=a.txt": b"one"}), "a.txt": b"one"}
    assert read_bytes(tmp_path, archive(files)).findings == ()
    for other in ({**files, "a.txt": b"two"}, {name: data for name, data in files.items() if name != "a.txt"}):
        assert [one.code for one in read_bytes(tmp_path, archive(other)).findings] == ["supplement-differs"]


def test_the_pdf_that_shows_the_invoice_is_read_and_compared(tmp_path: Path) -> None:
    pdf = render(*DRAFT).pdf
    path = save(tmp_path, isdocx(TRADE, {"faktura.pdf": pdf}))
    limits = Limits()
    result = understand(path, media_types.ISDOCX, Settings())
    assert [page.number for page in result.reading.pages] == [1]
    fields = {field.name: field for field in result.extraction.fields}
    assert fields["gross_total"].source is Source.XML and fields["gross_total"].page == 1
    assert not [one for one in result.findings if one.code.startswith("xml")]
    assert render_page(path, media_types.ISDOCX, 1, limits=limits).startswith(b"\x89PNG")
    with pytest.raises(UnreadableDocument):
        render_page(path, media_types.ISDOCX, 2, limits=limits)
    other = render(*draft(4, "invoice", "cs", "window", 4)).pdf
    result = understand(save(tmp_path, isdocx(TRADE, {"faktura.pdf": other})), media_types.ISDOCX, Settings())
    assert "xml-mismatch" in {one.code for one in result.findings}
    result = understand(save(tmp_path, isdocx(TRADE, {"faktura.pdf": pdf[:500]})), media_types.ISDOCX, Settings())
    assert "preview-unread" in {one.code for one in result.findings} and result.reading.pages == ()


def test_which_pdf_shows_the_invoice(tmp_path: Path) -> None:
    both = isdoc(TRADE, {"a.pdf": b"a", "b.pdf": b"b"})
    for xml, shown in ((both, None), (both.replace(b"<Supplement>", b'<Supplement preview="true">', 1), b"a")):
        files = {"manifest.xml": MANIFEST, "faktura.isdoc": xml, "a.pdf": b"a", "b.pdf": b"b"}
        with preview(save(tmp_path, archive(files)), Limits()) as found:
            assert (found.read_bytes() if found else None) == shown
        assert found is None or not found.exists()


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({"manifest.xml": MANIFEST, "x.isdoc": ISDOC}, "damaged"),
        ({"manifest.xml": OUTSIDE, "a.isdoc": ISDOC}, "damaged"),
        ({"manifest.xml": b"<!DOCTYPE x []><manifest/>", "faktura.isdoc": ISDOC}, "damaged"),
        ({"manifest.xml": MANIFEST, "faktura.isdoc": b"<Invoice/>"}, "type"),
        ({"manifest.xml": MANIFEST, "faktura.isdoc": b"no XML"}, "damaged"),
        ({"a.isdoc": ISDOC, "b.isdoc": ISDOC}, "type"),
        ({"readme.txt": b""}, "type"),
    ],
)  # fmt: skip
def test_archives_that_are_refused(tmp_path: Path, files: dict[str, bytes], code: str) -> None:
    assert refusal(tmp_path, archive(files)) == code


def test_two_files_of_one_name_are_two_documents(tmp_path: Path) -> None:
    out = io.BytesIO()
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(out, "w") as target:
        for number in (b"1", b"2"):
            target.writestr("faktura.isdoc", ISDOC.replace(TRADE.number.encode(), number))
    assert refusal(tmp_path, out.getvalue()) == "damaged"


def test_bombs_cost_nothing(tmp_path: Path) -> None:
    start = time.process_time()
    bomb = archive({"manifest.xml": MANIFEST, "faktura.isdoc": b" " * 30_000_000})
    assert len(bomb) < 100_000
    assert refusal(tmp_path, bomb) == "limit:xml_bytes"
    # a file that says it is small, and is not
    size = struct.pack("<I", 30_000_000)
    assert refusal(tmp_path, bomb.replace(size, struct.pack("<I", 1000))) == "damaged"
    large = {"manifest.xml": MANIFEST, "faktura.isdoc": isdoc(TRADE, {"a": b" " * 30_000_000}), "a": b" " * 30_000_000}
    assert refusal(tmp_path, archive(large)) == "limit:attachment_bytes"
    assert time.process_time() - start < 5


def test_lists_of_thousands_and_lists_that_lie(tmp_path: Path) -> None:
    many = archive({f"{number}.isdoc": b"" for number in range(1001)})
    assert refusal(tmp_path, many) == "damaged"
    whole = archive({"faktura.isdoc": ISDOC})
    end = whole.rindex(b"PK\x05\x06")
    for at, value in ((8, 2), (10, 2), (12, 1 << 30), (16, 1 << 30), (4, 1)):
        lying = bytearray(whole)
        struct.pack_into("<H" if at < 12 else "<I", lying, end + at, value)
        assert refusal(tmp_path, bytes(lying)) == "damaged"


def test_locked_unusual_and_damaged_files(tmp_path: Path) -> None:
    whole = archive({"faktura.isdoc": ISDOC})
    central = whole.rindex(b"PK\x01\x02")
    for at, value, code in ((8, 1, "password"), (10, 14, "damaged"), (16, 7, "damaged"), (42, 9, "damaged")):
        other = bytearray(whole)
        struct.pack_into("<H", other, central + at, value)
        assert refusal(tmp_path, bytes(other)) == code
    assert zlib.crc32(ISDOC) != 7


@pytest.mark.parametrize("step", [1, 7, 61])
def test_any_cut_or_broken_archive_is_refused_or_read(tmp_path: Path, step: int) -> None:
    whole = isdocx(TRADE, {"a.txt": b"text"})
    for place in range(step, len(whole), len(whole) // 40 + step):
        broken = bytearray(whole)
        broken[place] ^= 1 << (place % 8)
        for data in (whole[:place], bytes(broken)):
            try:
                from_isdocx(save(tmp_path, data), Limits())
            except UnreadableDocument as error:
                assert error.code
