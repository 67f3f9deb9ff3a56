"""Reason files, releases, and what a crash between a commit and the folder leaves to be mended."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from models.errors import IllegalMove, NotFound
from models.states import State
from models.tables import DocumentRow, EventRow
from pipeline import checkpoint
from pipeline.intake import mend, release, take_in
from pipeline.store import Store


class Killed(BaseException):
    """Stands for the end of the process."""


def names(store: Store) -> list[str]:
    return sorted(path.name for path in store.settings.quarantine.iterdir())


def refuse(store: Store, name: str, data: bytes) -> int:
    (store.settings.inbox / name).write_bytes(data)
    take_in(store)
    with store.reading() as session:
        return session.scalars(select(DocumentRow.id).order_by(DocumentRow.id.desc())).first() or 0


def test_release_sends_it_back_to_the_start_and_takes_the_copy_away(store: Store) -> None:
    document = refuse(store, "a.txt", b"letter")
    release(store, document, "operator")
    assert names(store) == []
    with store.reading() as session:
        row = session.get_one(DocumentRow, document)
        assert (row.state, row.attempts, row.quarantine_code) == (State.RECEIVED, 0, None)
        events = session.scalars(select(EventRow).where(EventRow.document_id == document).order_by(EventRow.id)).all()
        assert [event.kind for event in events] == ["received", "quarantined", "told", "received", "withdrawn"]
        assert events[3].actor == "operator"
    with pytest.raises(IllegalMove, match="is not in quarantine"):
        release(store, document, "operator")
    with pytest.raises(NotFound):
        release(store, 4711, "operator")


def test_another_document_of_the_same_name_gets_a_name_of_its_own(store: Store) -> None:
    first, second = refuse(store, "a.txt", b"letter"), refuse(store, "a.txt", b"another letter")
    assert len(names(store)) == 4
    release(store, first, "operator")
    assert len(names(store)) == 2
    assert b"another letter" in [(store.settings.quarantine / name).read_bytes() for name in names(store)]
    release(store, second, "operator")
    assert names(store) == []


def test_the_same_refused_content_again_is_told_to_the_second_station_too(store: Store) -> None:
    refuse(store, "a.txt", b"letter")
    refuse(store, "b.txt", b"letter")
    assert names(store) == ["a.txt", "a.txt.reason.txt", "b.txt", "b.txt.reason.txt"]
    with store.reading() as session:
        (document,) = session.scalars(select(DocumentRow.id)).all()
    release(store, document, "operator")
    assert names(store) == []


def test_a_foreign_file_in_quarantine_is_not_overwritten_or_removed(store: Store) -> None:
    (store.settings.quarantine / "a.txt").write_bytes(b"someone's own")
    document = refuse(store, "a.txt", b"letter")
    release(store, document, "operator")
    assert names(store) == ["a.txt"]
    assert (store.settings.quarantine / "a.txt").read_bytes() == b"someone's own"


@pytest.mark.parametrize("point", ["after_commit", "removed", "quarantine_move"])
def test_a_reason_that_a_crash_prevented_is_written_at_the_next_start(
    store: Store, make_store: object, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    def die(name: str) -> None:
        if name == point:
            raise Killed

    (store.settings.inbox / "a.txt").write_bytes(b"letter")
    monkeypatch.setattr(checkpoint, "observer", die)
    with pytest.raises(Killed):
        take_in(store)
    assert names(store) == []
    monkeypatch.setattr(checkpoint, "observer", None)
    take_in(make_store())  # type: ignore[operator]
    assert names(store) == ["a.txt", "a.txt.reason.txt"]
    assert mend(store) == 0


def test_a_reason_that_the_station_took_away_is_not_written_again(store: Store) -> None:
    refuse(store, "a.txt", b"letter")
    for name in names(store):
        (store.settings.quarantine / name).unlink()
    assert mend(store) == 0
    assert names(store) == []


def test_a_copy_that_a_crash_left_after_a_release_is_withdrawn(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    document = refuse(store, "a.txt", b"letter")
    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr("pipeline.intake.quarantine.withdraw", lambda *_: (_ for _ in ()).throw(Killed()))
        release(store, document, "operator")
    assert names(store) == ["a.txt", "a.txt.reason.txt"]
    assert mend(store) == 1
    assert names(store) == []


def test_a_changed_copy_does_not_change_the_vault(store: Store) -> None:
    refuse(store, "a.txt", b"letter")
    with (store.settings.quarantine / "a.txt").open("r+b") as file:
        file.write(b"LETTER")
    with store.reading() as session:
        sha256 = session.scalars(select(DocumentRow.sha256)).one()
    assert store.vault.read(sha256) == b"letter"


def test_a_node_whose_move_was_interrupted_is_moved_at_the_next_start(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    (store.settings.inbox / "link.pdf").symlink_to("nowhere")
    moved = Path.rename

    def die(self: Path, target: Path) -> Path:
        if Path(target).parent == store.settings.quarantine:
            raise Killed
        return moved(self, target)

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(Path, "rename", die)
        take_in(store)
    assert take_in(store).refused == 1
    assert names(store) == ["link.pdf", "link.pdf.reason.txt"]
    assert list(store.settings.work.iterdir()) == []


def test_secrets_of_the_terminal_do_not_pass(store: Store) -> None:
    refuse(store, "\x1b]0;owned\x07.txt", b"letter")
    reason = next(path for path in store.settings.quarantine.iterdir() if path.name.endswith(".reason.txt"))
    assert "\x1b" not in reason.read_text()
