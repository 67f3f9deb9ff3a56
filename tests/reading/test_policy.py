"""Who reads what, and how sure a word is."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from models.records import Source, Word
from pipeline.learn.factory import spoil
from pipeline.learn.factory.fonts import width
from pipeline.learn.factory.invoices import make_invoice
from pipeline.learn.factory.sheet import Sheet
from pipeline.reading.ocr import confidence, policy, repair
from pipeline.reading.ocr.confidence import Reader, calibrated, seconded
from pipeline.reading.ocr.quality import judge
from pipeline.reading.ocr.recognise import Recognised, _probable
from pipeline.reading.ocr.unread import unread

GOOD = judge(spoil.scan(spoil.render(make_invoice("quality", "invoice", "en", "stacked", 3).pdf, 200)[0],
                        spoil.Scan(dpi=200, noise=2), np.random.default_rng(0)), photo=False)  # fmt: skip


def _page(*texts: tuple[str, int, int]) -> np.ndarray:
    picture = np.full((700, 900), 255, np.uint8)
    for text, x, y in texts:
        cv2.putText(picture, text, (x, y), cv2.FONT_HERSHEY_SIMPLEX, 1.0, 0, 2, cv2.LINE_AA)
    return picture


def test_ink_without_words_is_found_even_a_lone_digit() -> None:
    picture = _page(("Widget", 50, 100), ("7", 500, 100), ("Umsatzsteuer: 178,77", 50, 300))
    spots = unread(picture, [(45, 70, 180, 112)], 22.0)
    assert [spot.marks == 1 for spot in spots].count(True) == 1
    lone = next(spot for spot in spots if spot.marks == 1)
    assert lone.box[0] < 505 and lone.box[2] > 515
    lines = [spot for spot in spots if spot.box[1] > 250]
    assert len(lines) == 1 and lines[0].box[2] - lines[0].box[0] > 300


def test_ink_under_words_specks_and_rules_are_no_spots() -> None:
    picture = _page(("Widget", 50, 100))
    cv2.line(picture, (20, 400), (880, 400), 0, 3)
    for x in range(100, 800, 90):
        cv2.circle(picture, (x, 500), 2, 0, -1)
    assert unread(picture, [(45, 65, 185, 115)], 22.0) == []


def test_a_doubtful_word_is_read_again_and_a_lost_one_found() -> None:
    picture = _page(("Total 178.77", 50, 100), ("Invoice 4711", 50, 300))
    words = [Word("Total", (50, 75, 135, 104), 0.98), Word("1T8.7", (155, 75, 270, 104), 0.2)]
    doubts = repair.doubts(picture, words, 22.0)
    assert [doubt.words for doubt in doubts] == [(1,), ()]
    texts = [word.text for word in repair.with_spots(picture, words, doubts, GOOD)]
    assert texts[0] == "Total"
    assert {"178.77", "Invoice", "4711"} <= set(texts)
    assert "1T8.7" not in texts


def test_a_line_of_a_machine_readable_zone_is_not_read_in_pieces() -> None:
    zone = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<"
    picture = _page(("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<", 50, 100))
    assert repair.doubts(picture, [Word(zone, (50, 75, 850, 104), 0.1)], 22.0) == []
    assert repair.doubts(picture, [Word("garbage", (50, 75, 850, 104), 0.1)], 22.0) != []


def test_a_torn_line_of_a_machine_readable_zone_is_read_as_a_whole() -> None:
    line = "L898902C36CZE7408122F1204159<<<<<<<<<<<<<<04"
    sheet = Sheet(family="mono")
    sheet.text(50, 100, line, size=14)
    picture = spoil.render(sheet.pdf(), 300)[0]
    across, top, bottom = width(line, "mono", 14) * 300 / 72, 367.0, 425.0
    left = 50 * 300 / 72
    torn = (Word("L898902C36CZE740B122F12041", (left, top, left + across * 0.6, bottom), 0.4),
            Word("<<<<", (left + across * 0.66, top, left + across, bottom), 0.2),
            Word("Name", (left, 200, left + 90, 240), 0.9))  # fmt: skip
    found = repair.with_zone(picture, torn)
    assert [word.text for word in found] == ["Name", line]
    assert found[1].box == (left, top, left + across, bottom)
    assert repair.with_zone(picture, torn[2:]) == torn[2:], "without a zone nothing is read"


def test_a_line_of_a_machine_readable_zone_stays_however_unsure() -> None:
    zone = Word("L898902C36UTO7408122F1204159ZE184226B<<<<<10", (50, 75, 850, 104), 0.05)
    page = Recognised(Source.TESSERACT, 0, (zone, Word("garbage", (50, 200, 100, 220), 0.05)))
    assert _probable(page).words == (zone,)


def test_blanks_that_the_second_reading_lost_stay() -> None:
    picture = _page(("Co. KG", 50, 100))
    words = [Word("Co.", (50, 75, 105, 104), 0.6), Word("KG", (120, 75, 165, 104), 0.6)]
    doubt = repair.doubts(picture, words, 22.0)
    assert [one.words for one in doubt] == [(0, 1)]
    found = repair.merged(words, doubt, [[Word("Co.KG", (50, 75, 165, 104), 0.99)]], GOOD)
    assert [word.text for word in found] == ["Co.", "KG"]
    assert all(word.confidence > 0.6 for word in found)


def test_a_word_that_both_read_alike_is_surer_and_one_read_otherwise_is_not() -> None:
    word = Word("178,77", (10, 10, 70, 22), 0.8)
    alone = word.confidence
    same = seconded([word], [Word("178,77", (11, 10, 71, 22), 0.9)], Reader.TESSERACT)[0].confidence
    other = seconded([word], [Word("118,77", (11, 10, 71, 22), 0.9)], Reader.TESSERACT)[0].confidence
    assert other < alone < same


def test_chances_follow_the_score_and_the_shape() -> None:
    words = [Word("Rechnung", (10, 10, 90, 22), 0.96), Word("178,77", (100, 10, 150, 22), 0.96)]
    good = calibrated(words, Reader.TESSERACT, GOOD)
    poor = calibrated([replace(words[0], confidence=0.3), words[1]], Reader.TESSERACT, GOOD)
    odd = calibrated([replace(words[0], text="Re<hnvnG"), words[1]], Reader.TESSERACT, GOOD)
    assert all(0.0 <= word.confidence <= 1.0 for word in (*good, *poor, *odd))
    assert good[0].confidence > 0.8
    assert poor[0].confidence < good[0].confidence
    assert odd[0].confidence < good[0].confidence
    assert calibrated([], Reader.TESSERACT, GOOD) == ()


def test_a_feature_says_no_more_beyond_what_was_seen_in_training() -> None:
    curve = confidence.Curve(((0.0, 0.5, 1.0),), (2.0, 1.0), -1.0)
    inside, above, below = curve.chances(np.array([[1.0], [50.0], [-50.0]])).tolist()
    assert inside == above > below == pytest.approx(1 / (1 + np.exp(1.0)))


def test_a_clean_scan_goes_to_the_cheap_engine_and_poor_words_to_the_strong_one() -> None:
    assert not policy.strong_at_once(GOOD)
    sure = [Word("word", (0, 0, 40, 10), 0.97)] * 20
    assert not policy.strong_after(sure)
    assert policy.strong_after([replace(word, confidence=0.4) for word in sure])
    assert policy.strong_after(sure[:3])


def test_many_spots_are_dearer_than_the_page() -> None:
    assert policy.page_is_cheaper(spots=200, rows=40)
    assert not policy.page_is_cheaper(spots=20, rows=40)


def test_weights_survive_their_json() -> None:
    model = confidence.dumps(confidence.model())
    assert confidence.dumps(confidence.loads(model)) == model
    assert policy.loads(policy.dumps(policy.policy())) == policy.policy()


@pytest.mark.parametrize("shape", [(1, 1), (3, 3), (5, 400), (400, 5)])
@pytest.mark.parametrize("level", [0, 128, 255])
def test_the_smallest_pictures_have_a_quality(shape: tuple[int, int], level: int) -> None:
    assert np.isfinite(judge(np.full(shape, level, np.uint8), photo=False).numbers()).all()
