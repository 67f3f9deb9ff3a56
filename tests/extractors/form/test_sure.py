"""How sure a chosen value is, and whose party our own company is."""

from __future__ import annotations

from dataclasses import replace

from extractors.candidates.base import make
from extractors.form.fields import prepare
from extractors.form.ours import favoured
from extractors.form.sure import NAMES, OWN, SURE, doubts
from extractors.page.layout import lay_out
from extractors.scoring import FEATURES, Option
from models.document_types import Kind, document_types
from tests.extractors.form.made_up import CARD, library_card
from tests.extractors.readings import reading


def options(*found: tuple[str, str, float]) -> list[Option]:
    """An option for each field, words of the card and score."""
    layout, _ = prepare(reading(CARD), library_card())
    made = []
    for field, words, score in found:
        line = next(line for line in layout.lines if words in line.text)
        start = line.text.index(words)
        one = make(library_card().fields[field].kind, words, line, start, start + len(words), "beside")
        made.append(Option(one, field, {"label": 0.9}, score))
    return made


def test_every_name_is_described() -> None:
    assert set(OWN) <= set(FEATURES)
    assert len(set(NAMES)) == len(SURE) + len(OWN)


def test_what_speaks_against_a_value_is_measured() -> None:
    fee, deposit, rival, wanting = options(
        ("fee", "£12.50", 0.9), ("deposit", "£20.00", 0.8), ("fee", "£32.50", 0.3), ("total", "£12.50", 0.2)
    )
    kind = library_card()
    found = doubts([fee, deposit, rival, wanting], {"fee": fee, "deposit": deposit}, kind)
    assert found["fee"]["score"] == 0.9
    assert found["fee"]["runner_up"] == 0.3
    assert found["fee"]["wanted"] == 0.2
    assert (found["fee"]["others"], found["fee"]["weakest"]) == (0.8, 0.8)
    assert found["deposit"]["runner_up"] == found["deposit"]["wanted"] == 0
    assert found["fee"]["found"] == 2 / 3, "the total has a label and no value"


def parties(*found: tuple[str, str, float], **features: float) -> list[Option]:
    layout = lay_out(reading([(50, 100 + 40 * row, name) for row, (_, name, _) in enumerate(found)]))
    return [
        Option(make(Kind.PARTY, name, line, 0, len(line.text), "top"), field, features, score)
        for (field, name, score), line in zip(found, layout.lines, strict=True)
    ]


def test_our_company_is_on_our_side_where_no_heading_speaks() -> None:
    kind = document_types()["purchase_order"]
    made = parties(("seller_name", "Harbour Works Ltd", 0.5), ("buyer_name", "Harbour Works Ltd", 0.3))
    seller, buyer = favoured(made, kind, ["HARBOUR WORKS LTD"], [])
    assert seller.probability < 0.2 < 0.7 < buyer.probability
    assert favoured(made, kind, ["Somebody Else Ltd"], []) == made
    assert favoured(made, kind, [], []) == made
    headed = [replace(one, features={"group": 1.0}) for one in made]
    assert favoured(headed, kind, ["Harbour Works Ltd"], []) == headed


def test_our_number_is_ours_at_the_foot_far_below_the_heading_of_another() -> None:
    kind = document_types()["purchase_order"]
    found = parties(("seller_tax_number", "25568736", 0.6), ("buyer_tax_number", "25568736", 0.3))

    def chances(group_gap: float, shared: float) -> list[float]:
        said = {"group": 1.0, "group_gap": group_gap, "label": 1.0, "label_shared": shared}
        return [one.probability for one in favoured([replace(o, features=said) for o in found], kind, [], ["25568736"])]

    seller, buyer = chances(40.0, 2.0)
    assert seller < 0.2 < 0.7 < buyer
    assert chances(3.0, 2.0) == [0.6, 0.3], "within the block under the heading"
    assert chances(40.0, 1.0) == [0.6, 0.3], "its label says whose it is"


def test_what_the_signs_of_a_value_say() -> None:
    number, name = options(("fee", "£12.50", 0.9), ("branch", "Old Harbour", 0.9))
    for kind, value, key, expected in (
        (Kind.IDENTIFIER, "LC-2O418", "mixed", 1),
        (Kind.IDENTIFIER, "LC-20418", "mixed", 0),
        (Kind.IDENTIFIER, "LC-20418", "unvouched", 0.4),
    ):
        one = replace(number, field="card_number", features={"read_least": 0.4})
        one = replace(one, candidate=replace(number.candidate, kind=kind, value=value))
        assert doubts([one], {"card_number": one}, library_card())["card_number"][key] == expected
    for value, expected in (("Old Harbour &", 1), ("Old Harbour", 0)):
        one = replace(name, candidate=replace(name.candidate, value=value))
        assert doubts([one], {"branch": one}, library_card())["branch"]["open"] == expected


def test_the_only_company_of_a_type_is_ours() -> None:
    kind = document_types()["timesheet"]
    (company,) = favoured(parties(("company", "Harbour Works Ltd", 0.3)), kind, ["Harbour Works Ltd"], [])
    assert company.probability > 0.7
