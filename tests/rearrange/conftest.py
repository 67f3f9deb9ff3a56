from __future__ import annotations

import io

import pikepdf
import pytest

from models.tables import DocumentRow
from pipeline.rearrange import Taken


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


def pages(source, *numbers, turn=0):
    return tuple(Taken(source, number, turn) for number in numbers)


def lock(data, password="secret", **more):
    """The PDF ``data``, locked."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(data)) as pdf:
        pdf.save(out, encryption=pikepdf.Encryption(user=password, owner="boss", **more))
    return out.getvalue()
