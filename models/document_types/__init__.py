"""Document types, one YAML file each: fields, kinds, labels, rules and the destination table.

A new type is a new file in this folder (and a migration for its table); no code names a type's fields
except the extractors of kinds and the checks that a file asks for by name.
"""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, model_validator

from models.messages import Message

UNKNOWN = "other"
"""The type of what is none of the declared ones."""
_FOLDER = Path(__file__).parent


def _said(title: dict[str, str]) -> dict[str, str]:
    """English titles go into sentences, and are told in another language with them (`pipeline.review.languages`)."""
    return {**title, "en": Message(title["en"], {})}


Title = Annotated[dict[str, str], AfterValidator(_said)]
"""A title by language; there is always an English one."""


class Kind(StrEnum):
    """What sort of value a field has: decides its candidates, its normal form and its column."""

    TEXT = "text"
    IDENTIFIER = "identifier"  # an invoice number: letters, digits and - / . without a standard
    DIGITS = "digits"  # a Czech variable symbol
    DATE = "date"
    AMOUNT = "amount"
    NUMBER = "number"  # without a currency: hours, pieces, kilograms
    PERCENT = "percent"
    CURRENCY = "currency"
    VAT_ID = "vat_id"
    TAX_NUMBER = "tax_number"
    IBAN = "iban"
    BIC = "bic"
    PARTY = "party"
    PERSON = "person"
    PHONE = "phone"
    EMAIL = "email"
    ADDRESS = "address"
    DATES = "dates"  # all dates of a document, joined by "; "
    AMOUNTS = "amounts"  # all amounts of a document, joined by "; "


class FieldSpec(BaseModel):
    """One field: its kind, whether a document may load without it, and its labels by language.

    ``phrases`` are labels that count inside a sentence only: what stands before a value in a letter.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Kind
    title: Title
    required: bool = False
    labels: dict[str, tuple[str, ...]] = {}
    phrases: dict[str, tuple[str, ...]] = {}

    @property
    def all_labels(self) -> tuple[str, ...]:
        """The labels of all languages."""
        return tuple(label for labels in self.labels.values() for label in labels)

    @property
    def all_phrases(self) -> tuple[str, ...]:
        """The phrases of all languages."""
        return tuple(phrase for phrases in self.phrases.values() for phrase in phrases)


class Sum(NamedTuple):
    """Amounts that make another: ``parts`` are names of fields, with a ``-`` in front where they are taken away."""

    parts: tuple[str, ...]
    total: str

    @property
    def names(self) -> tuple[str, ...]:
        """All fields that it names."""
        return (*(part.removeprefix("-") for part in self.parts), self.total)


class DocumentType(BaseModel):
    """One document type as its YAML file declares it.

    ``business_key`` lists fields; in an inner list the first that has a value counts. A document of
    which a part is missing has no business key and never replaces another. ``checks`` names the
    checks of `pipeline.check` to run. ``sums`` are amounts that must tie out, as ``[[a, b, -c], d]`` for
    ``a + b - c = d``; ``our_side`` is the party that our own company is, by the front part of its fields' names, and
    ``issued_by`` the party on whose paper such documents are written, so or by its field; empty if no field names it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    title: Title
    extends: str | None = None
    table: str
    line_table: str | None = None
    business_key: tuple[str | tuple[str, ...], ...] = ()
    checks: tuple[str, ...] = ()
    sums: tuple[Sum, ...] = ()
    our_side: Literal["seller", "buyer"] | None = None
    issued_by: str | None = None
    keywords: dict[str, tuple[str, ...]] = {}
    fields: dict[str, FieldSpec]

    @model_validator(mode="after")
    def _names_are_fields(self) -> DocumentType:
        for part in self.business_key:
            for name in (part,) if isinstance(part, str) else part:
                if name not in self.fields:
                    raise ValueError(f"business_key names {name!r}, which is no field of {self.name}")
        for name in (name for one in self.sums for name in one.names):
            if name not in self.fields:
                raise ValueError(f"sums name {name!r}, which is no field of {self.name}")
        return self

    def key(self, values: dict[str, str]) -> str | None:
        """The business key of ``values`` (field name to normal form), or None where a part is missing."""
        parts = []
        for part in self.business_key:
            names = (part,) if isinstance(part, str) else part
            value = next((values[name] for name in names if values.get(name)), None)
            if value is None:
                return None
            parts.append("".join(value.casefold().split()))
        return "|".join(parts) or None


@cache
def _declared(name: str) -> dict[str, Any]:
    """What the file of ``name`` says, with what it extends and the fields that it takes from other types.

    A type ``extends`` another by all its fields; a single field is taken ``from`` another type by that key, and what
    stands beside it counts before what stands there.
    """
    data: dict[str, Any] = yaml.safe_load((_FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    if base := data.get("extends"):
        parent = _declared(base)
        data = {**parent, **data, "fields": {**parent["fields"], **data.get("fields", {})}}
    fields = {}
    for field, spec in data["fields"].items():
        lent = _declared(spec["from"])["fields"][field] if "from" in spec else {}
        fields[field] = {**lent, **{key: value for key, value in spec.items() if key != "from"}}
    return {**data, "fields": fields}


@cache
def document_types() -> dict[str, DocumentType]:
    """All declared types by name.

    Raises:
        pydantic.ValidationError: a YAML file is not a document type.
    """
    types = [DocumentType.model_validate(_declared(path.stem)) for path in sorted(_FOLDER.glob("*.yaml"))]
    return {one.name: one for one in types}
