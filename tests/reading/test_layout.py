"""Reading order and blocks on pages laid out by hand: each line's words are written in the order they must come out."""

from __future__ import annotations

import math
import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.records import Word
from pipeline.reading.layout import arrange

LEFT = (
    "The first column of this letter",
    "begins here and goes on for",
    "some lines before it comes",
    "to its very end at last",
)
RIGHT = (
    "whereas the second one is",
    "read after it and has words",
    "that stand at other heights",
    "than those of the first",
)
SELLER = ("Seller Example Limited", "Street of the Example 17", "110 00 Prague 1", "Czech Republic")
BUYER = ("Buyer Sample GmbH", "Musterweg 4 b", "80331 Munich Town", "Germany again")
TABLE = (
    (("Description", 60), ("Quantity", 300), ("Price", 380), ("Amount", 470)),
    (("Paper A4 white", 60), ("10 boxes", 300), ("123.45", 380), ("1,234.50", 470)),
    (("Toner black large", 60), ("2 pieces", 300), ("382.75", 380), ("765.50", 470)),
    (("Delivery", 60), ("1 piece", 300), ("20.00", 380), ("20.00", 470)),
)
META = (("Invoice number:", "2026-0042"), ("Date of issue:", "05.03.2026"), ("Due date:", "19.03.2026"))


class Paper:
    """Words written line by line; what is written first is read first."""

    def __init__(self, size=10.0, tight=False):
        self.size, self.tight = size, tight
        self.words = []

    def write(self, text, x, y):
        for part in text.split():
            wide = 0.5 * self.size * len(part)
            top, bottom = (0.72, 0.0) if self.tight else (0.8, 0.22)
            self.words.append(Word(part, (x, y - top * self.size, x + wide, y + bottom * self.size)))
            x += wide + 0.28 * self.size

    def column(self, lines, x, y, pitch=13.0):
        for line in lines:
            self.write(line, x, y)
            y += pitch
        return y


def two_columns(paper, shift=4.5):
    paper.write("A heading that goes across the whole of the page from left to right", 60, 60)
    bottom = paper.column(LEFT, 60, 100)
    bottom = paper.column(LEFT, 60, bottom + 13)
    paper.column(RIGHT + RIGHT, 320, 100 + shift)
    paper.write("The footer too goes across the whole of the page, from one margin to the other", 60, bottom + 60)


def invoice(paper):
    paper.write("Example Limited, makers of examples of every kind since 1985", 60, 50)
    paper.column(SELLER, 60, 100)
    paper.column(BUYER, 330, 100)
    for number, (label, value) in enumerate(META):
        paper.write(label, 60, 200 + 13 * number)
        paper.write(value, 330, 200 + 13 * number)
    for number, row in enumerate(TABLE):
        for cell, x in row:
            paper.write(cell, x, 300 + 16 * number)
    paper.write("Total", 380, 400)
    paper.write("2,020.00", 470, 400)
    paper.write("Thank you for your order, we look forward to the next", 60, 780)


def skewed(words, degrees):
    tangent = math.tan(math.radians(degrees))

    def move(box):
        down = tangent * (box[0] + box[2]) / 2
        return (box[0], box[1] + down, box[2], box[3] + down)

    return [Word(word.text, move(word.box), word.confidence) for word in words]


@pytest.mark.parametrize("tight", [False, True], ids=["text layer", "engine"])
@pytest.mark.parametrize("draw", [two_columns, invoice])
def test_reading_order(draw, tight):
    paper = Paper(tight=tight)
    draw(paper)
    mixed = paper.words[:]
    random.Random(4).shuffle(mixed)
    words, blocks = arrange(mixed)
    assert [word.text for word in words] == [word.text for word in paper.words]
    assert sum(end - first for block in blocks for first, end in block.lines) == len(words)


def test_columns_whose_lines_stand_at_the_same_heights():
    paper = Paper()
    two_columns(paper, shift=0.0)
    assert arrange(paper.words)[0] == tuple(paper.words)


@pytest.mark.parametrize("degrees", [-4, 2, 4])
@pytest.mark.parametrize("draw", [two_columns, invoice])
def test_a_skewed_page_has_the_same_order(draw, degrees):
    paper = Paper(tight=True)
    draw(paper)
    # an engine gives lines across the page, in the order of their heights
    slanted = skewed(paper.words, degrees)
    by_line = sorted(slanted, key=lambda word: (round(paper.words[slanted.index(word)].box[3], 1), word.box[0]))
    assert [word.text for word in arrange(by_line)[0]] == [word.text for word in paper.words]


def test_blocks_are_paragraphs_columns_and_tables():
    paper = Paper()
    invoice(paper)
    words, blocks = arrange(paper.words)
    texts = [[" ".join(word.text for word in words[a:b]) for a, b in block.lines] for block in blocks]
    assert list(SELLER) in texts
    assert list(BUYER) in texts
    assert [" ".join(cell for cell, _ in row) for row in TABLE] in texts
    for block in blocks:
        inside = [word.box for a, b in block.lines for word in words[a:b]]
        assert block.box == (
            min(box[0] for box in inside),
            min(box[1] for box in inside),
            max(box[2] for box in inside),
            max(box[3] for box in inside),
        )


def test_nothing_and_one_word():
    assert arrange(()) == ((), ())
    word = Word("alone", (1, 2, 3, 4))
    words, blocks = arrange([word])
    assert words == (word,)
    assert blocks[0].lines == ((0, 1),)


numbers = st.floats(0, 600, allow_nan=False)


@given(st.lists(st.tuples(numbers, numbers, st.floats(0, 200), st.floats(0, 60)), max_size=40))
def test_every_word_comes_out_once_whatever_the_boxes(places):
    words = [Word(str(n), (x, y, x + w, y + h)) for n, (x, y, w, h) in enumerate(places)]
    ordered, blocks = arrange(words)
    assert sorted(ordered, key=lambda word: int(word.text)) == words
    lines = [line for block in blocks for line in block.lines]
    assert [first for first, _ in lines] == [0, *(end for _, end in lines)][: len(lines)]


def test_it_is_cheap():
    paper = Paper()
    for row in range(60):
        paper.write("five plain words here again", 60 + 250 * (row % 2), 60 + 11 * row)
    costs = []
    for _ in range(7):
        start = time.thread_time()
        arrange(paper.words)
        costs.append(time.thread_time() - start)
    assert len(paper.words) == 300
    assert min(costs) < 0.008  # 2 ms on a quiet machine
