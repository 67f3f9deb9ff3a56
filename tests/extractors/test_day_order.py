"""Which of two numbers is the day: by the dates themselves, by payment terms, by who writes."""

from __future__ import annotations

import pytest

from extractors.candidates.dates import date_candidates, month_first
from extractors.page.layout import lay_out
from models.records import Source
from tests.extractors.readings import reading


@pytest.mark.parametrize(
    ("lines", "source", "expected"),
    [
        (("Invoice Date 11/03/2017", "Due Date 12/03/2017", "balance at 30 days", "12.00 €"), Source.TEXT, True),
        (("Invoice Date 11/03/2017", "Due Date 12/03/2017", "12.00 €"), Source.TEXT, False),
        (("Date 03/04/2017", "Payable 02/05/2017", "29 days", "12.00 €"), Source.TEXT, False),
        (("Date 03/04/2025", "Sales Tax $4.00"), Source.TEXT, True),
        (("Date 13/04/2025", "Due 03/05/2025", "Sales Tax $4.00"), Source.TEXT, False),
        (("Date 04/13/2025", "Total 4.00 EUR"), Source.TEXT, True),
        # on a scan one such date of a European is a misread digit
        (("Date 04/13/2025", "Total 4.00 EUR"), Source.TESSERACT, False),
        (("Date 04/13/2025", "Due 04/27/2025", "Total 4.00 EUR"), Source.TESSERACT, True),
        (("Date 04/13/2025", "Sales Tax $4.00"), Source.TESSERACT, True),
    ],
)
def test_the_order_of_day_and_month(lines, source, expected):
    layout = lay_out(reading([(40, 40 + 12 * row, text) for row, text in enumerate(lines)], source=source))
    assert month_first(layout) is expected


def test_all_dates_of_a_page_are_read_in_one_order():
    layout = lay_out(reading([(40, 40, "Date 04/13/2025"), (40, 60, "Due 05/04/2025"), (40, 80, "Sales Tax $4.00")]))
    assert [one.value for one in date_candidates(layout)] == ["2025-04-13", "2025-05-04"]
