"""F1 and F6: killed at every named point, or four at once; then an outside judge looks at what is there."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests import files
from tests.faults import judge
from tests.faults.nursery import Nursery, fill

#: point -> the passes at which to kill; 30 drops, 25 documents that are processed
POINTS = {
    "claimed": (1, 13, 30),
    "durable": (1, 13, 30),
    "vaulted": (1, 13, 30),
    "before_commit": (1, 20, 31, 45),
    "after_commit": (1, 20, 31, 45),
    "removed": (1, 13, 30),
    "during_child_ocr": (1, 14, 40),
    "read": (1, 9, 18),
    "quarantine_move": (1, 2, 5),
    "after_review_save": (1, 3),
}


@pytest.fixture(scope="module")
def drops() -> dict[str, bytes]:
    """Thirty drops: PDFs, pictures, e-invoices, the same content under other names, and what can't be read."""
    made = {f"faktura {number:02}.pdf": files.pdf(f"Invoice {number}") for number in range(12)}
    made |= {f"scan{number}.png": files.image("PNG", f"png {number}") for number in range(4)}
    made |= {f"scan{number}.tif": files.image("TIFF", f"tiff {number}", frames=2) for number in range(3)}
    made |= {f"photo{number}.jpg": files.image("JPEG", f"jpeg {number}" * 9) for number in range(2)}
    made |= {f"invoice{number}.xml": files.xml(str(number)) for number in range(2)}
    made |= {f"copy {number}.pdf": made[f"faktura {number:02}.pdf"] for number in range(4)}
    made |= {"letter.pdf": b"This is a letter.", "letter again.pdf": b"This is a letter."}
    made["cut.pdf"] = files.pdf("cut")[:-200]
    assert len(made) == 30
    return made


@pytest.mark.parametrize(("point", "count"), [(point, count) for point, counts in POINTS.items() for count in counts])
def test_killed_at_a_named_point_and_started_again(
    nursery: Nursery, home: Path, drops: dict[str, bytes], point: str, count: int
) -> None:
    dropped = fill(home, drops)
    assert nursery.run(home, kill=[point, count]) == [-9]
    assert judge.during(home, dropped) == []
    assert nursery.run(home) == [0]
    assert judge.after(home, dropped) == []
    states = dict(judge.rows(home, "SELECT state, count(*) FROM documents GROUP BY state"))
    assert set(states) == {"loaded", "quarantined"}
    assert states["loaded"] > 10


def test_killed_again_and_again_at_the_same_file(nursery: Nursery, home: Path, drops: dict[str, bytes]) -> None:
    """I8: the worker that always dies on its first document gives it up after three, and all else goes on."""
    dropped = fill(home, dict(list(drops.items())[:4]))
    kills = 0
    while nursery.run(home, kill=["read", 1]) == [-9]:
        kills += 1
        assert kills < 12
    assert judge.after(home, dropped) == []
    poison = judge.rows(home, "SELECT count(*) FROM documents WHERE quarantine_code = 'poison'")
    assert poison[0][0] * 3 == kills


@pytest.mark.parametrize(("point", "count"), [("before_commit", 1), ("before_commit", 4), ("after_review_save", 1)])
def test_killed_while_it_recalls_what_is_loaded(nursery: Nursery, home: Path, point: str, count: int) -> None:
    """A recall is done wholly or not at all; what is under review again loads once more, and each row is there once."""
    dropped = fill(home, {f"{number}.pdf": files.pdf(str(number)) for number in range(12)})
    assert nursery.run(home) == [0]
    ((loaded,),) = judge.rows(home, "SELECT count(*) FROM invoices")
    assert nursery.run(home, reader="recalling", kill=[point, count]) == [-9]
    assert judge.after(home, dropped) == []
    ((recalled,),) = judge.rows(home, "SELECT count(*) FROM recalled_rows")
    assert recalled == (count - 1 if point == "before_commit" else count)
    assert judge.rows(home, "SELECT count(*) FROM invoices") == [(loaded - recalled,)]
    assert nursery.run(home, reader="recalling") == [0]
    assert judge.after(home, dropped) == []
    assert judge.rows(home, "SELECT count(*) FROM invoices") == [(0,)]
    assert nursery.run(home) == [0]
    assert judge.after(home, dropped) == []
    assert judge.rows(home, "SELECT count(*) FROM invoices") == [(loaded,)]
    assert judge.rows(home, "SELECT count(*) FROM recalled_rows") == [(loaded,)]


def test_four_workers_on_one_inbox_of_120(nursery: Nursery, home: Path) -> None:
    dropped = fill(home, {f"{number:03}.pdf": files.pdf(str(number % 90)) for number in range(120)})
    assert nursery.run(home, workers=4) == [0, 0, 0, 0]
    assert judge.after(home, dropped) == []
    assert judge.rows(home, "SELECT count(*) FROM documents") == [(90,)]
    attempts = judge.rows(home, "SELECT count(*) FROM events WHERE kind = 'attempt'")
    assert attempts == [(90,)]


def test_the_same_content_a_hundred_times(nursery: Nursery, home: Path) -> None:
    dropped = fill(home, {f"copy {number}.pdf": files.pdf("same") for number in range(100)})
    assert nursery.run(home, workers=2) == [0, 0]
    assert judge.after(home, dropped) == []
    assert judge.rows(home, "SELECT count(*) FROM documents") == [(1,)]
    assert judge.rows(home, "SELECT count(*) FROM drops") == [(100,)]


def test_the_judge_sees_what_is_wrong(nursery: Nursery, home: Path, drops: dict[str, bytes]) -> None:
    """A judge that finds nothing must be able to find something: break each invariant by hand."""
    import sqlite3

    dropped = fill(home, drops)
    assert nursery.run(home) == [0]
    assert judge.after(home, dropped) == []
    vault = next(path for path in (home / "vault").rglob("*") if path.is_file())
    shutil.copytree(home, saved := home.with_name(home.name + "-saved"))

    def broken(change: str) -> list[str]:
        shutil.rmtree(home)
        shutil.copytree(saved, home)
        if change == "rot":
            vault.chmod(0o640)
            vault.write_bytes(b"other")
        elif change == "lose":
            vault.unlink()
        elif change == "ghost":
            (home / "vault" / ("f" * 64)).write_bytes(b"x")
        elif change == "left":
            (home / "work" / "token").mkdir()
        else:
            connection = sqlite3.connect(home / "podatelna.db")
            with connection:
                connection.execute(change)
            connection.close()
        return [problem.split(":")[0] for problem in judge.after(home, dropped)]

    try:
        assert "I4" in broken("rot")
        assert "I5" in broken("lose")
        assert {"I4", "I7"} <= set(broken("ghost"))
        assert "I7" in broken("left")
        assert "I3" in broken("DELETE FROM invoices WHERE id = 1")
        assert "I3/I6" in broken("DELETE FROM drops WHERE id = 3")
        assert "I3/I6" in broken("UPDATE drops SET name = 'other' WHERE id = 3")
        assert "I2" in broken("UPDATE documents SET state = 'received' WHERE id = 1")
        columns = "document_id, at, actor, kind, data"
        again = f"INSERT INTO events ({columns}) SELECT {columns} FROM events WHERE kind = 'loaded'"
        assert "I3" in broken(again)
        reverse = (
            "INSERT INTO events (document_id, at, actor, kind, data) SELECT document_id, at, actor, 'recalled', data"
        )
        assert "I3" in broken(f"{reverse} FROM events WHERE kind = 'loaded'"), "recalled, and the row still there"
        assert "I7" in broken("UPDATE documents SET state = 'review' WHERE state = 'loaded'")
    finally:
        shutil.rmtree(saved)
