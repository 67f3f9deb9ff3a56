"""Identity documents: the zone's fields, its repairs, and print beside it."""

from __future__ import annotations

import pytest

from extractors import extract
from extractors.identity import AGREED, CONTRADICTED, same_name, with_zone
from models.document_types import document_types
from models.records import Extraction, Field, Page, Reading, Source, Witness, Word
from pipeline.learn.factory.forms import make_form
from pipeline.learn.factory.forms.identity import IDENTITY_LAYOUTS
from tests.extractors.test_mrz import MRV_A, SPECIMENS, TD1, TD3, changed

IDENTITY = document_types()["identity_document"]


def page_of(lines: tuple[str, ...], *above: str, source: Source = Source.TEXT) -> Reading:
    """A page with ``above`` in print and the zone under it, one word a line."""
    rows = [*above, *lines]
    words = tuple(Word(text, (40.0, 500.0 + 20 * row, 480.0, 512.0 + 20 * row)) for row, text in enumerate(rows))
    return Reading("application/pdf", (Page(1, 595.0, 842.0, source, words),))


def zone(lines: tuple[str, ...], *printed: Field, source: Source = Source.TEXT) -> dict[str, Field]:
    found = with_zone(Extraction(printed), page_of(lines, source=source), IDENTITY)
    return {field.name: field for field in found.fields}


@pytest.mark.parametrize(
    ("size", "document"), [("TD1", "identity card"), ("TD2", "identity card"), ("TD3", "passport"), ("MRV-A", "visa")]
)
def test_every_size_gives_its_fields(size: str, document: str) -> None:
    found = zone(SPECIMENS[size])
    told = {name: field.value for name, field in found.items()}
    visa = size == "MRV-A"
    assert told["document_kind"] == document
    assert told["document_number"] == {"TD3": "L898902C3", "MRV-A": "L8988901C"}.get(size, "D23145890")
    assert (told["surname"], told["given_names"], told["sex"]) == ("ERIKSSON", "ANNA MARIA", "F")
    assert told["birth_date"] == ("1940-09-07" if visa else "1974-08-12")
    assert (told["issuing_state"], told["nationality"]) == ("UTO", "XXX" if visa else "UTO")
    assert list(found) == [name for name in IDENTITY.fields if name in found], "in the order of the type"
    proven = {name for name, field in found.items() if Witness.CHECK_DIGIT in field.witnesses}
    assert proven == {"document_number", "birth_date", "expiry_date"} | (
        {"personal_number"} if size == "TD3" else set()
    )


def test_extract_reads_the_zone() -> None:
    found = extract(page_of(TD1, "IDENTITY CARD", source=Source.TESSERACT), IDENTITY)
    assert found.value("document_number") == "D23145890"
    assert found.value("expiry_date") == "2012-04-15"


def test_fields_stand_where_their_signs_stand() -> None:
    found = zone(TD3)
    assert found["document_number"].box == pytest.approx((40.0, 520.0, 130.0, 532.0))
    assert found["surname"].box == pytest.approx((90.0, 500.0, 170.0, 512.0))
    given = found["given_names"].box
    assert given is not None and given == pytest.approx((190.0, 500.0, 290.0, 512.0))


def test_a_check_digit_decides_how_sure_a_field_is() -> None:
    good, repaired = zone(TD3), zone(changed(TD3, 1, 5, "O"))
    forged = zone(changed(TD3, 1, 13, "8"))
    assert repaired["document_number"].value == "L898902C3"
    assert good["document_number"].confidence > 0.9 > repaired["document_number"].confidence > 0.5
    assert forged["birth_date"].confidence < 0.5 and forged["birth_date"].witnesses == ()
    assert forged["expiry_date"].confidence == good["expiry_date"].confidence


def test_letters_that_no_check_digit_tells_from_digits_need_print() -> None:
    number = zone(TD3, source=Source.TESSERACT)["document_number"]
    assert "L" in number.value and number.confidence < 0.85, "it could be 1898902C3 as well"
    assert zone(TD1, source=Source.TESSERACT)["document_number"].confidence > 0.9
    printed = Field("document_number", "L898902C3", confidence=0.6)
    assert zone(TD3, printed, source=Source.TESSERACT)["document_number"].confidence == AGREED


def test_names_of_a_scan_are_less_sure_than_numbers() -> None:
    found = zone(TD1, source=Source.TESSERACT)
    assert found["surname"].confidence < found["document_number"].confidence


def test_print_that_agrees_vouches_and_brings_its_accents() -> None:
    surname = Field("surname", "Erikssón", "Erikssón", 0.7, 1, (1, 2, 3, 4), witnesses=(Witness.LABEL,))
    number = Field("document_number", "L898902C3", confidence=0.6, page=1, box=(1, 2, 3, 4))
    found = zone(TD3, surname, number, source=Source.TESSERACT)
    assert (found["surname"].value, found["surname"].box) == ("Erikssón", (1, 2, 3, 4))
    assert found["surname"].confidence == AGREED and Witness.REPEATED in found["surname"].witnesses
    assert found["document_number"].box == (1, 2, 3, 4), "where a person looks"
    assert set(found["document_number"].witnesses) == {Witness.CHECK_DIGIT, Witness.REPEATED}


def test_a_digit_in_a_name_is_a_letter_and_print_confirms_it() -> None:
    misread = (TD3[0].replace("ERIKSSON", "ER1K550N"), TD3[1])
    assert zone(misread)["surname"].value == "ERIKSSON" and zone(misread)["surname"].confidence < 0.5
    assert zone(misread, Field("surname", "Eriksson", confidence=0.6))["surname"].confidence == AGREED


def test_print_that_disagrees_makes_a_doubt_and_never_the_value() -> None:
    found = zone(TD3, Field("birth_date", "1975-08-12", confidence=0.9), Field("surname", "Smith", confidence=0.2))
    assert found["birth_date"].value == "1974-08-12" and found["birth_date"].confidence == CONTRADICTED
    assert found["surname"].value == "ERIKSSON" and found["surname"].confidence > 0.9, "it was hardly read at all"


def test_what_only_print_has_stays() -> None:
    issued = Field("issue_date", "2007-04-16", confidence=0.8)
    assert zone(TD3, issued)["issue_date"] == issued
    assert with_zone(Extraction((issued,)), page_of(("no", "zone")), IDENTITY) == Extraction((issued,))


def test_a_birth_number_gets_its_slash_back() -> None:
    optional, digit = "7103192745<<<<", "8"
    line = TD3[1][:28] + optional + digit + "0"
    assert zone((TD3[0], line))["personal_number"].value == "710319/2745"


def test_a_visa_has_no_personal_number_of_its_own() -> None:
    assert zone(MRV_A)["personal_number"].value == "6ZE184226B"


@pytest.mark.parametrize(
    ("mrz", "printed", "same"),
    [
        ("MUELLER", "Müller", True),
        ("MULLER", "Müller", True),
        ("NOVAKOVA", "NOVÁKOVÁ", True),
        ("VAN DER MUELLEN", "van der Müllen", True),
        ("OERSTED", "Ørsted", True),
        ("PAPANDROPOULOUS", "Papandropoulous-Smith", True),
        ("RENE S", "René", True),
        ("RENE S", "René S.", True),
        ("RENE ANNA", "René", False),
        ("NOVAK", "Novakova", False),
        ("L898902C3", "L898902C8", False),
    ],
)
def test_names_in_both_scripts(mrz: str, printed: str, same: bool) -> None:
    assert same_name(mrz, printed) is same


@pytest.mark.parametrize("language", ["cs", "de", "en", "fr"])
@pytest.mark.parametrize("layout", IDENTITY_LAYOUTS)
def test_generated_documents(language: str, layout: str) -> None:
    made = make_form("identity-test", "identity_document", language, layout)
    found = extract(made.reading, IDENTITY)
    told = {field.name: field.value.casefold() for field in found.fields}
    zone_has = set(made.fields) - {"issue_date"}
    assert {name: told.get(name) for name in zone_has} == {name: made.fields[name].casefold() for name in zone_has}
    assert told.get("issue_date", made.fields.get("issue_date")) == made.fields.get("issue_date")
