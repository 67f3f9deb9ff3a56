"""Forms of the factory: same seed, same bytes; what the truth says stands where the boxes say; sums are right."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest

from extractors.identity import same_name, zone_of
from extractors.normalise import normalise
from models.document_types import document_types
from models.records import Box
from pipeline.learn.factory import FORM_LAYOUTS, HELD_OUT, LANGUAGES, Made, make_form
from tests.learn.test_factory import page_text

EVERY = [(type_, layout) for type_, layouts in FORM_LAYOUTS.items() for layout in layouts]

LETTERS = ("letter", "petition", "sentences")


def words_in(made: Made, place: tuple[int, Box]) -> str:
    number, (x0, y0, x1, y1) = place
    words = made.reading.pages[number - 1].words
    inside = [word for word in words if x0 <= (word.box[0] + word.box[2]) / 2 <= x1]
    return " ".join(word.text for word in inside if y0 <= (word.box[1] + word.box[3]) / 2 <= y1)


@pytest.mark.parametrize(("type_", "layout"), EVERY)
def test_same_seed_same_bytes(type_, layout):
    assert make_form(3, type_, "cs", layout).pdf == make_form(3, type_, "cs", layout).pdf
    assert make_form(3, type_, "cs", layout).pdf != make_form(4, type_, "cs", layout).pdf


@pytest.mark.parametrize(("type_", "layout"), EVERY)
@pytest.mark.parametrize("language", LANGUAGES)
def test_truth_is_of_the_type_and_in_normal_form(type_, layout, language):
    spec = document_types()[type_]
    for seed in range(3):
        made = make_form(seed, type_, language, layout)
        assert made.type == type_
        required = {name for name, field in spec.fields.items() if field.required}
        assert required <= set(made.fields), required - set(made.fields)
        for name, value in made.fields.items():
            assert normalise(spec.fields[name].kind, value) == value, (name, value)


@pytest.mark.parametrize(("type_", "layout"), EVERY)
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_words_in_a_box_are_its_value(type_, layout, language):
    spec = document_types()[type_]
    for seed in range(3):
        made = make_form(f"box{seed}", type_, language, layout)
        assert set(made.boxes) == set(made.fields)
        for name, value in made.fields.items():
            if name in ("document_kind", "nationality", "sex", "issuing_state") or not words_in(made, made.boxes[name]):
                continue  # written out in the document's language, or a part of the zone only
            _, (_, y0, _, y1) = made.boxes[name]
            if name == "currency" or (layout in LETTERS and y1 - y0 > 18):
                continue  # a symbol beside the amount; a value that goes on in the next line of the text
            text = words_in(made, made.boxes[name])
            if re.search(r"\w–\w", made.reading.text) and name.startswith("period"):
                continue  # both days in one word
            if layout in LETTERS:  # the end of a sentence, or brackets
                text = text.rstrip(".,") if "(" in text else text.rstrip(".,)")
            if all(len(word) == 1 for word in text.split()):  # a sign in each cell
                text = re.sub(r"(?<=\S) (?=\S)", "", text)
            kind = spec.fields[name].kind
            read = normalise(kind, text)
            wanted = re.sub(r"\s", "", value).rstrip(".")
            assert re.sub(r"\s", "", read or text).rstrip(".") in (wanted, f"-{wanted}"), (name, value, text)


@pytest.mark.parametrize(("type_", "layout"), EVERY)
def test_every_word_stands_inside_its_page(type_, layout):
    for seed in range(6):
        for page in make_form(f"in{seed}", type_, LANGUAGES[seed % 4], layout).reading.pages:
            for word in page.words:
                x0, y0, x1, y1 = word.box
                assert x0 >= 0 and y0 >= 0 and x1 <= page.width and y1 <= page.height, word


@pytest.mark.parametrize("type_", FORM_LAYOUTS)
def test_the_reading_agrees_with_the_pdf(type_):
    made = make_form(4, type_, "de")
    assert sorted(page_text(made.pdf).split()) == sorted(made.reading.text.split())


def test_held_out_layouts_are_never_drawn_by_chance():
    for type_ in FORM_LAYOUTS:
        assert {make_form(seed, type_, "cs").layout for seed in range(25)} & set(HELD_OUT) == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_balances_tie_out(language):
    names = ("opening_balance", "total_credits", "total_debits", "closing_balance")
    whole = 0
    for seed in range(30):
        fields = make_form(seed, "bank_statement", language).fields
        if all(name in fields for name in names):
            before, paid_in, paid_out, after = (Decimal(fields[name]) for name in names)
            assert before + paid_in - abs(paid_out) == after
            whole += 1
    assert whole > 10


@pytest.mark.parametrize("layout", FORM_LAYOUTS["identity_document"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_zone_is_valid_and_says_the_truth(layout, language):
    for seed in range(5):
        made = make_form(seed, "identity_document", language, layout)
        zone = zone_of(made.reading)
        assert zone is not None and zone.valid and not zone.repaired and not zone.problems
        said = {"document_number": zone.number, "birth_date": zone.birth_date, "expiry_date": zone.expiry_date}
        said |= {"sex": zone.sex, "nationality": zone.nationality, "issuing_state": zone.issuer}
        assert said == {name: made.fields[name] for name in said}
        assert same_name(zone.surname, made.fields["surname"])


def test_layouts_are_many_and_some_are_held_out():
    for type_, layouts in FORM_LAYOUTS.items():
        if type_ != "identity_document":
            assert len(layouts) >= 8
        assert set(layouts) & set(HELD_OUT)
