"""What the classifier looks at."""

from __future__ import annotations

from models.records import Page, Reading, Source, Word
from pipeline.classify.features import fold, tokens


def reading(*pages: list[tuple[str, float]], width: float = 595, height: float = 842) -> Reading:
    """Pages of (word, height)."""
    made = []
    for number, words in enumerate(pages, 1):
        boxes = tuple(Word(text, (50, 20 * n, 90, 20 * n + tall)) for n, (text, tall) in enumerate(words))
        made.append(Page(number, width, height, Source.TEXT, boxes))
    return Reading("application/pdf", tuple(made))


def test_fold_forgets_what_ocr_gets_wrong():
    assert fold("Číslo:") == "cislo"
    assert fold("FV-2024/017") == "fv-0/0"
    assert fold("Fälligkeit,") == fold("FALLIGKEIT")
    assert fold("--") == ""


def test_nothing_to_judge():
    assert tokens(reading()) == []
    assert tokens(reading([], [])) == []


def test_large_words_are_marked():
    words = [("Faktura", 22.0)] + [("obyčejné", 9.0)] * 10
    assert "+faktura" in tokens(reading(words))
    assert "+obycejne" not in tokens(reading(words))


def test_each_feature_once_and_pairs_of_words():
    found = tokens(reading([("Rechnung", 9.0), ("Nr.", 9.0)] * 6))
    assert len(found) == len(set(found))
    assert "rechnung_nr" in found


def test_compounds_share_their_tail():
    assert "*chnung" in tokens(reading([("Handelsrechnung", 9.0)]))
    assert "*chnung" in tokens(reading([("Mietrechnung", 9.0)]))


def test_facts_know_the_shape_and_the_amounts():
    receipt = tokens(reading([("12.50", 9.0)] * 9 + [("total", 9.0)], width=200, height=600))
    page = tokens(reading([("slovo", 9.0)] * 10))
    assert {fact for fact in receipt if fact.startswith("=tall")} != {fact for fact in page if fact.startswith("=tall")}
    assert "=amounts4" in receipt
    assert "=amounts0" in page


def test_words_of_later_pages_count():
    found = tokens(reading([("Krycí", 9.0)], [("uprostřed", 9.0)], [("Celkem", 9.0)], [("podpis", 9.0)]))
    assert {"kryci", "uprostred", "celkem", "podpis"} <= set(found)
