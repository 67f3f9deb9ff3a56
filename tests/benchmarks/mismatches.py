"""Does a changed e-invoice reach a person? ``python tests/benchmarks/mismatches.py [--made N] [--readings FOLDER]``.

Every hybrid invoice (N generated ones of many layouts, and readings of real ones kept as JSON) is told as it is, and
once for each field with another value in the XML than on the page: another day, another amount, another account with
right check digits, another name. Then prints, by field: how many were changed, named in a finding, and sent to a person
whatever the reason; and how many unchanged ones a comparison of page and XML complained about.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from random import Random

from stdnum import iban

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from extractors import extract
from extractors.einvoice import read_einvoice
from models.document_types import Kind, document_types
from models.records import EInvoice, Field, Finding, Reading, Route, from_json
from models.settings import Settings
from pipeline.check import check
from pipeline.classify import classify
from pipeline.learn.factory import LANGUAGES, LAYOUTS
from pipeline.learn.factory.einvoice import cii, ubl
from pipeline.learn.factory.invoices import draft, render
from pipeline.route import route

CHANGED = (
    "invoice_number", "issue_date", "due_date", "net_total", "tax_total", "gross_total", "amount_due", "iban",
    "currency", "seller_name", "seller_vat_id", "buyer_name",
)  # fmt: skip
COMPARED = ("xml-mismatch", "xml-not-on-page", "xml-unchecked")
SETTINGS = Settings()


def made(count: int) -> Iterator[Reading]:
    """Generated hybrids: CII and UBL by turns, all layouts and languages."""
    for number in range(count):
        layout, language = tuple(LAYOUTS)[number % len(LAYOUTS)], LANGUAGES[number % len(LANGUAGES)]
        name, trade, drawn, style = draft(f"mismatch-{number}", "invoice", language, layout)
        xml = (cii, ubl)[number % 2](trade)
        yield replace(render(name, trade, drawn, style).reading, einvoice=read_einvoice(xml, "factur-x.xml"))


def another(field: Field, kind: Kind, rng: Random) -> str:
    """A value of the same kind that somebody who forges, or a program that errs, might have written."""
    value = field.value
    if kind is Kind.DATE:
        return (dt.date.fromisoformat(value) + dt.timedelta(rng.choice((-30, -7, 1, 14, 31)))).isoformat()
    if kind is Kind.AMOUNT:
        change = Decimal(rng.choice((1, 9, 10, 100, 1000)))
        return str(Decimal(value) + change)
    if kind is Kind.IBAN:
        other = value[:-4] + f"{(int(value[-4:]) + rng.randrange(1, 9999)) % 10_000:04}"
        return other[:2] + iban.calc_check_digits(other) + other[4:]
    if kind is Kind.CURRENCY:
        return "EUR" if value != "EUR" else "CZK"
    digits = [place for place, sign in enumerate(value) if sign.isdigit()]
    if digits:
        place = rng.choice(digits)
        return value[:place] + str((int(value[place]) + rng.randrange(1, 10)) % 10) + value[place + 1 :]
    return "Other " + value[::-1]


def judged(reading: Reading) -> tuple[bool, tuple[Finding, ...]]:
    """Whether a person sees it, and what the checks say."""
    classification = classify(reading)
    kind = document_types()[classification.type]
    extraction = extract(reading, kind)
    findings = (*reading.findings, *check(reading, kind, extraction))
    return route(kind, classification, extraction, findings, SETTINGS).route is not Route.AUTO, findings


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--made", type=int, default=36, help="how many hybrids to generate")
    parser.add_argument("--readings", type=Path, nargs="*", default=[], help="folders of readings as JSON")
    parser.add_argument("--list", action="store_true", help="name what nobody would see")
    asked = parser.parse_args()
    rng = Random(11)
    tried, named, seen, unseen = Counter[str](), Counter[str](), Counter[str](), list[str]()
    documents, alarms, people = 0, 0, 0
    readings = [*made(asked.made)]
    for folder in asked.readings:
        readings += [from_json(Reading, path.read_bytes()) for path in sorted(folder.glob("*.json"))]
    for number, reading in enumerate(readings):
        if not isinstance(reading.einvoice, EInvoice) or not reading.pages:
            continue
        documents += 1
        person, findings = judged(reading)
        alarms += any(one.code in COMPARED for one in findings)
        people += person
        spec = document_types()[reading.einvoice.document_type].fields
        for field in reading.einvoice.fields:
            if field.name not in CHANGED:
                continue
            value = another(field, spec[field.name].kind, rng)
            fields = tuple(replace(one, value=value) if one is field else one for one in reading.einvoice.fields)
            person, findings = judged(replace(reading, einvoice=replace(reading.einvoice, fields=fields)))
            tried[field.name] += 1
            named[field.name] += any(field.name in one.fields for one in findings)
            seen[field.name] += person
            if not person:
                unseen.append(f"document {number}: {field.name}")
    print(f"{documents} hybrids as they are: {alarms} complained about, {people} sent to a person")
    print(f"{'changed in the XML':20} {'times':>6} {'named':>6} {'a person sees it':>17}")
    for name in CHANGED:
        print(f"{name:20} {tried[name]:6} {named[name]:6} {seen[name]:17}")
    total = sum(tried.values())
    print(f"{'all':20} {total:6} {named.total():6} {seen.total():17}")
    if asked.list:
        print(*unseen, sep="\n")


if __name__ == "__main__":
    main()
