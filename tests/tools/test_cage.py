from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import psutil
import pytest

from models.errors import MissingTool, UnreadableDocument
from models.settings import Limits
from pipeline.tools import cage

from . import crafted

MEBIBYTE = 1024 * 1024


def call(name, *args, progress=None, keep=None, into=None, **limits):
    function = f"{crafted.__name__}:{name}"
    return cage.run_caged(function, *args, limits=Limits(**limits), progress=progress, keep=keep, into=into)


def code_of(name, *args, **limits):
    with pytest.raises(UnreadableDocument) as caught:
        call(name, *args, **limits)
    return caught.value.code


def ends(pid, seconds=5.0):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.05)
    return False


def test_arguments_and_result_cross_as_they_are():
    assert json.loads(call("echo", "žluťoučký \u202e kůň")) == "žluťoučký \u202e kůň"


def test_a_result_of_many_packets_arrives_whole():
    assert call("huge_result", 3 * MEBIBYTE + 1) == bytes(3 * MEBIBYTE + 1)


def test_progress_arrives_and_restarts_the_clock():
    seen = []
    call("echo", 1)  # the server is up
    assert call("slow_pages", 4, 0.8, progress=seen.append, page_seconds=2.5) == b"all"
    assert seen == [1, 2, 3, 4]


def test_a_page_that_hangs_is_ended_in_time():
    start = time.monotonic()
    assert code_of("hang", page_seconds=0.5) == "timeout"
    assert time.monotonic() - start < 5


def test_crashes_are_told_apart_from_memory():
    assert code_of("segfault") == "crash"
    assert code_of("abort") == "crash"
    assert code_of("bad_alloc") == "memory"


def test_memory_is_limited():
    assert code_of("swallow_memory", 5000, memory_bytes=700 * MEBIBYTE) == "memory"
    assert call("swallow_memory", 50, memory_bytes=1400 * MEBIBYTE) == b"50"


def test_a_result_over_the_limit_is_refused():
    assert code_of("huge_result", 2 * MEBIBYTE, result_bytes=MEBIBYTE) == "limit:result"


def test_what_is_kept_arrives_before_its_page_is_reported():
    seen = []
    call("keep_pages", 3, 150_000, "end", progress=seen.append, keep=lambda name, data: seen.append((name, data)))
    assert seen == [one for page in (1, 2, 3) for one in ((f"page-{page}", bytes([page]) * 150_000), page)]


def test_what_was_kept_outlives_a_crash():
    kept = {}
    with pytest.raises(UnreadableDocument):
        call("keep_pages", 3, 10, "abort", keep=kept.__setitem__)
    assert sorted(kept) == ["page-1", "page-2", "page-3"]


def test_odd_names_are_not_kept():
    kept = {}
    call("keep_under_odd_names", keep=kept.__setitem__)
    assert kept == {"page-1": b"good"}


def test_a_child_that_keeps_for_ever_is_ended():
    assert code_of("keep_for_ever", result_bytes=5 * MEBIBYTE) == "limit:result"


def test_nonsense_on_the_pipe_is_a_crash():
    for kind in ("E", "X"):
        assert code_of("speak_nonsense", kind) == "crash"
    assert call("speak_nonsense", "P") == b"all"


def test_a_large_result_goes_to_a_file_piece_by_piece(tmp_path):
    with (tmp_path / "out").open("w+b") as file:
        assert call("write_result", 3 * MEBIBYTE, into=file) == b""
        file.seek(0)
        assert file.read() == bytes(range(256)) * (3 * MEBIBYTE // 256)
    assert len(call("write_result", 512)) == 512


def test_our_errors_keep_their_class_and_code():
    assert code_of("refuse") == "password"
    with pytest.raises(MissingTool, match="Install it"):
        call("missing")


def test_a_foreign_error_tells_its_place_but_not_the_document():
    with pytest.raises(UnreadableDocument) as caught:
        call("bug")
    assert caught.value.code == "crash"
    assert "ValueError at crafted.py:" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_files_are_limited():
    with pytest.raises(UnreadableDocument, match="OSError"):
        call("write_big_file", 600 * MEBIBYTE)
    assert call("write_big_file", MEBIBYTE) == b"written"


def test_noise_goes_nowhere(capfd):
    assert call("be_noisy") == b"quiet"
    assert capfd.readouterr() == ("", "")


def test_the_child_has_an_empty_folder_no_network_and_no_foreign_descriptor():
    seen = json.loads(call("surroundings"))
    assert seen["before"] == ["leftover"]
    assert seen["cwd"] == seen["temp"]
    assert not Path(seen["temp"]).exists()
    assert seen["session"]
    assert seen["threads"] == 1
    assert len(seen["descriptors"]) <= 5  # 0 to 3, and the listing itself
    if seen["interfaces"] == ["lo"]:
        assert seen["network"] != "reached"
    else:
        pytest.skip("this machine allows no network namespace")


def test_grandchildren_die_with_the_call(tmp_path):
    marker = tmp_path / "pid"
    assert call("leave_grandchild", str(marker)) == b"left"
    assert ends(int(marker.read_text()))
    assert code_of("grandchild_then_hang", str(marker), page_seconds=2) == "timeout"
    assert ends(int(marker.read_text()))


def test_several_threads_call_at_once():
    results = {}

    def work(number):
        try:
            results[number] = call("echo", number)
            call("segfault")
        except UnreadableDocument as error:
            results[-number] = error.code

    threads = [threading.Thread(target=work, args=(number,)) for number in range(1, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == {n: str(n).encode() for n in range(1, 9)} | {-n: "crash" for n in range(1, 9)}


def test_a_lost_server_costs_one_call(tmp_path):
    marker = tmp_path / "pid"
    caught = []

    def doomed():
        try:
            call("grandchild_then_hang", str(marker))
        except UnreadableDocument as error:
            caught.append(error.code)

    thread = threading.Thread(target=doomed)
    thread.start()
    child = tmp_path / "pid.child"
    while not (child.exists() and child.read_text()):
        time.sleep(0.02)
    assert cage._server.process is not None
    cage._server.process.kill()
    thread.join(20)
    assert caught == ["crash"]
    assert ends(int(child.read_text()))
    assert call("echo", 1) == b"1"


def test_a_killed_parent_leaves_no_orphans(tmp_path):
    """The caller runs as a script without a main guard, and is shot while its child hangs."""
    marker = tmp_path / "pid"
    script = tmp_path / "caller.py"
    script.write_text(
        textwrap.dedent(f"""
        import sys
        sys.path[:0] = {[str(Path(crafted.__file__).parents[1]), *sys.path]!r}
        from models.settings import Limits
        from pipeline.tools.cage import run_caged
        run_caged("{crafted.__name__}:grandchild_then_hang", {str(marker)!r}, limits=Limits())
        """)
    )
    caller = subprocess.Popen([sys.executable, str(script)], cwd=tmp_path)
    child = Path(f"{marker}.child")
    deadline = time.monotonic() + 60
    while not (child.exists() and child.read_text()) and time.monotonic() < deadline:
        time.sleep(0.05)
    caller.kill()
    caller.wait()
    assert ends(int(child.read_text()))
    assert ends(int(marker.read_text()))


def test_a_forked_copy_of_the_caller_gets_a_server_of_its_own():
    call("echo", 1)
    server = cage._server.process.pid
    pid = os.fork()
    if pid == 0:
        fine = call("echo", 2) == b"2" and cage._server.process.pid != server
        cage.stop()
        os._exit(0 if fine else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert call("echo", 3) == b"3"
    assert cage._server.process.pid == server


def test_the_child_knows_neither_the_database_nor_passwords(monkeypatch):
    monkeypatch.setenv("PODATELNA_DATABASE_URL", "postgresql://clerk:geheim@127.0.0.1/office")
    monkeypatch.setenv("PREFECT_API_AUTH_STRING", "podatelna:geheim")
    cage.stop()  # the server of this process was started before
    try:
        seen = call("environment")
    finally:
        cage.stop()
    assert b"PATH" in seen
    assert b"geheim" not in seen
