"""Lines of names and addresses read again: whom to believe, and what happens to the words. All invented."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from extractors.receipt.spelling import suggested
from models.document_types import document_types
from models.records import Extraction, Field, Page, Reading, Source, Word
from models.settings import Engine, Settings
from pipeline.reading.ocr.again import Look, Row, rows_in
from pipeline.reading.ocr.believe import NAMES, NONE_NAMES, Beliefs, believed, dumps, loads, parted, slots_of
from pipeline.reading.ocr.names import names_again
from tests.extractors.readings import words

RECEIPT = document_types()["receipt"]


def page(*rows: str, chance: float = 0.6, source: Source = Source.RAPIDOCR) -> Page:
    some = [word for number, text in enumerate(rows) for word in words(20, 20 + 16 * number, text)]
    return Page(1, 300, 400, source, tuple(replace(word, confidence=chance) for word in some))


def look(text: str, score: float = 0.95) -> Look:
    return Look(text, (score,) * len(text))


def beliefs(**weights: float) -> Beliefs:
    return Beliefs(tuple(weights.get(name, 0.0) for name in NAMES), tuple(weights.get(n, 0.0) for n in NONE_NAMES))


READERS = beliefs(first=0.5, first_sure=1, strong=0.5, strong_sure=1, cheap=0.3, cheap_sure=1, none=-2)


def text_of(one: Page) -> str:
    return " ".join(word.text for word in one.words)


@pytest.mark.parametrize(
    ("line", "other", "wanted"),
    [
        ("NO 5 JALAN", "NO 5 JALAN", ["", "NO", "", "5", "", "JALAN", ""]),
        ("NO 5 JALAN", "N05 JALAN", ["", "N0", "", "5", "", "JALAN", ""]),  # a lost blank
        ("JALAN SR SEKSYEN", "JALAN SR 1/9 SEKSYEN", ["", "JALAN", "", "SR", "1/9", "SEKSYEN", ""]),
        ("A K KUALA", "A KUALA", ["", "A", "", "", "", "KUALA", ""]),
        ("GREEN LEAF", "THE GREEN LEAF LTD", ["THE", "GREEN", "", "LEAF", "LTD"]),
        ("GREEN", "", ["", "", ""]),
        ("GROSSE STR. 5", "Große Straße 5", ["", "Große", "", "Straße", "", "5", ""]),
    ],
)
def test_each_sign_of_another_reading_finds_its_place(line: str, other: str, wanted: list[str]) -> None:
    assert ["".join(other[at] for at in place) for place in parted(line.split(), other)] == wanted


def test_two_that_agree_are_believed_against_one_and_the_word_is_as_sure_as_that() -> None:
    before = page("UAN HING TRADING")
    row = Row((0, 1, 2), (look("LIAN HING TRADING"), None, look("LIAN HING TRADING")))
    after = believed(before, [row], READERS)
    assert text_of(after) == "LIAN HING TRADING"
    assert [word.box for word in after.words] == [word.box for word in before.words]
    lone = believed(before, [Row((0, 1, 2), (None, None, None))], READERS)
    assert text_of(lone) == "UAN HING TRADING"
    assert after.words[1].confidence > lone.words[1].confidence  # agreement
    contradicted = believed(before, [Row((0, 1, 2), (look("UAN HONG TRADING", 0.6), None, None))], READERS)
    assert contradicted.words[1].confidence < lone.words[1].confidence


def test_a_lost_word_is_put_in_between_its_neighbours_and_a_blot_goes() -> None:
    before = page("JALAN SR SEKSYEN 9", chance=0.95)
    seen = look("JALAN SR 1/9 SEKSYEN 9")
    after = believed(before, [Row((0, 1, 2, 3), (seen, None, seen))], READERS)
    assert text_of(after) == "JALAN SR 1/9 SEKSYEN 9"
    assert before.words[1].box[2] <= after.words[2].box[0] < after.words[2].box[2] <= before.words[2].box[0] + 1
    blot = page("53100 K KUALA", chance=0.6)
    clean = look("53100 KUALA")
    assert text_of(believed(blot, [Row((0, 1, 2), (clean, clean, None))], beliefs(empty=5))) == "53100 KUALA"
    number = page("NO 2 KUALA", chance=0.6)
    lost = look("NO KUALA")
    assert text_of(believed(number, [Row((0, 1, 2), (lost, lost, None))], beliefs(empty=5))) == "NO 2 KUALA"


def test_an_ampersand_is_no_blot_and_competes_with_the_digit_it_was_read_as() -> None:
    (slot,) = slots_of(page("8", source=Source.TESSERACT), Row((0,), (look("&"), look("&"), look("&"))))
    assert dict(slot.texts) == {"8": "8", "&": "&"}
    before = page("PTD 8 PTD", chance=0.6, source=Source.TESSERACT)
    seen = look("PTD & PTD")
    after = believed(before, [Row((0, 1, 2), (seen, seen, seen))], beliefs(both=3, ampersand=1))
    assert text_of(after) == "PTD & PTD"


def test_both_engines_together_count_for_more() -> None:
    for source, alike in ((Source.TESSERACT, {"both"}), (Source.RAPIDOCR, set())):
        (slot,) = slots_of(page("HARDWAKE", source=source), Row((0,), (look("HARDWAKE"), look("HARDWARE"), None)))
        named = [dict(zip(NAMES, row, strict=True)) for row in slot.features]
        assert {name for name in ("both",) if named[0][name]} == alike
        assert not named[1]["both"]


def test_a_general_word_near_to_what_was_read_competes() -> None:
    assert suggested(["HENARA", "HIJAU"], 0) == ["MENARA"]
    (slot, *_) = slots_of(page("HENARA HIJAU"), Row((0, 1), (look("KENARA HIJAU"), None, None)))
    assert set(slot.texts) == {"kenara", "henara", "menara"}


def test_punctuation_and_case_are_no_other_text() -> None:
    (slot,) = slots_of(page("Taman,"), Row((0,), (look("TAMAN."), None, None)))
    assert dict(slot.texts) == {"taman": "Taman,"}


def test_weights_are_kept_by_name() -> None:
    assert loads(dumps(READERS)) == READERS


@pytest.mark.parametrize("source", [Source.RAPIDOCR, Source.TESSERACT])
def test_the_lines_of_a_field_are_found(source: Source) -> None:
    one = page("GREEN LEAF TRADING", "NO 5 JALAN BUNGA", "43000 KAJANG", "TEL 123", source=source)
    top, end = one.words[3].box, one.words[8].box
    assert rows_in(one, [(0.0, top[1], 300.0, end[3])]) == [(3, 4, 5, 6), (7, 8)]
    assert rows_in(one, []) == []


def test_fields_without_words_of_ocr_are_left_alone() -> None:
    one = page("GREEN LEAF TRADING", source=Source.TEXT)
    reading = Reading("application/pdf", (one,))
    field = Field("company", "GREEN LEAF", "GREEN LEAF", 0.9, 1, one.words[0].box, Source.TEXT, ())
    found = Extraction((field,))
    missing = Path("missing.pdf")
    assert names_again(missing, "application/pdf", reading, RECEIPT, found, settings=Settings()) is reading
    ocr = Extraction((replace(field, source=Source.RAPIDOCR),))
    alone = Settings(engine=Engine.TESSERACT)
    assert names_again(missing, "application/pdf", reading, RECEIPT, ocr, settings=alone) is reading


class Kept:
    """A memory."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def get(self, name: str) -> bytes | None:
        return self.kept.get(name)

    def keep(self, name: str, data: bytes) -> None:
        self.kept[name] = data


def test_a_misread_name_is_put_right_from_the_picture_once(tmp_path: Path) -> None:
    lines = ["GREEN LEAF TRADING SDN BHD", "NO 5, JALAN BUNGA 2,", "43000 KAJANG, SELANGOR"]
    picture = Image.new("L", (900, 300), 255)
    font = ImageFont.load_default(size=36)
    found = []
    for number, text in enumerate(lines):
        left, top = 60.0, 40 + 70.0 * number
        ImageDraw.Draw(picture).text((left, top), text, fill=0, font=font)
        for word in text.split():
            box = (left, top, left + font.getlength(word), top + 44)
            found.append(Word(word.replace("LEAF", "LEAE"), box, 0.5 if word == "LEAF" else 0.9))
            left += font.getlength(word + " ")
    path = tmp_path / "receipt.png"
    picture.save(path, dpi=(72, 72))
    one = Page(1, 900, 300, Source.TESSERACT, tuple(found))
    reading = Reading("image/png", (one,))
    field = Field("company", "x", "x", 0.9, 1, (50.0, 30.0, 850.0, 90.0), Source.TESSERACT, ())
    settings, memory = Settings(languages=("eng",)), Kept()
    after = names_again(path, "image/png", reading, RECEIPT, Extraction((field,)), settings=settings, memory=memory)
    assert text_of(after.pages[0]).startswith("GREEN LEAF TRADING SDN BHD")
    assert after.pages[0].words[5:] == one.words[5:]  # lines of no such field are not read
    path.unlink()
    again = names_again(path, "image/png", reading, RECEIPT, Extraction((field,)), settings=settings, memory=memory)
    assert again == after
