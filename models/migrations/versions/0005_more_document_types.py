"""Destination tables of eight more document types, from issued invoices to bank statements."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TEXT, _DATE, _CURRENCY = sa.Text(), sa.Date(), sa.String(length=3)
_NUMBER = sa.Numeric(precision=18, scale=4)  # amounts, hours, weights
_HEADERS: dict[str, dict[str, sa.types.TypeEngine[Any]]] = {
    "issued_invoices": {
        "invoice_number": _TEXT,
        "issue_date": _DATE,
        "due_date": _DATE,
        "delivery_date": _DATE,
        "seller_name": _TEXT,
        "seller_vat_id": _TEXT,
        "seller_tax_number": _TEXT,
        "seller_address": _TEXT,
        "buyer_name": _TEXT,
        "buyer_vat_id": _TEXT,
        "buyer_reference": _TEXT,
        "order_number": _TEXT,
        "currency": _CURRENCY,
        "net_total": _NUMBER,
        "tax_total": _NUMBER,
        "gross_total": _NUMBER,
        "amount_due": _NUMBER,
        "iban": _TEXT,
        "bic": _TEXT,
        "payment_terms": _TEXT,
        "variable_symbol": _TEXT,
    },
    "purchase_orders": {
        "order_number": _TEXT,
        "issue_date": _DATE,
        "delivery_date": _DATE,
        "buyer_name": _TEXT,
        "buyer_vat_id": _TEXT,
        "buyer_tax_number": _TEXT,
        "buyer_address": _TEXT,
        "seller_name": _TEXT,
        "seller_vat_id": _TEXT,
        "seller_tax_number": _TEXT,
        "seller_address": _TEXT,
        "currency": _CURRENCY,
        "net_total": _NUMBER,
        "tax_total": _NUMBER,
        "gross_total": _NUMBER,
        "payment_terms": _TEXT,
    },
    "delivery_notes": {
        "delivery_note_number": _TEXT,
        "order_number": _TEXT,
        "issue_date": _DATE,
        "delivery_date": _DATE,
        "seller_name": _TEXT,
        "seller_vat_id": _TEXT,
        "seller_tax_number": _TEXT,
        "seller_address": _TEXT,
        "buyer_name": _TEXT,
        "buyer_vat_id": _TEXT,
        "buyer_address": _TEXT,
        "delivery_address": _TEXT,
        "packages": _NUMBER,
        "gross_weight": _NUMBER,
    },
    "payroll_requests": {
        "employee_name": _TEXT,
        "personal_number": _TEXT,
        "company": _TEXT,
        "department": _TEXT,
        "period": _TEXT,
        "request_kind": _TEXT,
        "amount": _NUMBER,
        "currency": _CURRENCY,
        "iban": _TEXT,
        "valid_from": _DATE,
        "reason": _TEXT,
        "request_date": _DATE,
        "approver_name": _TEXT,
    },
    "timesheets": {
        "employee_name": _TEXT,
        "personal_number": _TEXT,
        "company": _TEXT,
        "department": _TEXT,
        "project": _TEXT,
        "period_from": _DATE,
        "period_to": _DATE,
        "total_hours": _NUMBER,
        "overtime_hours": _NUMBER,
        "hourly_rate": _NUMBER,
        "currency": _CURRENCY,
        "issue_date": _DATE,
        "approver_name": _TEXT,
    },
    "card_applications": {
        "applicant_name": _TEXT,
        "birth_date": _DATE,
        "birth_number": _TEXT,
        "address": _TEXT,
        "phone": _TEXT,
        "email": _TEXT,
        "employer": _TEXT,
        "net_income": _NUMBER,
        "requested_limit": _NUMBER,
        "currency": _CURRENCY,
        "card_type": _TEXT,
        "id_document_number": _TEXT,
        "iban": _TEXT,
        "signed_date": _DATE,
    },
    "identity_documents": {
        "document_kind": _TEXT,
        "document_number": _TEXT,
        "surname": _TEXT,
        "given_names": _TEXT,
        "nationality": _TEXT,
        "birth_date": _DATE,
        "sex": _TEXT,
        "issue_date": _DATE,
        "expiry_date": _DATE,
        "issuing_state": _TEXT,
        "personal_number": _TEXT,
    },
    "bank_statements": {
        "iban": _TEXT,
        "bic": _TEXT,
        "bank_name": _TEXT,
        "holder_name": _TEXT,
        "statement_number": _TEXT,
        "period_from": _DATE,
        "period_to": _DATE,
        "issue_date": _DATE,
        "opening_balance": _NUMBER,
        "total_credits": _NUMBER,
        "total_debits": _NUMBER,
        "closing_balance": _NUMBER,
        "currency": _CURRENCY,
    },
}
_LINES = {
    "issued_invoice_lines": ("issued_invoices", "invoice_issued_id"),
    "purchase_order_lines": ("purchase_orders", "purchase_order_id"),
    "delivery_note_lines": ("delivery_notes", "delivery_note_id"),
}


def _header(table: str, columns: dict[str, sa.types.TypeEngine[Any]]) -> None:
    op.create_table(
        table,
        sa.Column("id", _ID, nullable=False),
        sa.Column("document_id", _ID, nullable=False),
        sa.Column("business_key", sa.Text(), nullable=True),
        *(sa.Column(name, kind, nullable=True) for name, kind in columns.items()),
        sa.Column("loaded_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["documents.id"], name=op.f(f"fk_{table}_document_id_documents")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("business_key", name=op.f(f"uq_{table}_business_key")),
        sa.UniqueConstraint("document_id", name=op.f(f"uq_{table}_document_id")),
    )


def _lines(table: str, header: str, key: str) -> None:
    op.create_table(
        table,
        sa.Column("id", _ID, nullable=False),
        sa.Column(key, _ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("quantity", sa.Numeric(precision=18, scale=6), nullable=True),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("unit_price", sa.Numeric(precision=18, scale=6), nullable=True),
        sa.Column("net_amount", sa.Numeric(precision=18, scale=4), nullable=True),
        sa.Column("tax_rate", sa.Numeric(precision=6, scale=3), nullable=True),
        sa.ForeignKeyConstraint([key], [f"{header}.id"], name=op.f(f"fk_{table}_{key}_{header}"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint(key, "position", name=op.f(f"uq_{table}_{key}")),
    )


def upgrade() -> None:
    """Go forward."""
    for table, columns in _HEADERS.items():
        _header(table, columns)
    for table, (header, key) in _LINES.items():
        _lines(table, header, key)


def downgrade() -> None:
    """Go back."""
    for table in (*_LINES, *_HEADERS):
        op.drop_table(table)
