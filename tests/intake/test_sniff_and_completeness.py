"""What a file is, and whether its end is there: by its bytes alone."""

from __future__ import annotations

import base64
import gzip
import json
import struct
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipeline.intake import is_complete, sniff
from pipeline.intake.media_types import may_become_known
from tests import files

WHOLE = {
    "application/pdf": files.pdf("invoice"),
    "image/png": files.image("PNG"),
    "image/jpeg": files.image("JPEG"),
    "image/webp": files.image("WEBP"),
    "image/tiff": files.image("TIFF", frames=3),
    "application/xml": files.xml(),
    "application/x-isdocx": files.archive({"manifest.xml": b"<manifest/>", "faktura.isdoc": b"<Invoice/>"}),
}
OTHERS = {
    "empty": b"",
    "text": b"This is a letter, not a PDF.",
    "program": b"MZ\x90\0\x03" + bytes(100),
    "gzip of a TIFF": gzip.compress(b"II*\0" + bytes(100)),
    "html": b"<!doctype html><html><body>%PDF</body></html>",
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"/>',
    "xml of nobody": b"<?xml version='1.0'?><Invoice/>",
    "archive": files.archive({"invoice.pdf": b"%PDF-1.7", "[Content_Types].xml": b"<x/>"}),
    "isdoc only in a text": files.archive({"readme.txt": b"faktura.isdoc"}),
    "certificate": b"0\x82\x03\x01" + bytes(100),
    "gif": b"GIF89a" + bytes(50),
    "wave": b"RIFF\x24\0\0\0WAVEfmt ",
    "pdf too late": b" " * 1100 + b"%PDF-1.7",
}


def save(folder: Path, data: bytes, name: str = "file") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("media_type", WHOLE)
def test_each_kind_is_known_by_its_bytes_and_whole(tmp_path: Path, media_type: str) -> None:
    path = save(tmp_path, WHOLE[media_type], "misleading.exe")
    assert sniff(path) == media_type
    assert is_complete(path, media_type)


@pytest.mark.parametrize("what", OTHERS)
def test_other_things_are_not_known(tmp_path: Path, what: str) -> None:
    assert sniff(save(tmp_path, OTHERS[what])) is None


@pytest.mark.parametrize("media_type", WHOLE)
@pytest.mark.parametrize("part", [0.35, 0.6, 0.95])
def test_a_cut_file_is_not_whole(tmp_path: Path, media_type: str, part: float) -> None:
    data = WHOLE[media_type]
    cut = save(tmp_path, data[: int(len(data) * part)])
    assert not is_complete(cut, media_type)
    filled = save(tmp_path, data[: int(len(data) * part)].ljust(len(data), b"\0"), "filled")
    # a TIFF says where its parts are, not what is in them: zeros in its place are found by reading it
    assert media_type == "image/tiff" or not is_complete(filled, media_type) or media_type == "image/webp"


def test_legal_oddities_are_whole(tmp_path: Path) -> None:
    printed = save(tmp_path, b"\x1b%-12345X@PJL\r\n".ljust(900) + WHOLE["application/pdf"], "a")
    assert sniff(printed) == "application/pdf"
    assert is_complete(printed, "application/pdf")
    assert is_complete(save(tmp_path, WHOLE["application/pdf"] + bytes(5000), "b"), "application/pdf")
    assert is_complete(save(tmp_path, WHOLE["image/jpeg"] + bytes(5000), "c"), "image/jpeg")
    assert is_complete(save(tmp_path, WHOLE["image/png"] + b"trailing", "d"), "image/png")
    big = save(tmp_path, files.big_tiff(), "e")
    assert sniff(big) == "image/tiff"
    assert is_complete(big, "image/tiff")
    assert not is_complete(save(tmp_path, files.big_tiff()[:-20], "f"), "image/tiff")


def test_the_end_of_a_thumbnail_is_not_the_end_of_the_photo(tmp_path: Path) -> None:
    photo, thumbnail = WHOLE["image/jpeg"], files.image("JPEG", "small")
    with_thumbnail = photo[:2] + b"\xff\xe1" + struct.pack(">H", len(thumbnail) + 2) + thumbnail + photo[2:]
    assert is_complete(save(tmp_path, with_thumbnail), "image/jpeg")
    assert not is_complete(save(tmp_path, with_thumbnail[: -len(photo) // 4], "cut"), "image/jpeg")


def test_xml_in_other_encodings(tmp_path: Path) -> None:
    text = files.xml().decode().replace('encoding="UTF-8"', 'encoding="UTF-16"')
    path = save(tmp_path, text.encode("utf-16"))
    assert sniff(path) == "application/xml"
    assert is_complete(path, "application/xml")
    assert not is_complete(save(tmp_path, text[:-20].encode("utf-16"), "cut"), "application/xml")
    assert sniff(save(tmp_path, b"\xef\xbb\xbf" + files.xml(), "bom")) == "application/xml"


def test_a_doctype_does_not_hide_an_invoice_and_nothing_is_expanded(tmp_path: Path) -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "' + b"A" * 1000 + b'">]>\n'
    data = files.xml().replace(b"<rsm:CrossIndustryInvoice", bomb + b"<rsm:CrossIndustryInvoice", 1)
    assert sniff(save(tmp_path, data)) == "application/xml"  # the reader refuses it, with a reason


def test_tiff_that_loops_or_reaches_out_of_the_file_is_judged_in_no_time(tmp_path: Path) -> None:
    entry = struct.pack("<HHII", 273, 4, 1, 8)
    loop = b"II*\0\x08\0\0\0" + struct.pack("<H", 1) + entry + struct.pack("<I", 8)
    out = loop.replace(entry, struct.pack("<HHII", 273, 4, 0xFFFFFFF, 26))
    start = time.perf_counter()
    assert is_complete(save(tmp_path, loop), "image/tiff")
    assert not is_complete(save(tmp_path, out, "out"), "image/tiff")
    assert time.perf_counter() - start < 1


@pytest.mark.parametrize(
    "root",
    [
        b'<Invoice xmlns="http://isdoc.cz/namespace/2013" version="6.0.2"></Invoice>',
        b'<isdoc:Invoice xmlns:isdoc="http://isdoc.cz/namespace/invoice" version="5.2.3"></isdoc:Invoice>',
        b'<rsm:Invoice xmlns:rsm="urn:un:unece:uncefact:data:standard:CBFBUY:5"></rsm:Invoice>',
        b'<p:FatturaElettronica xmlns:p="http://ivaservizi.agenziaentrate.gov.it/docs/xsd/fatture/v1.2"/>',
    ],
)
def test_national_invoices_are_known(tmp_path: Path, root: bytes) -> None:
    path = save(tmp_path, b'<?xml version="1.0" encoding="UTF-8"?>\n' + root)
    assert sniff(path) == "application/xml"
    assert is_complete(path, "application/xml")


def test_an_isdocx_whose_invoice_comes_last(tmp_path: Path) -> None:
    data = files.archive({"plan.pdf": bytes(range(256)) * 1000, "faktura.isdoc": b"<Invoice/>"}, packed=False)
    assert sniff(save(tmp_path, data)) == "application/x-isdocx"
    assert sniff(save(tmp_path, data[:200_000], "cut")) is None, "its list of files is not there yet"


def test_a_signed_envelope_is_known_to_be_refused(tmp_path: Path) -> None:
    signed = b"0\x82\x10\x00\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02\xa0\x82" + bytes(500)
    assert sniff(save(tmp_path, signed)) == "application/pkcs7-mime"
    assert sniff(save(tmp_path, base64.encodebytes(signed), "b")) == "application/pkcs7-mime"
    assert is_complete(save(tmp_path, signed), "application/pkcs7-mime")


def test_links_are_not_followed(tmp_path: Path) -> None:
    target = save(tmp_path, WHOLE["application/pdf"])
    link = tmp_path / "link.pdf"
    link.symlink_to(target)
    with pytest.raises(OSError, match="symbolic"):
        sniff(link)


def test_only_beginnings_may_become_known() -> None:
    assert may_become_known(b"", 0)
    assert may_become_known(b"%PD", 3)
    assert may_become_known(bytes(4096), 1 << 20)
    assert may_become_known(bytes(8) + b"the end came first", 26)
    assert not may_become_known(b"hello", 5)


@pytest.mark.slow
def test_on_others_files(tmp_path: Path, eval_dir: Path) -> None:
    """The generator's attacks that are about type and end, and the real files: nothing sound is held back."""
    env = {"ATTACK_CANARY": str(tmp_path / "canary"), "PATH": "/usr/bin:/bin"}
    made = tmp_path / "made"
    generator = eval_dir / "hostile" / "make_attacks.py"
    subprocess.run([sys.executable, generator, "static", made, "--small"], env=env, check=True, capture_output=True)
    rows = [json.loads(line) for line in (made / "attacks.jsonl").read_text().splitlines()]
    wrong = []
    for row in rows:
        path = made / row["path"]
        media_type = sniff(path)
        sound = media_type is not None and is_complete(path, media_type)
        if (row["cls"] in ("wrong-type", "partial", "archive") and row["outcome"] == "quarantine" and sound) or (
            row["outcome"] in ("accept", "review") and not sound
        ):
            wrong.append((row["id"], media_type))
    assert wrong == []
    real = [json.loads(line) for line in (eval_dir / "hostile" / "real.jsonl").read_text().splitlines()]
    held = [
        row["path"]
        for row in real
        if row["expected"] == "accept"
        and (path := eval_dir / "hostile" / row["path"]).suffix == ".pdf"
        and not (sniff(path) and is_complete(path, sniff(path)))
    ]
    assert len(held) <= 4, held
