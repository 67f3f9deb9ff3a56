"""Document types, one YAML file each: fields, kinds, labels, rules and the destination table.

A new type is a new file in this folder (and a migration for its table); no code names a type's fields
except the extractors of kinds and the checks that a file asks for by name.
"""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, model_validator

UNKNOWN = "other"
"""The type of what is none of the declared ones."""


class Kind(StrEnum):
    """What sort of value a field has: decides its candidates, its normal form and its column."""

    TEXT = "text"
    IDENTIFIER = "identifier"  # an invoice number: letters, digits and - / . without a standard
    DIGITS = "digits"  # a Czech variable symbol
    DATE = "date"
    AMOUNT = "amount"
    CURRENCY = "currency"
    VAT_ID = "vat_id"
    TAX_NUMBER = "tax_number"
    IBAN = "iban"
    BIC = "bic"
    PARTY = "party"
    ADDRESS = "address"
    DATES = "dates"  # all dates of a document, joined by "; "
    AMOUNTS = "amounts"  # all amounts of a document, joined by "; "


class FieldSpec(BaseModel):
    """One field: its kind, whether a document may load without it, and its labels by language."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Kind
    title: dict[str, str]
    required: bool = False
    labels: dict[str, tuple[str, ...]] = {}

    @property
    def all_labels(self) -> tuple[str, ...]:
        """The labels of all languages."""
        return tuple(label for labels in self.labels.values() for label in labels)


class DocumentType(BaseModel):
    """One document type as its YAML file declares it.

    ``business_key`` lists fields; in an inner list the first that has a value counts. A document of
    which a part is missing has no business key and never replaces another. ``checks`` names the
    checks of `pipeline.check` to run.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    title: dict[str, str]
    extends: str | None = None
    table: str
    line_table: str | None = None
    business_key: tuple[str | tuple[str, ...], ...] = ()
    checks: tuple[str, ...] = ()
    keywords: dict[str, tuple[str, ...]] = {}
    fields: dict[str, FieldSpec]

    @model_validator(mode="after")
    def _key_names_fields(self) -> DocumentType:
        for part in self.business_key:
            for name in (part,) if isinstance(part, str) else part:
                if name not in self.fields:
                    raise ValueError(f"business_key names {name!r}, which is no field of {self.name}")
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


def _read(path: Path) -> DocumentType:
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    base = data.get("extends")
    if base:
        parent = yaml.safe_load((path.parent / f"{base}.yaml").read_text(encoding="utf-8"))
        data = {**parent, **data, "fields": {**parent["fields"], **data.get("fields", {})}}
    return DocumentType.model_validate(data)


@cache
def document_types() -> dict[str, DocumentType]:
    """All declared types by name.

    Raises:
        pydantic.ValidationError: a YAML file is not a document type.
    """
    types = [_read(path) for path in sorted(Path(__file__).parent.glob("*.yaml"))]
    return {one.name: one for one in types}
