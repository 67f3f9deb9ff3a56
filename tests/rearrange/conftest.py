from __future__ import annotations

import io

import pikepdf
import pytest

from models.states import State
from models.tables import DocumentRow
from pipeline.rearrange import Taken
from pipeline.store import clock
from tests.review.rows import put_in_vault


@pytest.fixture
def bytes_of(store):
    """The file of a document."""

    def read(document_id):
        with store.reading() as session:
            return store.vault.read(session.get_one(DocumentRow, document_id).sha256)

    return read


@pytest.fixture
def pdf_of(bytes_of):
    """The file of a document as pikepdf sees it."""
    return lambda document_id: pikepdf.open(io.BytesIO(bytes_of(document_id)))


@pytest.fixture
def row_of(store):
    def read(document_id):
        with store.reading() as session:
            return session.get_one(DocumentRow, document_id)

    return read


@pytest.fixture
def add_locked(store):
    """A PDF in quarantine for its password."""

    def add(data, name="locked.pdf", **more):
        with store.transaction() as session:
            row = DocumentRow(
                sha256=put_in_vault(store, data),
                name=name,
                media_type="application/pdf",
                size=len(data),
                state=State.QUARANTINED,
                version=2,
                quarantine_code="password",
                quarantine_message="The PDF is locked with a password.",
                reasons=[],
                findings=[],
                received_at=clock.now(),
                changed_at=clock.now(),
                **more,
            )
            session.add(row)
            session.flush()
            return row.id

    return add


def pages(source, *numbers, turn=0):
    return tuple(Taken(source, number, turn) for number in numbers)


def lock(data, password="secret", **more):
    """The PDF ``data``, locked."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(data)) as pdf:
        pdf.save(out, encryption=pikepdf.Encryption(user=password, owner="boss", **more))
    return out.getvalue()
