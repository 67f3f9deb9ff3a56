"""Nothing is read twice, and nothing is believed that is not the very page."""

from __future__ import annotations

import ast
import hashlib
import os
import stat
import zlib
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import TypeAdapter

import pipeline.reading
from models.records import Page, Source, Word
from models.settings import Limits, RapidOcrRuntime, Settings, TesseractWay
from models.tables import DocumentRow, PageRow
from pipeline import page_cache
from pipeline.caged import read_caged, understand_caged
from pipeline.intake import take_in
from pipeline.page_cache import Shelf, Writer, code_version, fingerprint, forget, prune, shelf, shelf_of, size
from pipeline.process import new_owner, process_one
from pipeline.reading import read
from pipeline.reading.known import once, recall, remember
from pipeline.reading.ocr import recognise as recognising
from pipeline.reading.ocr.languages import Languages
from pipeline.store import Store
from pipeline.tools import rapidocr
from tests import files
from tests.reading import making

PDF = "application/pdf"
VERDICTS = TypeAdapter(dict[str, bool])
ROOT = Path(page_cache.__file__).resolve().parents[1]
MARKED = Page(1, 300.0, 200.0, Source.TESSERACT, (Word("from-the-cache", (1.0, 2.0, 3.0, 4.0), 0.5),))


class Shelves(dict):  # type: ignore[type-arg]
    """A memory in memory."""

    keep = dict.__setitem__


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


@pytest.fixture
def settings(home: Path) -> Settings:
    return Settings(home=home)


@pytest.fixture
def kept(settings: Settings) -> Shelf:
    found = shelf(settings, "ab" * 32, PDF)
    assert found is not None
    return found


def put_page(where: Shelf, page: Page = MARKED) -> None:
    memory = Shelves()
    remember(memory, page, [], Languages(("ces", "deu"), "deu", 1))
    for name, data in memory.items():
        where.put(name, data)


def test_a_second_reading_opens_no_page_and_calls_no_engine(tmp_path, monkeypatch):
    calls = []
    scan = tmp_path / "scan.pdf"
    scan.write_bytes(making.scanned(making.picture(making.pdf())))
    for module, name in ((recognising.tesseract, "words"), (rapidocr, "detect"), (rapidocr, "read_line")):
        inner = getattr(module, name)
        monkeypatch.setattr(module, name, lambda *a, inner=inner, **o: calls.append(1) or inner(*a, **o))
    memory, seen = Shelves(), []
    first = read(scan, PDF, Settings(), seen.append, memory)
    assert len(calls) >= 1
    assert first.pages[0].words
    calls.clear()
    assert read(scan, PDF, Settings(), seen.append, memory) == first
    assert not calls
    assert seen == [1, 1]


def test_the_language_of_the_document_is_kept_with_its_pages(kept):
    put_page(kept)
    languages = Languages(("ces", "deu"))
    assert recall(kept, 1, languages) == (MARKED, [])
    assert (languages.own, languages.asked) == ("deu", 1)


def test_a_question_is_asked_once():
    memory, asked = Shelves(), []

    def ask(answer):
        return lambda: asked.append(1) or answer

    assert once(memory, "verify", [1, "a"], VERDICTS, ask({"net": True})) == {"net": True}
    assert once(memory, "verify", [1, "a"], VERDICTS, ask({"net": False})) == {"net": True}
    assert once(memory, "verify", [1, "b"], VERDICTS, ask({"net": False})) == {"net": False}
    memory.update(dict.fromkeys(memory, b'{"net": "perhaps"}'))
    assert once(memory, "verify", [1, "a"], VERDICTS, ask({"net": False})) == {"net": False}
    assert len(asked) == 3


def test_findings_of_a_page_are_kept_with_it(tmp_path):
    path = tmp_path / "hidden.pdf"
    path.write_bytes(making.pdf(draw=lambda canvas: canvas.setFillGray(1) or canvas.drawString(60, 60, "secret words")))
    memory = Shelves()
    first = read(path, PDF, Settings(), lambda _: None, memory)
    assert first.findings
    assert read(path, PDF, Settings(), lambda _: None, memory) == first


def test_the_child_takes_pages_from_the_shelf_and_its_parent_puts_them_there(settings, tmp_path):
    path = tmp_path / "a.pdf"
    path.write_bytes(making.pdf(pages=3))
    where = shelf_of(settings, path, PDF)
    first = read_caged(path, PDF, settings, None, where)
    assert size(settings)[0] == 3
    put_page(where)
    second = read_caged(path, PDF, settings, None, where)
    assert second.pages == (MARKED, *first.pages[1:])
    assert understand_caged(path, PDF, settings, None, where).reading.pages == second.pages
    assert read_caged(path, PDF, settings).pages == first.pages


def test_a_reading_that_is_killed_goes_on_where_it_was(settings, tmp_path):
    path = tmp_path / "a.pdf"
    path.write_bytes(making.pdf(pages=6))
    where = shelf_of(settings, path, PDF)

    def die(page: int) -> None:
        if page == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        read_caged(path, PDF, settings, die, where)
    there = {name for name in range(1, 7) if where.get(f"page-{name}")}
    assert there >= {1, 2, 3}
    memory = Shelves({f"page-{number}": where.get(f"page-{number}") for number in there})
    before = set(memory)
    read(path, PDF, settings, lambda _: None, memory)
    assert set(memory) - before == {f"page-{number}" for number in range(1, 7) if number not in there}
    assert len(read_caged(path, PDF, settings, None, where).pages) == 6


@pytest.mark.parametrize(
    "change",
    [
        {"languages": ("deu",)},
        {"tesseract": TesseractWay.PROGRAM},
        {"rapidocr": RapidOcrRuntime.OPENVINO},
        {"limits": Limits(render_pixels=1_000_000)},
    ],
)
def test_what_decides_the_words_decides_the_fingerprint(settings, change):
    assert fingerprint(settings.model_copy(update=change), PDF) != fingerprint(settings, PDF)


def test_other_settings_do_not(settings, tmp_path):
    fields = set(Settings.model_fields)
    assert fields >= page_cache._IRRELEVANT
    assert set(Limits.model_fields) >= page_cache._IRRELEVANT_LIMITS
    other = settings.model_copy(
        update={"home": tmp_path, "workers": 9, "our_names": ("We",), "limits": Limits(pages=3)}
    )
    assert fingerprint(other, PDF) == fingerprint(settings, PDF)
    assert fingerprint(settings, "image/tiff") != fingerprint(settings, PDF)


def test_other_code_and_other_engines_read_anew(settings, kept, monkeypatch, tmp_path):
    put_page(kept)
    for name in ("code_version", "_engines"):
        with monkeypatch.context() as patch:
            patch.setattr(page_cache, name, lambda: "new")
            newer = shelf(settings, "ab" * 32, PDF)
            assert newer.folder == kept.folder
            assert newer.get("page-1") is None
    copy = tmp_path / "pipeline" / "reading"
    copy.mkdir(parents=True)
    (copy / "a.py").write_text("1")
    monkeypatch.setattr(page_cache, "_ROOT", tmp_path)
    monkeypatch.setattr(page_cache, "CODE", ("pipeline/reading",))
    versions = {code_version.__wrapped__()}
    (copy / "a.py").write_text("2")
    versions.add(code_version.__wrapped__())
    (copy / "weights.json").write_text("{}")
    versions.add(code_version.__wrapped__())
    (copy / "a.pyc").write_text("not code")
    versions.add(code_version.__wrapped__())
    assert len(versions) == 3


def test_the_code_version_covers_all_that_reading_imports():
    folder = Path(pipeline.reading.__file__).parent
    todo = [folder / "pages.py", folder / "pages.py"]
    seen = {folder / "__init__.py"}  # it also reads the e-invoice, anew each time
    while todo:
        path = todo.pop()
        if path in seen:
            continue
        seen.add(path)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = []
            if isinstance(node, ast.ImportFrom) and node.module:
                names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
            elif isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            for name in names:
                start = ROOT / name.replace(".", "/")
                todo += [one for one in (start.with_suffix(".py"), start / "__init__.py") if one.is_file()]
    ours = {str(path.relative_to(ROOT)) for path in seen}
    harmless = {"models/errors.py", "models/settings.py", "models/__init__.py", "extractors/__init__.py"}
    strangers = {one for one in ours - harmless if not one.startswith(page_cache.CODE)}
    assert not {one for one in strangers if one.startswith(("pipeline/", "models/", "extractors/"))}


def test_torn_and_spoilt_entries_are_not_believed(kept):
    put_page(kept)
    (path,) = kept.folder.iterdir()
    whole = path.read_bytes()
    assert recall(kept, 1, Languages(())) == (MARKED, [])
    for spoilt in (b"", whole[:10], whole[:60], whole[:-1], whole + b"x", whole[:-1] + bytes([whole[-1] ^ 1])):
        path.write_bytes(spoilt)
        assert kept.get("page-1") is None
        assert recall(kept, 1, Languages(())) is None
    path.unlink()
    path.mkdir()
    assert recall(kept, 1, Languages(())) is None


def test_an_entry_in_the_place_of_another_is_not_believed(settings, kept):
    put_page(kept)
    (path,) = kept.folder.iterdir()
    other = shelf(settings, "cd" * 32, PDF)
    put_page(other)
    (place,) = other.folder.iterdir()
    place.write_bytes(path.read_bytes())
    assert other.get("page-1") is None
    place.with_name(f"{other.fingerprint}-page-2").write_bytes(path.read_bytes())
    assert other.get("page-2") is None


def test_sealed_nonsense_is_read_anew(kept):
    bomb = zlib.compress(b" " * (100 * 1024 * 1024))
    for data in (b"", b"nonsense", zlib.compress(b"nonsense"), zlib.compress(b'{"page": 1}'), bomb):
        kept.put("page-1", data)
        assert kept.get("page-1") == data
        assert recall(kept, 1, Languages(())) is None
    put_page(kept, replace(MARKED, number=2))
    kept.put("page-1", kept.get("page-2"))
    assert recall(kept, 1, Languages(())) is None


def test_others_on_the_machine_cannot_look(kept, settings):
    put_page(kept)
    for path in settings.cache.rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)


def test_a_disk_that_takes_nothing_stops_no_reading(settings, tmp_path):
    settings.cache.write_text("in the way")
    path = tmp_path / "a.pdf"
    path.write_bytes(making.pdf())
    where = shelf_of(settings, path, PDF)
    assert read_caged(path, PDF, settings, None, where).pages
    assert size(settings) == (0, 0)
    assert prune(settings) == 0


def test_no_home_or_no_bytes_no_cache(settings, tmp_path):
    path = tmp_path / "a.pdf"
    path.write_bytes(making.pdf())
    assert shelf_of(settings.model_copy(update={"home": tmp_path / "nowhere"}), path, PDF) is None
    assert shelf_of(settings.model_copy(update={"cache_bytes": 0}), path, PDF) is None


def test_a_file_that_changes_while_it_is_read_leaves_nothing(settings, tmp_path):
    path = tmp_path / "a.pdf"
    path.write_bytes(making.pdf())
    where = shelf_of(settings, path, PDF)
    path.write_bytes(making.pdf(lines=("Another",)))
    assert read_caged(path, PDF, settings, None, where).text == "Another"
    assert size(settings) == (0, 0)


def test_what_was_used_longest_ago_goes_first(settings):
    shelves = [shelf(settings, f"{number:02x}" * 32, PDF) for number in range(4)]
    for number, one in enumerate(shelves):
        one.put("page-1", bytes(10_000))
        os.utime(one.folder, (1000 + number, 1000 + number))
    shelf(settings, "00" * 32, PDF)  # used again
    bound = settings.model_copy(update={"cache_bytes": 2 * 12_288})
    assert prune(bound) == 2
    assert [one.get("page-1") is not None for one in shelves] == [True, False, False, True]
    assert size(bound)[1] <= bound.cache_bytes
    assert prune(bound) == 0
    forget(settings, "00" * 32)
    assert shelves[0].get("page-1") is None
    assert prune(settings.model_copy(update={"cache_bytes": 0})) == 1
    assert size(settings) == (0, 0)


def test_a_long_run_keeps_to_the_bound_by_itself(settings):
    bound = settings.model_copy(update={"cache_bytes": 200_000})
    for number in range(60):
        Writer(bound, shelf(bound, f"{number:02x}" * 32, PDF))("page-1", bytes(8_000))
    assert size(bound)[1] <= 1.2 * bound.cache_bytes


def test_four_writers_and_a_pruner_at_once(settings):
    """Every entry is at all times whole or not there."""
    names = [f"{number:02x}" * 32 for number in range(3)]
    pids = []
    for worker in range(5):
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                for turn in range(60):
                    for name in names:
                        where = shelf(settings, name, PDF)
                        if worker == 4 and turn % 10 == 0:
                            prune(settings.model_copy(update={"cache_bytes": 10_000}))
                        where.put("page-1", name.encode() * 200)
                        assert where.get("page-1") in (None, name.encode() * 200)
                code = 0
            finally:
                os._exit(code)
        pids.append(pid)
    assert [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids] == [0] * 5
    assert not list(settings.cache.rglob(".new-*"))
    assert [shelf(settings, name, PDF).get("page-1") for name in names] == [name.encode() * 200 for name in names]


def test_a_document_of_the_vault_is_read_from_its_shelf(store: Store) -> None:
    data = files.pdf("one")
    (store.settings.inbox / "one.pdf").write_bytes(data)
    (document,) = take_in(store).documents
    put_page(shelf(store.settings, hashlib.sha256(data).hexdigest(), PDF))
    process_one(store, document, new_owner())
    with store.reading() as session:
        assert session.get_one(PageRow, (document, 1)).source == MARKED.source
        assert session.get_one(DocumentRow, document).attempts == 0
