"""The e-invoices that the factory writes say what the page says."""

from __future__ import annotations

import io
from decimal import Decimal

import pikepdf
import pytest
from defusedxml import ElementTree

from pipeline.learn.factory import einvoice
from pipeline.learn.factory.invoices import draft, render


@pytest.fixture(scope="module")
def drafted():
    return draft(3, "invoice", "de", "window", 4)


def texts(xml: bytes, name: str) -> list[str]:
    return [node.text for node in ElementTree.fromstring(xml).iter() if node.tag.rpartition("}")[2] == name]


@pytest.mark.parametrize(
    ("write", "total", "line"),
    [
        (einvoice.cii, "GrandTotalAmount", "LineTotalAmount"),
        (einvoice.ubl, "TaxInclusiveAmount", "LineExtensionAmount"),
    ],
)
def test_totals_and_lines(drafted, write, total, line):
    trade = drafted[1]
    xml = write(trade)
    assert texts(xml, total) == [f"{trade.gross_total:.2f}"]
    amounts = sorted(Decimal(text) for text in texts(xml, line))
    assert amounts == sorted([*(row.net for row in trade.lines), trade.net_total])


def test_ids_stand_in_the_xml(drafted):
    trade = drafted[1]
    for xml in (einvoice.cii(trade), einvoice.ubl(trade)):
        for value in (trade.number, trade.seller.vat_id, trade.seller.tax_number, trade.account.iban):
            assert value.encode() in xml


def test_the_hybrid_carries_the_xml_as_associated_file(drafted):
    made, xml = render(*drafted), einvoice.cii(drafted[1])
    pdf = einvoice.hybrid(made.pdf, xml)
    assert pdf == einvoice.hybrid(made.pdf, xml)
    with pikepdf.open(io.BytesIO(pdf)) as document:
        (associated,) = document.Root.AF
        assert associated.UF == "factur-x.xml"
        assert associated.AFRelationship == pikepdf.Name.Alternative
        assert document.attachments["factur-x.xml"].get_file().read_bytes() == xml


def test_our_own_reader_reads_them(drafted):
    from extractors.einvoice import read_einvoice

    trade = drafted[1]
    for xml, syntax in ((einvoice.cii(trade), "cii"), (einvoice.ubl(trade), "ubl")):
        read = read_einvoice(xml, "factur-x.xml")
        assert read is not None and read.syntax == syntax
        values = {field.name: field.value for field in read.fields}
        assert values["invoice_number"] == trade.number
        assert values["seller_vat_id"] == trade.seller.vat_id
        assert values["seller_tax_number"] == trade.seller.tax_number
        assert values["due_date"] == trade.due_date.isoformat()
        assert Decimal(values["amount_due"]) == trade.amount_due
        assert len(read.line_items) == 4
