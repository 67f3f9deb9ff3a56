"""The rule that decides when a file is ready, on numbers alone."""

from __future__ import annotations

import pytest

from pipeline.intake.patience import Look, Patience, Verdict, is_no_document, is_temporary

RULE = Patience(settle=2, patience=120)
NOW = 1_000_000.0


def look(age: float, *, size: int = 10, mtime: float = 5.0, at: float = NOW) -> Look:
    return Look(size, mtime, at - age, at)


@pytest.mark.parametrize(
    ("age", "complete", "hidden", "verdict"),
    [
        (0.5, True, False, Verdict.WAIT),
        (2.0, True, False, Verdict.TAKE),
        (2.0, False, False, Verdict.WAIT),
        (119.0, False, False, Verdict.WAIT),
        (120.0, False, False, Verdict.GIVE_UP),
        (60.0, True, True, Verdict.WAIT),
        (120.0, True, True, Verdict.TAKE),
        (-86_400.0, True, False, Verdict.WAIT),
    ],
)
def test_one_look(age: float, complete: bool, hidden: bool, verdict: Verdict) -> None:
    assert RULE.judge(look(age), None, complete=complete, hidden=hidden) == verdict


@pytest.mark.parametrize("mtime", [-2_147_483_648.0, 0.0, 4_070_908_800.0])
def test_mtime_says_nothing(mtime: float) -> None:
    assert RULE.judge(look(3, mtime=mtime), None, complete=True) == Verdict.TAKE
    assert RULE.judge(look(1, mtime=mtime), None, complete=True) == Verdict.WAIT


def test_a_clock_that_was_set_back_does_not_hold_a_file_for_a_day() -> None:
    first = look(-86_400)
    again = Look(first.size, first.mtime, first.ctime, NOW + 3)
    assert RULE.judge(again, first, complete=True) == Verdict.TAKE
    changed = Look(first.size, first.mtime, first.ctime + 2, NOW + 3)
    assert RULE.judge(changed, first, complete=True) == Verdict.WAIT


def test_a_file_that_is_touched_for_ever_is_taken_when_its_size_has_stood() -> None:
    first = look(0)
    assert RULE.judge(Look(10, 9.0, NOW + 118.9, NOW + 119), first, complete=True) == Verdict.WAIT
    assert RULE.judge(Look(10, 9.0, NOW + 120.9, NOW + 121), first, complete=True) == Verdict.TAKE
    assert RULE.judge(Look(10, 9.0, NOW + 120.9, NOW + 121), first, complete=False) == Verdict.WAIT


def test_no_patience_at_all_takes_everything_at_once() -> None:
    rule = Patience(0, 0)
    assert rule.judge(look(0), None, complete=True) == Verdict.TAKE
    assert rule.judge(look(0), None, complete=False) == Verdict.GIVE_UP


def test_patience_is_never_shorter_than_the_time_to_settle() -> None:
    assert Patience(60, 0).judge(look(59), None, complete=False) == Verdict.WAIT
    assert Patience(60, 0).judge(look(60), None, complete=False) == Verdict.GIVE_UP


def test_names_of_unfinished_files_and_of_no_documents() -> None:
    assert all(map(is_temporary, ("x.part", "x.PDF.FilePart", ".x.pdf.tmp123", "a.crdownload", "x.pdf~", "a.tmp")))
    assert not any(map(is_temporary, ("~.pdf", "~$lock.pdf", "part", "tmp.pdf", "x.parts", ".hidden.pdf")))
    assert all(map(is_no_document, ("Thumbs.db", "DESKTOP.INI", "._x.pdf", "double.pdf.exe", "a\n.lnk")))
    assert not any(map(is_no_document, ("exe.pdf", "x.pdf", "noext", ".hidden.pdf", "thumbs.db.pdf")))
