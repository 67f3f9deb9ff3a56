"""The command line as scripts and newcomers meet it: exit codes, JSON, messages."""

from __future__ import annotations

import importlib.util
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from models.document_types import document_types
from models.errors import SettingsError
from models.settings import load_settings
from models.states import State


def podatelna(*arguments: str | Path, home: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("podatelna")), *map(str, arguments)]
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=240,
        env={**os.environ, "PODATELNA_HOME": str(home), "PODATELNA_SETTLE_SECONDS": "0", **environment},
        cwd=home.parent,
        check=False,
    )


def test_status_json_names_every_state(tmp_path: Path) -> None:
    done = podatelna("status", "--json", home=tmp_path / "home")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"states": {state.value: 0 for state in State}}


def test_wrong_usage_ends_with_2(tmp_path: Path) -> None:
    assert podatelna("run", "--workers", "0", home=tmp_path / "home").returncode == 2
    assert podatelna("extract", tmp_path / "absent.pdf", home=tmp_path / "home").returncode == 2


def test_wrong_setting_ends_with_4_and_names_it(tmp_path: Path) -> None:
    done = podatelna("status", home=tmp_path / "home", PODATELNA_TYPE_THRESHOLD="7")
    assert done.returncode == 4
    assert "type_threshold" in done.stderr
    assert "Traceback" not in done.stderr


def test_unknown_setting_in_the_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "podatelna.toml").write_text("langages = ['ces']\n")
    done = podatelna("status", home=tmp_path / "home")
    assert done.returncode == 4
    assert "langages" in done.stderr


def test_unreachable_database_ends_with_5_without_a_traceback(tmp_path: Path) -> None:
    url = "postgresql+psycopg://nobody:geheim@127.0.0.1:1/none"
    done = podatelna("status", home=tmp_path / "home", PODATELNA_DATABASE_URL=url)
    assert done.returncode == 5, done.stderr
    assert "geheim" not in done.stderr + done.stdout
    assert "Traceback" not in done.stderr


def test_extract_of_a_text_file_is_a_refusal_with_exit_6(tmp_path: Path) -> None:
    fake = tmp_path / "notes.pdf"
    fake.write_text("These are only notes.\n")
    done = podatelna("extract", "--jsonl", fake, home=tmp_path / "home")
    assert done.returncode == 6
    answer = json.loads(done.stdout)
    assert answer["route"] == "quarantine"
    assert answer["findings"][0]["code"] == "type"


def test_refusals_say_what_to_do(tmp_path: Path) -> None:
    fake, home = tmp_path / "notes.pdf", tmp_path / "home"
    fake.write_text("These are only notes.\n")
    done = podatelna("extract", fake, home=home)
    assert done.returncode == 6
    assert "can't be read" in done.stdout
    assert "quarantine" not in done.stdout, "nothing is kept anywhere"
    done = podatelna("extract", tmp_path, home=home)
    assert done.returncode == 2
    assert "/*" in done.stderr
    for arguments in (("explain", tmp_path, "number"), ("show", tmp_path), ("searchable", tmp_path, home / "a.pdf")):
        done = podatelna(*arguments, home=home)
        assert done.returncode == 2
        told = " ".join(done.stderr.replace("│", " ").split())  # as wide as the terminal
        assert "is a folder" in told
    (tmp_path / "truth").mkdir()
    done = podatelna("evaluate", tmp_path / "truth", tmp_path, home=home)
    assert done.returncode == 3
    assert "*.json" in done.stderr
    for option in ("--release", "--unlock"):
        done = podatelna("quarantine", option, "999", home=home)
        assert done.returncode == 3
        assert "podatelna quarantine" in " ".join(done.stderr.split())


def test_a_file_that_cannot_be_read_ends_every_command_alike(tmp_path: Path) -> None:
    fake, home = tmp_path / "notes.pdf", tmp_path / "home"
    fake.write_text("These are only notes.\n")
    for command, *more in (("read",), ("explain", "gross_total"), ("show",), ("searchable", tmp_path / "a.pdf")):
        assert podatelna(command, fake, *more, home=home).returncode == 6, command


def test_a_field_that_no_type_has_is_refused_before_the_file_is_read(tmp_path: Path) -> None:
    fake = tmp_path / "notes.pdf"
    fake.write_text("These are only notes.\n")
    for name, said in (("nonsense", "podatelna types"), ("gros_total", "did you mean gross_total")):
        done = podatelna("explain", fake, name, home=tmp_path / "home")
        assert done.returncode == 3
        assert said in " ".join(done.stderr.split())
        assert "not-found" in done.stderr


def test_nobody_to_ask_for_a_password_is_wrong_usage(tmp_path: Path) -> None:
    done = podatelna("users", "add", "anna", home=tmp_path / "home")
    assert done.returncode == 2
    assert "--stdin" in done.stderr
    assert json.loads(podatelna("users", "list", "--json", home=tmp_path / "home").stdout) == []


@pytest.mark.parametrize(
    "command",
    ["run", "serve", "extract", "status", "queue", "quarantine", "read", "doctor", "demo", "evaluate", "explain"],
)
def test_every_command_has_help(command: str, tmp_path: Path) -> None:
    done = podatelna(command, "--help", home=tmp_path / "home")
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) > 5


def test_doctor_names_the_missing_language_and_the_command_that_mends_it(tmp_path: Path) -> None:
    done = podatelna("doctor", "--json", home=tmp_path / "home", PODATELNA_LANGUAGES='["ces","tlh"]')
    checks = {check["name"]: check for check in json.loads(done.stdout)}
    assert done.returncode == 4
    assert not checks["languages"]["well"]
    assert "tesseract-ocr-tlh" in checks["languages"]["mend"]
    assert checks["database"]["well"]


def test_doctor_tells_which_engines_read(tmp_path: Path) -> None:
    settings = {"PODATELNA_TESSERACT": "program", "PODATELNA_RAPIDOCR": "openvino"}
    done = podatelna("doctor", "--json", home=tmp_path / "home", **settings)
    checks = {check["name"]: check for check in json.loads(done.stdout)}
    assert "as a program" in checks["tesseract"]["detail"]
    assert checks["rapidocr"]["well"] == (importlib.util.find_spec("openvino") is not None)
    assert "openvino" in (checks["rapidocr"]["detail"] + checks["rapidocr"]["mend"]).lower()


def test_a_misspelt_environment_variable_is_refused_with_a_guess(tmp_path: Path) -> None:
    done = podatelna("status", home=tmp_path / "home", PODATELNA_WORKRES="2")
    assert done.returncode == 4
    assert "PODATELNA_WORKERS" in done.stderr


def test_a_file_that_is_not_toml_is_an_error_of_settings(tmp_path: Path) -> None:
    (tmp_path / "podatelna.toml").write_text("home = /srv/x\n")
    done = podatelna("status", home=tmp_path / "home")
    assert done.returncode == 4
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("url", ["quatsch", "mysql://localhost/x"])
def test_an_unknown_database_is_an_error_of_settings(url: str, tmp_path: Path) -> None:
    done = podatelna("status", home=tmp_path / "home", PODATELNA_DATABASE_URL=url)
    assert done.returncode == 4
    assert "postgresql://" in done.stderr


def test_a_postgresql_url_needs_no_driver_name() -> None:
    settings = load_settings(database_url="postgresql://example/office")
    assert settings.url == "postgresql+psycopg://example/office"


def test_run_waits_for_a_file_that_was_dropped_a_moment_ago(tmp_path: Path) -> None:
    inbox = tmp_path / "home" / "inbox"
    inbox.mkdir(parents=True)
    (inbox / "notes.pdf").write_text("These are only notes.\n")
    done = podatelna("run", home=tmp_path / "home", PODATELNA_SETTLE_SECONDS="1.5")
    assert done.returncode == 0, done.stderr
    assert "notes.pdf → refused (type: " in done.stderr
    assert not list(inbox.iterdir())
    listed = podatelna("quarantine", "--json", home=tmp_path / "home")
    assert [(one["name"], one["code"]) for one in json.loads(listed.stdout)] == [("notes.pdf", "type")]
    assert "PDF" in json.loads(listed.stdout)[0]["to_do"]


def test_serve_refuses_a_port_that_another_program_has(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = podatelna("serve", home=tmp_path / "home", PODATELNA_DESK_PORT=port)
    assert done.returncode == 4
    assert "PODATELNA_DESK_PORT" in done.stderr
    assert "key=" not in done.stdout


@pytest.mark.parametrize(("value", "said"), [("xyz", "lists and tables are JSON"), ("[]", "languages")])
def test_a_variable_that_is_no_list_of_languages_says_so(monkeypatch, value, said) -> None:
    monkeypatch.setenv("PODATELNA_LANGUAGES", value)
    with pytest.raises(SettingsError, match=said):
        load_settings()


def test_types_lists_every_type_with_its_fields(tmp_path: Path) -> None:
    done = podatelna("types", "--json", home=tmp_path / "home")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert set(told) == set(document_types())
    assert told["timesheet"]["fields"]["total_hours"]["kind"] == "number"
    assert "hodin celkem" in told["timesheet"]["fields"]["total_hours"]["labels"]["cs"]
    assert told["invoice"]["business_key"] == [["seller_vat_id", "seller_tax_number", "seller_name"], "invoice_number"]

    people = podatelna("types", "bank_statement", home=tmp_path / "home")
    assert people.returncode == 0 and "closing_balance" in people.stdout and "konečný zůstatek" in people.stdout

    wrong = podatelna("types", "horoscope", home=tmp_path / "home")
    assert wrong.returncode == 2 and "bank_statement" in wrong.stderr
