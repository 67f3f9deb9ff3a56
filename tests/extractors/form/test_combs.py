"""Letters in boxes become words; what only looks like it stays."""

from __future__ import annotations

from extractors.form.combs import without_combs
from models.records import Page, Reading, Source, Word


def boxes(text: str, x: float = 50, y: float = 100, pitch: float = 14) -> list[Word]:
    """Each letter of ``text`` in a box of its own; a blank leaves one empty."""
    return [
        Word(letter, (x + n * pitch, y, x + n * pitch + 6, y + 9), 0.9)
        for n, letter in enumerate(text)
        if letter != " "
    ]


def page(words: list[Word]) -> Reading:
    return Reading("application/pdf", (Page(1, 595, 842, Source.TEXT, tuple(words)),))


def texts(reading: Reading) -> list[str]:
    return [word.text for word in reading.pages[0].words]


def test_letters_at_one_pitch_are_words_and_an_empty_box_is_a_blank() -> None:
    joined = without_combs(page(boxes("JAN NOVÁK")))
    assert texts(joined) == ["JAN", "NOVÁK"]
    first, second = joined.pages[0].words
    assert 0 < second.box[0] - first.box[2] < 5, "an empty box is no gap between columns"
    assert (first.confidence, first.box[0], second.box[2]) == (0.9, 50, 50 + 8 * 14 + 6)


def test_a_date_in_boxes_is_one_word() -> None:
    assert texts(without_combs(page(boxes("9.8.1989")))) == ["9.8.1989"]


def test_words_between_boxes_part_them() -> None:
    words = [*boxes("1234"), Word("Datum", (50, 130, 80, 139)), *boxes("5678", y=160)]
    assert texts(without_combs(page(words))) == ["1234", "Datum", "5678"]


def test_single_letters_of_a_table_stay() -> None:
    columns = [Word(str(n), (x, 100, x + 6, 109)) for n, x in enumerate((50, 190, 260, 470, 480))]
    assert texts(without_combs(page(columns))) == list("01234")


def test_few_letters_stay_and_the_reading_is_the_same() -> None:
    reading = page(boxes("a b"))
    assert without_combs(reading) is reading


def test_a_text_layer_joins_letters_and_the_empty_box_between_words_is_a_blank() -> None:
    spread = [Word("Jana", (50, 100, 102, 110)), Word("Nová", (120, 100, 172, 110))]
    joined = without_combs(page(spread)).pages[0].words
    assert joined[1].box[0] - joined[0].box[2] < 5
    apart = [Word("Jana", (50, 100, 102, 110)), Word("Nová", (190, 100, 242, 110))]
    assert without_combs(page(apart)) == page(apart), "two columns stay apart"
    normal = [Word("Jana", (50, 100, 72, 110)), Word("Nová", (84, 100, 106, 110))]
    assert without_combs(page(normal)) == page(normal)
