"""Checks: what is wrong with the values of a document, in plain words.

`check` runs inside the cage on what the machine read, `check_values` in the desk on what a reviewer typed; both run
the checks that the document type's YAML names under ``checks``. Codes of findings are stable:

=========================  ========  ===============================================================
code                       severity  what it says
=========================  ========  ===============================================================
missing-field              error     a required field has no value
malformed-value            error     a date, amount or account is not in normal form
totals-differ              error     net and tax do not make gross
iban-invalid               error     length or check digits of the IBAN
xml-mismatch               error     the page shows another invoice than the e-invoice in the file
code-mismatch              error     account, amount or number of a payment code are not those of the page
check-failed               error     a check crashed; nothing is known about what it checks
xml-not-on-page            warning   the e-invoice's number or issue date is not on the page
xml-unchecked              warning   the page can't be read, so the e-invoice could not be compared
code-invalid, -damaged     warning   a payment code on the page is wrong in itself
codes-differ               warning   two payment codes say two things
code-unchecked             warning   the page can't be read, so its code could not be compared
code-unreadable            info      a payment code that can't be read
amount-unvouched           warning   a required amount of a scan for which nothing but its label speaks
unreadable-page            warning   a page on which nothing could be read, though it is not blank
date-in-future, date-too-old, due-before-issue, due-too-late, delivery-far             warnings
tax-too-high, tax-sign, due-above-total, line-amount, lines-differ                     warnings
wrong-side                 error     our own company is the other party: it is another type
not-ours                   warning   neither party is our own company
period-order               error     a period ends before it begins; period-long is a warning
balance-differs            error     credits and debits do not lead from the old balance to the new
hours-impossible           error     more hours than the period has; also hours-implausible, overtime-above-total
amount-not-positive        error     a payment or a limit of nothing; negative-number for hours, weights and rates
applicant-minor            error     under 18 at signing
birth-number-differs       error     the birth number is of another day or sex
mrz-check-digit            error     a check digit of the machine-readable zone is wrong
expiry-before-issue        error     an identity document that never was valid
mrz-missing, -doubtful, -differs, document-expired, birth-date-implausible             warnings
birth-number-invalid, phone-invalid, email-invalid, approved-by-self, nothing-asked    warnings
no-lines, line-quantity                                                                warnings
bic-invalid, bic-iban-differ, vat-id-invalid, company-number-invalid,
company-number-differs, account-differs, currency-unknown, variable-symbol-invalid     warnings
cash-rounding, lines-with-tax; line-amount and lines-differ of an e-invoice            info
=========================  ========  ===============================================================

`xml-mismatch` is a warning where only a value read from the page speaks against the XML, `code-mismatch` for what
costs no money.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from models.document_types import DocumentType, Kind
from models.messages import say
from models.records import LINE_ITEM_COLUMNS, Extraction, Finding, LineItem, Reading, Source, Witness
from models.settings import Settings
from pipeline.check import sums
from pipeline.check.bank import statement
from pipeline.check.codes import codes_against_page
from pipeline.check.company import own_company
from pipeline.check.dates import dates
from pipeline.check.einvoice import xml_against_page
from pipeline.check.facts import NOBODY, Check, Facts, Ours, decimal, error, warning
from pipeline.check.goods import delivery
from pipeline.check.identifiers import check_digits
from pipeline.check.persons import card_application, identity
from pipeline.check.work import payroll, timesheet
from pipeline.store import clock

__all__ = ["CHECKS", "NOBODY", "Ours", "check", "check_values", "our_company"]

CHECKS: dict[str, Check] = {
    "dates": dates,
    "check_digits": check_digits,
    **sums.CHECKS,
    "own_company": own_company,
    "statement": statement,
    "delivery": delivery,
    "payroll": payroll,
    "timesheet": timesheet,
    "card_application": card_application,
    "identity": identity,
}
"""The checks that a document type may name in its YAML file."""

_NUMBERS = {Kind.AMOUNT, Kind.NUMBER, Kind.PERCENT}
_COLUMNS = {
    "quantity": say("quantity"),
    "unit_price": say("unit price"),
    "net_amount": say("net amount"),
    "tax_rate": say("tax rate"),
}
_PROOFS = {Witness.SUM, Witness.XML, Witness.CODE, Witness.REVIEWER}


def _required(facts: Facts) -> Iterator[Finding]:
    for name, spec in facts.kind.fields.items():
        if spec.required and not facts.text(name).strip():
            yield error("missing-field", say("{title} is missing.", title=facts.title(name)), name)


def _forms(facts: Facts) -> Iterator[Finding]:
    for name, spec in facts.kind.fields.items():
        value = facts.text(name)
        if not value:
            continue
        if spec.kind is Kind.DATE and facts.date(name) is None:
            yield error("malformed-value", say("{title} is no date: use YYYY-MM-DD.", title=facts.title(name)), name)
        if spec.kind in _NUMBERS and facts.amount(name) is None:
            title = facts.title(name)
            if spec.kind is Kind.AMOUNT:
                message = say("{title} is no amount: use digits and a decimal point.", title=title)
            else:
                message = say("{title} is no number: use digits and a decimal point.", title=title)
            yield error("malformed-value", message, name)
    for number, item in enumerate(facts.line_items, start=1):
        for column, title in _COLUMNS.items():
            value = getattr(item, column)
            if value and decimal(value) is None:
                message = say("Line {number}: its {column} is no number.", number=number, column=title)
                yield error("malformed-value", message, "line_items")


def _pages(facts: Facts) -> Iterator[Finding]:
    for page in facts.reading.pages if facts.reading else ():
        if not page.words and page.source is not Source.BLANK:
            yield warning("unreadable-page", say("Nothing could be read on page {page}.", page=page.number))


def _vouched(extraction: Extraction) -> Check:
    """On scans with known truth the amount that decides was right where sums spoke for it, else 6 times of 7."""

    def look(facts: Facts) -> Iterator[Finding]:
        for field in extraction.fields:
            spec = facts.kind.fields.get(field.name)
            decides = spec is not None and spec.required and spec.kind is Kind.AMOUNT
            if decides and field.source.is_ocr and not _PROOFS & set(field.witnesses):
                yield warning(
                    "amount-unvouched",
                    say("No sum and no code confirms {title}.", title=facts.title(field.name)),
                    field.name,
                )

    return look


def _run(facts: Facts, checks: Iterable[tuple[str, Callable[[Facts], Iterator[Finding]]]]) -> tuple[Finding, ...]:
    """Run the checks; one that crashes leaves an error, because a document must not load on what was not checked."""
    findings: list[Finding] = []
    for name, one in checks:
        try:
            findings.extend(one(facts))
        except Exception as problem:  # whatever it is: the finding keeps the document from loading
            message = say(
                "The check '{name}' failed ({problem}), so a person has to look at everything.",
                name=name,
                problem=type(problem).__name__,
            )
            findings.append(error("check-failed", message))
    return tuple(dict.fromkeys(findings))


def _named(kind: DocumentType) -> Iterator[tuple[str, Check]]:
    yield "required fields", _required
    yield "forms", _forms
    for name in kind.checks:
        yield name, CHECKS.get(name, _unknown)


def _unknown(facts: Facts) -> Iterator[Finding]:
    raise LookupError(f"{facts.kind.name} names a check that does not exist")


def our_company(settings: Settings) -> Ours:
    """Our own company, as the settings name it."""
    return Ours(tuple(settings.our_names), tuple(settings.our_ids))


def check(
    reading: Reading,
    kind: DocumentType,
    extraction: Extraction,
    today: dt.date | None = None,
    *,
    ours: Ours = NOBODY,
) -> tuple[Finding, ...]:
    """Check what the machine read. Never raises: a check that crashes is itself a finding (``check-failed``).

    Args:
        reading: The pages, and the e-invoice in the file if there is one; it is compared with the pages.
        kind: The document type; its ``checks`` are run.
        extraction: The values to check.
        today: The day that dates are judged by; the clock's by default.
        ours: Our own company (`our_company`), which has its side on invoices.
    """
    values = {field.name: field.value for field in extraction.fields}
    sure = {field.name: field.confidence for field in extraction.fields}
    facts = Facts(kind, values, extraction.line_items, today or clock.now().date(), reading, ours, sure)
    compare = ("e-invoice against page", lambda facts: xml_against_page(facts, extraction))
    codes = ("codes against page", lambda facts: codes_against_page(facts, extraction))
    proofs = ("proof of amounts", _vouched(extraction))
    return _run(facts, (("pages", _pages), *_named(kind), proofs, compare, codes))


def _line_item(columns: Mapping[str, str | None]) -> LineItem:
    description, quantity, unit, unit_price, net_amount, tax_rate = (columns.get(name) for name in LINE_ITEM_COLUMNS)
    return LineItem(description, quantity, unit, unit_price, net_amount, tax_rate)


def check_values(
    kind: DocumentType,
    values: Mapping[str, str],
    line_items: Sequence[LineItem | Mapping[str, str | None]] = (),
    today: dt.date | None = None,
    *,
    ours: Ours = NOBODY,
) -> tuple[Finding, ...]:
    """Check values that a reviewer typed, in normal form, by the same rules; never raises.

    ``line_items`` are records or mappings from the columns of `LINE_ITEM_COLUMNS`.
    """
    lines = tuple(item if isinstance(item, LineItem) else _line_item(item) for item in line_items)
    return _run(Facts(kind, values, lines, today or clock.now().date(), ours=ours), _named(kind))
