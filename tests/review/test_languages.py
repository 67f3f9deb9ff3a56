"""The languages of the desk: nothing is left unsaid, and what is typed the local way is understood."""

from __future__ import annotations

import datetime as dt
import re
import string
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po
from sqlalchemy import select, text
from starlette.testclient import TestClient

from models.document_types import Kind, document_types
from models.messages import Message, open_ended, read, say, written
from models.roles import Role
from models.states import State
from models.tables import DocumentRow, FieldRow
from pipeline import accounts
from pipeline.accounts import issue_token
from pipeline.check import check_values
from pipeline.intake import advice
from pipeline.review import guard, languages, local, queue

from .people import BASE, PASSWORD, client_of, form_of
from .rows import add_invoice

ROOT = Path(__file__).parents[2]
LOCALE = ROOT / "pipeline" / "review" / "locale"
CZECH = {"Accept-Language": "cs-CZ,cs;q=0.9,en;q=0.8"}


@pytest.fixture
def dialect():
    return "sqlite"


@pytest.fixture
def speak():
    """Speak a language until the test ends."""
    yield languages.speak
    languages.speak(languages.SOURCE)


# ---- the catalogue


def places(text):
    """The places in a text that values go into."""
    named = (
        {name for _, name, _, _ in string.Formatter().parse(text) if name is not None} if "%(" not in text else set()
    )
    return named | set(re.findall(r"%\((\w+)\)s", text))


def test_every_text_of_the_code_has_a_czech_translation():
    with (LOCALE / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file, filename="babel.cfg")
    keywords = {"say": None, "gettext": None, "_": None, "ngettext": (1, 2)}
    found = extract_from_dir(ROOT, methods, options, keywords=keywords, directory_filter=lambda path: "/." not in path)
    with (LOCALE / "cs" / "LC_MESSAGES" / "desk.po").open("rb") as file:
        czech = read_po(file, locale="cs")
    wrong = []
    for path, line, message, _, _ in found:
        if message in (None, "") or not path.startswith(("models", "extractors", "pipeline")):
            continue
        ours = czech.get(message[0] if isinstance(message, tuple) else message)
        said = ours.string if ours is not None else ""
        for one in said if isinstance(said, tuple) else (said,):
            if not one or ours.fuzzy:
                wrong.append(f"{path}:{line}: no Czech for {message!r}: run `make catalogue`")
            elif places(one) - places(ours.id[1] if isinstance(ours.id, tuple) else ours.id):
                wrong.append(f"{path}:{line}: {one!r} has other places than {message!r}")
    assert wrong == []


def test_scripts_say_only_what_the_page_brings():
    review = ROOT / "pipeline" / "review"
    brought = set(re.findall(r'^  "(\w+)":', (review / "templates" / "_words.html").read_text(), re.MULTILINE))
    said = set()
    for path in (review / "static").glob("*.js"):
        script = re.sub(r"(?m)^\s*//.*|(?<=;) //.*", "", path.read_text(encoding="utf-8"))
        calls = re.findall(r"\bsay\(([^()]*)", script) if "words.js" in script else []
        said |= {word for call in calls for word in re.findall(r'"(\w+)"', call)}
        assert re.findall(r'["`>][A-Z][a-z]+ [a-z]+', script) == [], f"{path.name} has words of its own"
    assert said <= brought
    assert brought - said <= {"loaded", "rejected"}  # said of a state


def test_every_type_and_field_has_a_czech_title():
    kinds = document_types().values()
    titles = [kind.title for kind in kinds] + [spec.title for kind in kinds for spec in kind.fields.values()]
    assert [title["en"] for title in titles if not title.get("cs")] == []
    by_english = {}
    for title in titles:
        by_english.setdefault(str.__str__(title["en"]), set()).add(title["cs"])
    assert {english: czech for english, czech in by_english.items() if len(czech) > 1} == {}


class Unsaid(HTMLParser):
    """Collects the letters of a page that stand outside of brackets, but for what is the document's own."""

    SHOWN = ("title", "alt", "placeholder", "aria-label")
    SILENT = ("kbd", "code", "style", "textarea", "b")

    def __init__(self, content):
        super().__init__()
        self.content, self.found, self.depth, self.silent = content, [], 0, []

    def words(self, text, depth=0):
        for one in self.content:
            text = text.replace(one, "")
        outside = ""
        for char in text:
            depth += {"⟦": 1, "⟧": -1}.get(char, 0)
            outside += char if not depth and char not in "⟦⟧" else ""
        if re.search(r"[^\W\d_]", outside):
            self.found.append(text.strip())
        return depth

    def handle_starttag(self, tag, attributes):
        for name, value in attributes:
            if name in self.SHOWN:
                self.words(value or "")
        if tag in self.SILENT:
            self.silent.append(tag)

    def handle_endtag(self, tag):
        if self.silent and self.silent[-1] == tag:
            self.silent.pop()

    def handle_data(self, data):
        if not self.silent:
            self.depth = self.words(data, self.depth)


class Bracketed(languages.NullTranslations):
    """Says every text in brackets."""

    def ugettext(self, message):
        return f"⟦{message}⟧"

    def ungettext(self, one, many, count):
        return f"⟦{one if count == 1 else many}⟧"


PEOPLE = ("Podatelna", "UTC", "Anna", "anna", "Ben", "ben", "English", "Čeština", "invoice-", ".pdf", "(inbox)")
VALUES = ("Papír a tisk s.r.o.", "Obec Horní Dolní", "CZK", "CZ25568736", "CZ6508000000192000145399", "Kč", "CZ65")
CONTENT = (
    *PEOPLE,
    *VALUES,
    "Dodavatel Odběratel",
    "Nádražní 12, 370 01 Město",
    advice("rejected")[1],
    "nothing-like-it",
)


def test_no_page_has_a_text_that_nobody_marked(app, store, monkeypatch):
    monkeypatch.setattr(languages, "catalogue", lambda language: Bracketed())
    monkeypatch.setattr(languages, "_titles", lambda language: {})
    finding = {"code": "x", "severity": "warning", "message": say("Some finding {n}.", n=1), "fields": ["gross_total"]}
    loose = {"code": "y", "severity": "warning", "message": say("Some finding."), "fields": []}
    lines = {"code": "z", "severity": "warning", "message": say("Lines."), "fields": ["line_items"]}
    reasons = (say("Some reason"),)
    waiting = add_invoice(store, "1", reasons=reasons, findings=(finding, loose, lines), pages=2, missing=("iban",))
    loaded = add_invoice(store, "2", reasons=reasons, doubts={})
    returned = add_invoice(store, "3", reasons=reasons)
    aside = add_invoice(store, "4", reasons=reasons)
    anna = client_of(app, store, "Anna", Role.REVIEWER, Role.SUPERVISOR)
    ben = client_of(app, store, "Ben")
    for client in (anna, ben):
        client.headers.update(CZECH)
    name, version = "anna", 3
    for one in (loaded, returned, aside):
        queue.claim(store, one, name)
    queue.decide_accept(store, loaded, version, name, {"due_date": "2026-11-18"}, load_anyway=True, override="1")
    queue.decide_reject(store, returned, version, name, "3")
    queue.put_aside(store, aside, version, name, "4")
    queue.comment(store, waiting, name, "5")
    pages = [
        (client, path)
        for client in (anna, ben)
        for path in (
            *(f"/documents/{one}" for one in (waiting, loaded, returned, aside)),
            *(f"/documents/{one}/history" for one in (waiting, loaded, returned, aside)),
            f"/documents/{waiting}/pages",
            f"/documents/{waiting}?type=receipt",
            f"/documents/{waiting}/why/gross_total",
            "/",
            "/documents?state=loaded",
            "/documents?state=rejected",
            "/aside",
            "/search?q=20260042",
            "/search?q=999999",
            "/me",
            "/documents/99",
        )
    ]
    pages += [
        (anna, path) for path in ("/figures", "/accounts", "/accounts/new", "/accounts/of/anna", f"/?done={loaded}")
    ]
    with TestClient(app, base_url=BASE, headers=CZECH) as stranger:
        pages.append((stranger, "/login"))
        faults = {}
        for client, path in pages:
            answer = client.get(path)
            assert answer.headers["content-type"].startswith("text/html"), path
            reader = Unsaid(CONTENT)
            reader.feed(re.sub(r"(?s)<script[^>]*>.*?</script>", "", answer.text))
            if reader.found:
                faults[path] = reader.found
    for client in (anna, ben):
        client.close()
    assert faults == {}


# ---- which language


def test_the_language_is_that_of_the_account_then_of_the_cookie_then_of_the_browser(app, store):
    with client_of(app, store, "Anna") as anna:
        assert '<html lang="en">' in anna.get("/").text
        page = anna.get("/", headers=CZECH)
        assert '<html lang="cs">' in page.text and "Nic nečeká" in page.text
        anna.cookies.set(guard.LANGUAGE_COOKIE, "en", domain="127.0.0.1")
        assert '<html lang="en">' in anna.get("/", headers=CZECH).text
        csrf = form_of(anna.get("/me"))["csrf"]
        answer = anna.post("/me/language", data={"csrf": csrf, "language": "cs"})
        assert answer.status_code == 303
        assert "Váš účet" in anna.get("/me").text
        anna.post("/me/language", data={"csrf": csrf, "language": "tlh"})
        assert '<html lang="en">' in anna.get("/me").text
        assert anna.post("/me/language", data={"language": "cs"}).status_code == 409  # no form token


def test_who_signs_in_may_choose_before(app, store):
    accounts.add(store, "eva", title="Eva", roles={Role.REVIEWER}, password=PASSWORD, actor="operator")
    with TestClient(app, base_url=BASE) as stranger:
        assert "Sign in" in stranger.get("/login").text
        assert "Přihlásit se" in stranger.get("/login?language=cs").text
        assert "Přihlásit se" in stranger.get("/login").text
        wrong = stranger.post("/login", data={"name": "eva", "password": "no"})
        assert wrong.status_code == 403
        assert "Sign in" in stranger.get("/login?language=en").text


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("cs", "cs"),
        ("cs-CZ,cs;q=0.9,en;q=0.8", "cs"),
        ("en;q=0.3, cs;q=0.9", "cs"),
        ("de-DE,de;q=0.9", "en"),
        ("sk, cs;q=0.5, en;q=0.4", "cs"),
        ("cs;q=0, en", "en"),
        ("cs;q=x;;;,", "en"),
    ],
)
def test_what_the_browser_asks_for(header, language):
    assert languages.choose("", accepted=header) == language


def test_programs_are_answered_in_english_and_in_normal_form(app, store):
    document = add_invoice(store, "1", reasons=(say("The document type is unknown"),))
    with client_of(app, store, "Anna") as anna:
        anna.headers.update(CZECH)
        csrf = form_of(anna.get("/me"))["csrf"]
        body = {"values": {"gross_total": "9 999,5"}}
        czech = anna.post(f"/api/documents/{document}/check", json=body, headers={"X-CSRF-Token": csrf}).json()
        assert (czech["values"]["gross_total"], czech["shown"]["gross_total"]) == ("9999.50", "9\u00a0999,50")
        assert any("celkem s DPH je 9\u00a0999,50" in one["message"] for one in czech["findings"])
        assert czech["told"].startswith("Kontroly mají")
    token = issue_token(store, "anna", "robot", Role.REVIEWER, days=1, actor="operator")
    with TestClient(app, base_url=BASE, headers={**CZECH, "Authorization": f"Bearer {token}"}) as robot:
        english = robot.post(f"/api/documents/{document}/check", json=body).json()
        assert english["shown"] == english["values"]
        assert any("the gross total is 9999.50" in one["message"] for one in english["findings"])
        assert robot.get("/api/documents").json()[0]["reasons"] == ["The document type is unknown"]


# ---- sentences


def test_a_sentence_is_stored_with_how_it_was_made_and_old_rows_are_read(store, speak):
    made = say("Net total {net} and tax {tax} have different signs.", net=Decimal("-1234.50"), tax=Decimal(1))
    document = add_invoice(
        store,
        reasons=(open_ended(made), "An old reason"),
        findings=({"code": "tax-sign", "severity": "warning", "message": made, "fields": ["tax_total"]},),
    )
    with store.reading() as session:
        row = session.get(DocumentRow, document)
        raw = session.execute(text("SELECT reasons FROM documents")).scalar()
    assert row.reasons == ["Net total -1234.50 and tax 1 have different signs", "An old reason"]
    assert '"template"' in str(raw) and '"An old reason"' in str(raw)
    speak("cs")
    assert languages.tell(row.reasons[0]) == "Základ -1\u00a0234,50 a DPH 1 mají opačná znaménka"
    assert languages.tell(row.reasons[1]) == "An old reason"
    assert languages.tell(row.findings[0]["message"]).endswith("znaménka.")


def test_a_sentence_survives_storing_whatever_is_in_it():
    inner = say("Due date")
    made = say("{a:lower} {b} {c} {d} {e}", a=inner, b=dt.date(2026, 11, 23), c=Decimal("1.50"), d=3, e="{x}")
    again = read(written(made))
    assert again == made == "due date 2026-11-23 1.50 3 {x}"
    assert dict(again.values) == dict(made.values)
    assert isinstance(str(ValueError(made)), Message)
    assert read({"message": "old", "template": "{gone}", "values": {}}) == "{gone}"
    assert read({"message": "old", "template": "{gone}", "values": {"other": 1}}) == "old"


def test_findings_are_said_in_czech_with_czech_numbers_and_dates(speak):
    values = {"issue_date": "2026-03-02", "due_date": "2026-02-01", "net_total": "1000.00", "tax_total": "210.00"}
    found = check_values(document_types()["invoice"], {**values, "gross_total": "1211.50"}, today=dt.date(2026, 4, 1))
    speak("cs")
    told = [languages.tell(one.message) for one in found]
    assert "Základ 1\u00a0000,00 a DPH 210,00 dávají 1\u00a0210,00, ale celkem s DPH je 1\u00a0211,50." in told
    assert any("1.\u00a02.\u00a02026" in one and "2.\u00a03.\u00a02026" in one for one in told)
    assert "Chybí údaj „Číslo faktury“." in told


# ---- what people type


@pytest.mark.parametrize(
    ("language", "kind", "typed", "normal"),
    [
        ("cs", Kind.AMOUNT, "1 234,50", "1234.50"),
        ("cs", Kind.AMOUNT, "1234.50", "1234.50"),
        ("cs", Kind.AMOUNT, "1,234", "1.234"),
        ("cs", Kind.AMOUNT, "-1,234 Kč", "-1.234"),
        ("cs", Kind.AMOUNT, "0,125", "0.125"),
        ("cs", Kind.AMOUNT, "12.345,67", "12345.67"),
        ("cs", Kind.NUMBER, "1,250", "1.25"),
        ("cs", Kind.PERCENT, "21 %", "21"),
        ("cs", Kind.DATE, "3/4/2026", "2026-04-03"),
        ("cs", Kind.DATE, "23. 11. 2026", "2026-11-23"),
        ("cs", Kind.DATE, "2026-11-23", "2026-11-23"),
        ("en", Kind.AMOUNT, "1,234", "1234.00"),
        ("en", Kind.AMOUNT, "1.234", "1.234"),
        ("en", Kind.AMOUNT, "1,234.50", "1234.50"),
        ("en", Kind.DATE, "3. 4. 2026", "2026-04-03"),
        ("en", Kind.DATE, "13/4/2026", "2026-04-13"),
        ("en", Kind.DATE, "3/3/2026", "2026-03-03"),
    ],
)
def test_what_is_typed_the_local_way(speak, language, kind, typed, normal):
    speak(language)
    assert local.understood(kind, typed) == normal


@pytest.mark.parametrize(
    ("language", "kind", "typed"),
    [
        ("cs", Kind.AMOUNT, "1.234"),
        ("cs", Kind.NUMBER, "12.345 kg"),
        ("en", Kind.DATE, "3/4/2026"),
        ("en", Kind.DATE, "3-4-26"),
    ],
)
def test_what_means_two_things_is_asked_for(speak, language, kind, typed):
    speak(language)
    with pytest.raises(local.Ambiguous):
        local.understood(kind, typed)


@pytest.mark.parametrize(
    ("kind", "normal"),
    [
        (Kind.AMOUNT, "1234567.50"),
        (Kind.AMOUNT, "-0.125"),
        (Kind.AMOUNT, "1234.567"),
        (Kind.NUMBER, "1.234"),
        (Kind.NUMBER, "1234.567"),
        (Kind.PERCENT, "10.5"),
        (Kind.DATE, "2026-04-03"),
        (Kind.DATES, "2026-04-03; 2026-11-23"),
        (Kind.AMOUNTS, "1.00; 1234.50"),
        (Kind.IDENTIFIER, "1234.50"),
    ],
)
@pytest.mark.parametrize("language", list(languages.LANGUAGES))
def test_what_the_desk_shows_is_understood_when_it_is_sent_again(speak, language, kind, normal):
    speak(language)
    assert local.understood(kind, local.shown(kind, normal)) == normal


def test_an_amount_keeps_its_currency_and_is_written_the_local_way(speak):
    speak("cs")
    assert local.shown("amount", "502630.14 CZK").replace("\xa0", " ") == "502 630,14 CZK"
    speak("en")
    assert local.shown("amount", "502630.14 CZK") == "502630.14 CZK"


def test_a_czech_form_that_nobody_touched_changes_nothing(app, store):
    document = add_invoice(store, "1", doubts={})
    with client_of(app, store, "Anna") as anna:
        anna.headers.update(CZECH)
        page = anna.get("/next", follow_redirects=True)
        assert 'value="1\u00a0234,50"' in page.text and 'value="3.\u00a011.\u00a02026"' in page.text
        sent = form_of(page)
        for name, value in re.findall(r'(?s)<textarea[^>]*name="([^"]*)"[^>]*>\n?(.*?)</textarea>', page.text):
            sent[name] = value
        answer = anna.post(f"/documents/{document}", data={**sent, "action": "accept"})
        assert answer.status_code == 303, answer.text
    with store.reading() as session:
        assert session.get(DocumentRow, document).state == State.LOADED
        assert not session.scalars(select(FieldRow).where(FieldRow.corrected_from.is_not(None))).all()


def test_what_can_not_be_told_comes_back_as_it_was_typed(app, store):
    document = add_invoice(store, "1", doubts={})
    with client_of(app, store, "Anna") as anna:
        anna.headers.update(CZECH)
        sent = form_of(anna.get("/next", follow_redirects=True))
        sent["field.gross_total"] = "1.234"
        sent["line.0.unit_price"] = "4.500"
        answer = anna.post(f"/documents/{document}", data={**sent, "action": "accept"})
        assert answer.status_code == 422
        assert 'value="1.234"' in answer.text and 'value="4.500"' in answer.text
        assert "Jsou to tisíce" in answer.text
