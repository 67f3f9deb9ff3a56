"""podatelna evaluate and explain as one meets them: what they print, what they write, how they refuse."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.flows.test_cli import podatelna

SAMPLES = Path(__file__).parents[2] / "data" / "samples"
FILES = ("faktura.pdf", "invoice-services.pdf", "vyplatni-paska-heslo.pdf")


@pytest.fixture(scope="module")
def set_of_three(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three samples with their truth, of which one value is changed."""
    folder = tmp_path_factory.mktemp("set")
    (folder / "documents").mkdir()
    rows = [json.loads(line) for line in (SAMPLES / "truth.jsonl").read_text(encoding="utf-8").splitlines()]
    rows = [row for row in rows if row["file"] in FILES]
    rows[0]["fields"]["currency"] = "USD"
    for row in rows:
        shutil.copy(SAMPLES / "documents" / row["file"], folder / "documents")
    (folder / "truth.jsonl").write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    return folder


def test_evaluate_prints_figures_and_writes_a_report(set_of_three: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.html"
    arguments = ("evaluate", set_of_three / "truth.jsonl", set_of_three / "documents")
    done = podatelna(*arguments, "--report", report, home=tmp_path / "home")
    assert done.returncode == 0, done.stderr
    assert "fully right 1 of 2" in done.stdout
    assert "for the right reason 1 of 1" in done.stdout
    assert "acceptable at 1.0% wrong" in done.stdout
    assert "faktura.pdf" in done.stdout.split("worst documents")[1]
    assert report.stat().st_mode & 0o777 == 0o600
    assert "USD" in report.read_text(encoding="utf-8")
    assert (tmp_path / "home" / "cache").is_dir()

    again = podatelna(*arguments, "--json", home=tmp_path / "home")
    sums = json.loads(again.stdout)
    assert sums["by_field"]["invoice"]["currency"]["f1"] == 0.5
    wrong = [one for one in sums["errors"] if one["field"] == "currency"]
    assert [(one["file"], one["verdict"], one["truth"], one["found"]) for one in wrong] == [
        ("faktura.pdf", "wrong", "USD", "CZK")
    ]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"file": "faktura.pdf", "type": "invoice", "fields": {"currancy": "CZK"}}, "did you mean 'currency'?"),
        ({"file": "faktura.pdf", "type": "invoice", "fields": {"currency": "Kč"}}, "not the normal form of currency"),
        ({"file": "absent.pdf", "type": "invoice", "fields": {}}, "there is no file 'absent.pdf'"),
        (None, "There is no document in"),
    ],
)
def test_truth_that_cannot_be_used_ends_with_3(
    set_of_three: Path, tmp_path: Path, row: dict[str, object] | None, said: str
) -> None:
    truth = tmp_path / "truth.jsonl"
    truth.write_text(json.dumps(row) if row else "\n", encoding="utf-8")
    done = podatelna("evaluate", truth, set_of_three / "documents", home=tmp_path / "home")
    assert done.returncode == 3
    assert said in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


def test_wrong_usage_of_evaluate_ends_with_2(set_of_three: Path, tmp_path: Path) -> None:
    truth, documents = set_of_three / "truth.jsonl", set_of_three / "documents"
    for arguments in (
        (tmp_path / "absent.jsonl", documents),
        (truth, tmp_path / "absent"),
        (truth, truth),
        (truth, documents, "--report", tmp_path / "absent" / "report.html"),
    ):
        assert podatelna("evaluate", *arguments, home=tmp_path / "home").returncode == 2


def test_explain_says_why_in_words_and_in_json(tmp_path: Path) -> None:
    sample = SAMPLES / "documents" / "faktura.pdf"
    done = podatelna("explain", sample, "due_date", home=tmp_path / "home")
    assert done.returncode == 0, done.stderr
    assert "vouched for: its label stands beside it" in done.stdout
    assert "chosen: " in done.stdout
    told = json.loads(podatelna("explain", sample, "due_date", "--json", home=tmp_path / "home").stdout)
    assert told["value"] in done.stdout
    assert told["options"][0]["chosen"]
    assert {"feature", "text", "value", "weight"} == set(told["options"][0]["reasons"][0])
    empty = podatelna("explain", sample, "order_number", home=tmp_path / "home")
    assert empty.returncode == 0
    assert "left empty" in empty.stdout


def test_explain_refuses_what_is_no_field_and_no_document(tmp_path: Path) -> None:
    done = podatelna("explain", SAMPLES / "documents" / "faktura.pdf", "totl", home=tmp_path / "home")
    assert done.returncode == 3
    assert "has a field 'totl'; did you mean total?" in done.stderr
    assert podatelna("explain", tmp_path / "absent.pdf", "total", home=tmp_path / "home").returncode == 2
    note = podatelna("explain", SAMPLES / "documents" / "poznamka.pdf", "total", home=tmp_path / "home")
    assert note.returncode == 6
    assert "Traceback" not in note.stderr
