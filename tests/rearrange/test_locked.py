"""Locked files: the password is tried, an unlocked copy becomes a document, and the password is nowhere."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from flows.cli import app
from models.errors import Conflict, InvalidValue, TooManyTries, UnreadableDocument
from models.states import State
from models.tables import DocumentRow, DropRow, EventRow, MadeFromRow
from pipeline import checkpoint
from pipeline.housekeeping import verify
from pipeline.intake import mend, tell
from pipeline.intake.quarantine import release
from pipeline.rearrange import links, put_back, unlock
from pipeline.store import clock
from tests.review.rows import add_locked, draw_invoice, invoice_values

from .conftest import lock


@pytest.fixture
def data():
    return draw_invoice(invoice_values("L-1"), 3)[0]


def dropped(store, document_id):
    """A station dropped it and has been told."""
    with store.transaction() as session:
        values = {"name": "locked.pdf", "size": 1, "received_at": clock.now(), "station": "north"}
        session.add(DropRow(token="a1b2c3d4", document_id=document_id, **values))
    tell(store, document_id)
    assert there(store) == ["locked.pdf", "locked.pdf.reason.txt"]


def there(store):
    return sorted(path.name for path in store.settings.quarantine.iterdir())


def test_the_right_password_makes_an_unlocked_copy(store, data, pdf_of, row_of):
    source = add_locked(store, lock(data))
    dropped(store, source)
    made = unlock(store, source, 2, "anna", "secret")
    assert not pdf_of(made).is_encrypted
    assert len(pdf_of(made).pages) == 3
    assert (row_of(made).state, row_of(made).name) == (State.RECEIVED, "locked.pdf")
    assert row_of(source).state == State.REPLACED
    assert there(store) == [], "the station's copy is withdrawn"
    with store.reading() as session:
        rows = session.execute(select(MadeFromRow.number, MadeFromRow.source_number, MadeFromRow.turned))
        assert sorted(map(tuple, rows)) == [(1, 1, 0), (2, 2, 0), (3, 3, 0)]
        stations = session.scalars(select(DropRow.station).where(DropRow.document_id == made)).all()
        assert stations == ["north"]
        assert "secret" not in repr([(one.kind, one.data) for one in session.scalars(select(EventRow))])
    assert b"secret" not in b"".join(path.read_bytes() for path in store.settings.home.rglob("*") if path.is_file())
    assert links(store, made).made_from[0].id == source
    assert verify(store) == []
    assert put_back(store, made, "anna") == (source,)
    assert row_of(source).state == State.QUARANTINED
    assert row_of(source).quarantine_code == "password"
    assert there(store) == ["locked.pdf", "locked.pdf.reason.txt"], "and is told again"
    assert unlock(store, source, row_of(source).version, "anna", "secret") == made


@pytest.mark.parametrize("kind", [{"R": 4, "aes": True}, {"R": 3, "aes": False, "metadata": False}, {"R": 6}])
def test_every_way_to_lock_is_opened_by_either_password(store, data, kind, pdf_of):
    for number, password in enumerate(("secret", "boss")):
        locked = add_locked(store, lock(draw_invoice(invoice_values(f"{number}"), 1)[0], **kind))
        assert len(pdf_of(unlock(store, locked, 2, "anna", password)).pages) == 1


@pytest.mark.parametrize(("word", "encoding"), [("kůň", "cp1250"), ("müller", "latin-1"), ("žluťoučký", "utf-8")])
def test_passwords_with_accents_as_programs_wrote_them(store, pdf_of, data, word, encoding):
    newest = encoding == "utf-8"  # the only one that says in which encoding a password is
    written = word if newest else word.encode(encoding).decode("latin-1")
    locked = add_locked(store, lock(data, written, R=6 if newest else 4))
    assert not pdf_of(unlock(store, locked, 2, "anna", word)).is_encrypted


def test_a_wrong_password_is_told_and_throttled(store, data, row_of):
    source = add_locked(store, lock(data))
    for _ in range(5):
        with pytest.raises(InvalidValue, match="not its password") as told:
            unlock(store, source, 2, "anna", "canary")
        assert told.value.problems == {"password": "This is not its password."}
    with pytest.raises(TooManyTries):
        unlock(store, source, 2, "anna", "secret")
    assert row_of(source).state == State.QUARANTINED
    with store.reading() as session:
        failed = session.scalars(select(EventRow).where(EventRow.kind == "unlock-failed")).all()
        assert [one.data for one in failed] == [{}] * 5
    assert unlock(store, source, 2, "bert", "secret"), "guessing keeps out the guesser"


def test_what_does_not_wait_for_a_password_is_left_alone(store, data, row_of):
    source = add_locked(store, lock(data))
    for wrong in ("", "x" * 128):
        with pytest.raises(InvalidValue):
            unlock(store, source, 2, "anna", wrong)
    with pytest.raises(Conflict, match="changed since"):
        unlock(store, source, 1, "anna", "secret")
    unlock(store, source, 2, "anna", "secret")
    with pytest.raises(Conflict, match="does not wait"):
        unlock(store, source, 3, "anna", "secret")
    other = add_locked(store, data + b"\n")
    with store.transaction() as session:
        session.get_one(DocumentRow, other).quarantine_code = "damaged"
    with pytest.raises(Conflict, match="does not wait"):
        unlock(store, other, 2, "anna", "secret")
    third = add_locked(store, b"%PDF-1.4 and no more")
    with pytest.raises(UnreadableDocument) as told:
        unlock(store, third, 2, "anna", "secret")
    assert told.value.code == "damaged"


def test_released_meanwhile(store, data, monkeypatch, row_of):
    source = add_locked(store, lock(data))
    monkeypatch.setattr(checkpoint, "observer", lambda name: name == "vaulted" and release(store, source, "operator"))
    with pytest.raises(Conflict):
        unlock(store, source, 2, "anna", "secret")
    assert row_of(source).state == State.RECEIVED


def test_killed_before_the_station_was_told_housekeeping_withdraws(store, data, monkeypatch):
    source = add_locked(store, lock(data))
    dropped(store, source)

    def die(name):
        if name == "after_commit":
            raise KeyboardInterrupt

    monkeypatch.setattr(checkpoint, "observer", die)
    with pytest.raises(KeyboardInterrupt):
        unlock(store, source, 2, "anna", "secret")
    monkeypatch.setattr(checkpoint, "observer", None)
    assert there(store) == ["locked.pdf", "locked.pdf.reason.txt"]
    assert mend(store) == 1
    assert there(store) == []
    assert mend(store) == 0


def test_an_operator_may_open_it_too(store, data, row_of):
    source = add_locked(store, lock(data))
    command = ["quarantine", "--home", str(store.settings.home), "--unlock", str(source)]
    environment = {"PODATELNA_DATABASE_URL": store.settings.url}
    answer = CliRunner().invoke(app, command, input="wrong\n", env=environment)
    assert "not its password" in str(answer.exception)
    answer = CliRunner().invoke(app, command, input="secret\n", env=environment)
    assert answer.exit_code == 0, answer.output
    assert "secret" not in answer.output
    assert row_of(source).state == State.REPLACED
