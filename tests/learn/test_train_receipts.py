"""Training on receipts: from generated ones alone, the same bytes each time, names broken over lines. All invented."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from extractors.receipt.fields import picked
from extractors.receipt.model import BOOSTERS
from models.records import Extraction, Page, Reading, Source
from pipeline.learn import receipt_documents, train_receipts
from pipeline.learn.receipt_card import judge
from pipeline.learn.receipt_documents import GIVEN, Kept, TrueReceipt, generated, of_folder, rewrapped, same
from pipeline.learn.receipt_words import Looked, fit_beliefs, labelled
from pipeline.learn.train_receipts import Chosen, believing, prepare, read_again, train
from pipeline.reading.ocr.again import Look, Row
from tests.extractors.readings import words

ROWS = [(60, 20, "GREEN LEAF STATIONERY TRADING"), (60, 34, "NO 5, JALAN BUNGA 2,"), (60, 48, "43000 KAJANG")]
TRUTH = {"company": "GREEN LEAF STATIONERY TRADING", "address": "NO 5, JALAN BUNGA 2, 43000 KAJANG"}


def receipt(rows: list[tuple[float, float, str]] = ROWS) -> TrueReceipt:
    page = Page(1, 300, 100, Source.RAPIDOCR, tuple(w for x, y, text in rows for w in words(x, y, text)))
    return TrueReceipt("1", "shop", GIVEN, Reading("image/jpeg", (page,)), TRUTH)


def test_the_same_seed_gives_the_same_bytes_from_generated_receipts_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(train_receipts, "TREES", dict.fromkeys(BOOSTERS, (6, 4)))
    figures = [train(tmp_path / name, seed=7, documents=24) for name in ("one", "two")]
    assert set(figures[0]) == {"made"} and figures[0]["made"].documents == 24
    files = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert "MODEL_CARD.md" in files and "confidence.json" in files
    for name in files:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_names_and_addresses_are_compared_by_letters_and_digits() -> None:
    assert same("company", "ZEBRA SDN. BHD.", "Zebra Sdn Bhd")
    assert not same("company", "ZEBRA SDN BHD", "ZEBRA 2 SDN BHD")
    assert not same("total", "10.00", "10.0")


def test_the_true_lines_are_found() -> None:
    one = prepare([receipt()])[0]
    assert one.best["company"] == ((0,), 100.0)
    assert one.best["address"] == ((1, 2), 100.0)


def test_a_name_broken_over_lines_pushes_the_rest_down() -> None:
    broken = rewrapped(receipt(), Random(3))
    assert broken is not None
    one = prepare([broken])[0]
    indices, ratio = one.best["company"]
    assert len(indices) >= 2 and ratio == 100.0
    assert one.best["address"][0] == (len(indices), len(indices) + 1)
    assert rewrapped(receipt(ROWS[1:]), Random(3)) is None


def test_a_folder_of_truth(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("box", "key", "img"):
        (tmp_path / name).mkdir()
    (tmp_path / "split.json").write_text(json.dumps({"company_group": {"7": "3"}}))
    key = {"company": "ZEBRA", "date": "(06/12/2016)", "address": "", "total": "RM1,078.30"}
    (tmp_path / "key" / "7.json").write_text(json.dumps(key))
    (tmp_path / "box" / "7.csv").write_text("10,10,90,10,90,20,10,20,ZEBRA, ETC\nbroken\n")
    (tmp_path / "img" / "7.jpg").write_bytes(b"")
    monkeypatch.setattr(receipt_documents, "read", lambda *_: receipt().reading)
    looks = (Looked(Row((0, 1), (Look("GREEN LEAF", (0.9,) * 10), None, None)), "GREEN LEAF"),)
    monkeypatch.setattr(receipt_documents, "looked_at", lambda *_: looks)
    given, own = of_folder(tmp_path, tmp_path / "readings")
    assert given.truth == {"company": "ZEBRA", "date": "2016-12-06", "total": "1078.30"}
    assert given.reading.text == "ZEBRA, ETC" and given.group == own.group == "3"
    assert own.looked == looks and not given.looked
    monkeypatch.setattr(receipt_documents, "read", None)  # the second time the reading is kept
    assert list(of_folder(tmp_path, tmp_path / "readings"))[1] == own


def test_generated_receipts_have_all_truth() -> None:
    assert all({"company", "address", "date", "total", "currency"} <= set(one.truth) for one in generated(1, 4))


def test_figures() -> None:
    truth = {"company": "a", "date": "b", "address": "c", "total": "d"}
    found = [
        ("company", "a", 0.9, True),
        ("date", "b", 0.9, True),
        ("address", "x", 0.8, False),
        ("total", "d", 0.1, True),
    ]
    figures = judge([(truth, found)])
    assert figures.all_right == 0 and figures.fields["total"].found == 0
    assert figures.alone == 0
    assert figures.fields["micro"].f1 == pytest.approx(2 * 2 / (4 + 3))


def test_documents_that_would_load_alone_with_a_wrong_value_are_counted() -> None:
    truth = dict.fromkeys(("company", "date", "address", "total"), "x")
    sure = [(name, "x", 0.97, True) for name in truth]
    wrong = [*sure[:3], ("total", "y", 0.99, False)]
    unsure = [*sure[:3], ("total", "x", 0.5, True)]
    figures = judge([(truth, sure), (truth, wrong), (truth, unsure)])
    assert (figures.alone, figures.alone_wrong) == (2, 1)
    assert figures.fields["company"].acceptable == 1.0 and figures.fields["total"].acceptable == 0.0


def _looked(typed: str, strong: str, score: float = 0.95) -> Looked:
    return Looked(Row((0, 1, 2, 3), (Look(strong, (score,) * len(strong)), None, None)), typed)


def test_whom_to_believe_is_learnt_from_what_people_typed() -> None:
    page = receipt([(60, 20, "GREEM LEAF STATIONERY TRADING")]).reading.pages[0]
    right = _looked("GREEN LEAF STATIONERY TRADING", "GREEN LEAF STATIONERY TRADING")
    slots = labelled(page, [right])
    assert [(list(slot.texts), place) for slot, place in slots] == [
        (["greem", "green"], 1), (["leaf"], 0), (["stationery"], 0), (["trading"], 0),
    ]  # fmt: skip
    other = _looked("SOMETHING ELSE WAS TYPED", "GREEN LEAF STATIONERY TRADING")
    assert labelled(page, [other]) == []
    (slot, _), *rest = slots
    learnt = fit_beliefs([(slot, 1)] * 30 + rest * 10)
    assert learnt.chances(slot)[1] > 0.9
    unlearnt = fit_beliefs([(slot, 0)] * 30 + rest * 10)
    assert unlearnt.chances(slot)[0] > 0.9
    one = replace(receipt([(60, 20, "GREEM LEAF STATIONERY TRADING")]), looked=(right,))
    prepared = prepare([one])[0]
    assert believing(prepared, learnt).receipt.reading.text == "GREEN LEAF STATIONERY TRADING"
    assert believing(prepared, None) is prepared


def test_a_line_that_sells_is_not_read_as_a_name() -> None:
    rows = [(60, 20, "GREEM TEA 2 4.50")]
    looks = (_looked("GREEN TEA 2 4.50", "GREEN TEA 2 4.50"),)
    prepared = prepare([replace(receipt(rows), looked=looks)])[0]
    page = prepared.receipt.reading.pages[0]
    assert labelled(page, looks) == []
    name = receipt([(60, 20, "GREEM LEAF STATIONERY TRADING")]).reading.pages[0]
    learnt = fit_beliefs(
        labelled(name, [_looked("GREEN LEAF STATIONERY TRADING", "GREEN LEAF STATIONERY TRADING")]) * 9
    )
    assert believing(prepared, learnt).receipt.reading.text == "GREEM TEA 2 4.50"


def test_days_are_as_sure_as_the_other_engine_leaves_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (one,) = prepare([receipt([*ROWS, (60, 76, "06/12/2016 10:15")])])
    found = picked("date", *one.dates, [0.9])
    assert found is not None
    chosen = [Chosen(one, "date", "2016-12-06", found.choice, True, found)]
    assert read_again(one, chosen, {"date": 0.9}, None) == {}

    def differing(path: Path, *about: object, **how: object) -> tuple[Extraction, tuple[()]]:
        (field,) = about[3].fields  # type: ignore[attr-defined]
        assert path == tmp_path and field.raw == "06/12/2016" and isinstance(how["memory"], Kept)
        return Extraction((replace(field, confidence=0.55),)), ()

    monkeypatch.setattr(train_receipts, "second_readings", differing)
    one = replace(one, receipt=replace(one.receipt, picture=tmp_path))
    assert read_again(one, chosen, {"date": 0.9}, tmp_path) == {"date": 0.55}


def test_what_was_read_again_is_kept_by_receipt(tmp_path: Path) -> None:
    Kept(tmp_path, "1").keep("second-0", b"x")
    assert Kept(tmp_path, "1").get("second-0") == b"x" and Kept(tmp_path, "2").get("second-0") is None


def test_other_deals_of_the_shops_stand_on_the_card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train_receipts, "TREES", dict.fromkeys(BOOSTERS, (4, 4)))
    train(tmp_path, seed=7, documents=20, deals=2)
    assert "in 2 ways" in (tmp_path / "MODEL_CARD.md").read_text(encoding="utf-8")
