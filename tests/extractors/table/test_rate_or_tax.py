"""Two decimals under the head of rates: a known rate, or the tax itself."""

from __future__ import annotations

import pytest

from extractors import extract
from models.document_types import document_types
from tests.extractors.readings import reading


@pytest.mark.parametrize(("printed", "rate"), [("20.00", "20"), ("5.50", "5.5"), ("8.29", None)])
def test_an_amount_of_tax_is_no_rate(printed: str, rate: str | None) -> None:
    head = [
        (50, 100, "Item"),
        (260, 100, "Qty"),
        (330, 100, "Unit price"),
        (420, 100, "Net"),
        (500, 100, "VAT %"),
    ]
    row = [(50, 116, "Copier paper"), (265, 116, "8"), (340, 116, "5.18"), (420, 116, "41.44"), (500, 116, printed)]
    (item,) = extract(reading([*head, *row]), document_types()["invoice"]).line_items
    assert item.tax_rate == rate
