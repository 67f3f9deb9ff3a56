"""What may lie in an inbox besides files: links, pipes, devices, sockets, deep folders, odd names (F10)."""

from __future__ import annotations

import json
import os
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import select

from models.tables import DocumentRow, DropRow
from pipeline.intake import take_in
from pipeline.store import Store
from tests import files

ODD_NAMES = [
    b"-rf.pdf",
    b"new\nline.pdf",
    b"\x1b]0;owned\x07.pdf",
    b"fakt\xfara.pdf",
    b"\xed\xa0\x80.pdf",
    b"x" * 251 + b".pdf",
    "ž".encode() * 125 + b".pdf",
    "cafe\u0301.pdf".encode(),
    b"'; DROP TABLE documents;--.pdf",
    b" lead.pdf",
    b".pdf",
    b"UPPER.PDF",
    b"..%2f..%2fetc%2fpasswd.pdf",
    b"x.pdf.reason.txt",
]


def test_nodes_are_moved_as_they_are_and_never_opened(store: Store, tmp_path: Path) -> None:
    inbox, quarantine = store.settings.inbox, store.settings.quarantine
    secret = tmp_path / "secret.pdf"
    secret.write_bytes(files.pdf("secret"))
    read_at = secret.stat().st_atime_ns
    (inbox / "link.pdf").symlink_to(secret)
    (inbox / "dangling.pdf").symlink_to("nowhere")
    (inbox / "link_dir").symlink_to("/")
    os.mkfifo(inbox / "fifo.pdf")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(inbox / "sock.pdf")) if len(str(inbox)) < 90 else os.mknod(inbox / "sock.pdf", stat.S_IFSOCK)
    with (inbox / "sparse.pdf").open("wb") as file:
        file.write(b"%PDF-1.7\n")
        file.truncate(1 << 40)
    handle = os.open(inbox, os.O_RDONLY)
    for _ in range(300):
        os.mkdir("d" * 20, dir_fd=handle)
        deeper = os.open("d" * 20, os.O_RDONLY, dir_fd=handle)
        os.close(handle)
        handle = deeper
    os.close(os.open("deep.pdf", os.O_CREAT | os.O_WRONLY, dir_fd=handle))
    os.close(handle)
    (inbox / "good.pdf").write_bytes(files.pdf("good"))

    report = take_in(store)

    assert (report.taken, report.refused, report.waiting) == (1, 7, 0)
    assert (quarantine / "link.pdf").readlink() == secret
    assert stat.S_ISFIFO((quarantine / "fifo.pdf").lstat().st_mode)
    assert stat.S_ISSOCK((quarantine / "sock.pdf").lstat().st_mode)
    assert (quarantine / "sparse.pdf").stat().st_size == 1 << 40
    assert (quarantine / ("d" * 20)).is_dir()
    assert secret.stat().st_atime_ns == read_at
    for name in ("link.pdf", "dangling.pdf", "link_dir", "fifo.pdf", "sock.pdf", "d" * 20):
        assert "(node)" in (quarantine / f"{name}.reason.txt").read_text()
    assert take_in(store).entries == ()
    with store.reading() as session:
        refused = session.scalars(select(DropRow.refused).where(DropRow.document_id.is_(None))).all()
    assert sorted(refused) == ["limit:file_bytes"] + ["node"] * 6
    subprocess.run(["rm", "-rf", quarantine / ("d" * 20), inbox], check=True)  # deeper than Python's own rmtree goes


def test_odd_names_are_kept_in_both_databases(store: Store) -> None:
    for number, name in enumerate(ODD_NAMES):
        (store.settings.inbox / os.fsdecode(name)).write_bytes(files.pdf(str(number)))
    assert take_in(store).taken == len(ODD_NAMES)
    with store.reading() as session:
        names = set(session.scalars(select(DocumentRow.name)))
    assert {"fakt\\xfara.pdf", "new\nline.pdf", "cafe\u0301.pdf", "ž" * 125 + ".pdf"} <= names


def test_odd_names_come_back_from_quarantine_under_names_that_fit(store: Store) -> None:
    names = [*ODD_NAMES, b"a" * 255, b"a" * 254 + b"b", b"x.pdf"]
    for number, name in enumerate(names):
        (store.settings.inbox / os.fsdecode(name)).write_bytes(b"no document %d" % number)
    assert take_in(store).refused == len(names)
    there = list(store.settings.quarantine.iterdir())
    reasons = [path for path in there if path.name.endswith(".reason.txt")]
    assert len(there) == 2 * len(names)
    contents = [path.read_bytes() for path in there]
    assert {b"no document %d" % number for number in range(len(names))} < set(contents)
    assert len(reasons) >= len(names)


def test_programs_by_name_are_refused_unopened(store: Store) -> None:
    (store.settings.inbox / "invoice.pdf.exe").write_bytes(files.pdf("program"))
    (store.settings.inbox / "invoice.pdf").write_bytes(files.pdf("program"))
    report = take_in(store)
    assert (report.refused, report.taken) == (1, 1)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read and move everything")
def test_what_we_may_not_read_or_move_stays_and_is_told(store: Store) -> None:
    inbox = store.settings.inbox
    (inbox / "secret.pdf").write_bytes(files.pdf("a"))
    (inbox / "secret.pdf").chmod(0)
    (inbox / "rodir").mkdir()
    (inbox / "rodir" / "x.pdf").write_bytes(files.pdf("b"))
    (inbox / "rodir").chmod(0o555)
    (inbox / "good.pdf").write_bytes(files.pdf("c"))
    report = take_in(store)
    (inbox / "rodir").chmod(0o755)
    assert (report.taken, report.waiting) == (1, 2)


def test_the_generators_nodes(store: Store, tmp_path: Path, eval_dir: Path) -> None:
    inbox = store.settings.inbox
    env = {"ATTACK_CANARY": str(tmp_path / "canary"), "PATH": "/usr/bin:/bin"}
    generator = eval_dir / "hostile" / "make_attacks.py"
    subprocess.run([sys.executable, generator, "fsnodes", inbox], env=env, check=True, capture_output=True)
    nodes = json.loads(Path(f"{inbox}.nodes.json").read_text())["nodes"]
    report = take_in(store)
    outcome = {entry.name: entry.outcome for entry in report.entries}
    from pipeline.intake.quarantine import printable, recorded_name

    wanted = {"accept": "taken", "quarantine": "refused", "wait": "waiting"}
    wrong = []
    for node in nodes:
        name = printable(recorded_name(os.fsdecode(bytes.fromhex(node["hex"]))), 255)
        want = wanted.get(node["outcome"].split()[0].rstrip(","))
        if want and name in outcome and outcome[name] != want:
            wrong.append((name, want, outcome[name]))
    assert wrong == []
    assert not (tmp_path / "canary").exists()
    assert Path(f"{inbox}.outside/secret.pdf").exists()
    subprocess.run(["rm", "-rf", inbox, store.settings.quarantine], check=True)
