from __future__ import annotations

import io
import logging
import re

import pytest
from PIL import Image
from sqlalchemy import delete, select
from starlette.testclient import TestClient

from models.roles import Role, Scope
from models.states import State
from models.tables import HEADER_TABLES, DocumentRow, FieldRow, LineItemRow, PageRow
from pipeline.accounts import issue_token
from pipeline.review import guard, queue, weigh
from pipeline.review.images import attachment
from pipeline.store import record

from .people import BASE, account, client_of, form_of
from .rows import add_invoice


@pytest.fixture
def dialect():
    """The screens don't know the database; the queue under them is tested on both."""
    return "sqlite"


@pytest.fixture
def browser(app, store):
    """Makes signed-in browsers."""
    made = []

    def sign_in(title="Anna", *roles, **more):
        made.append(client_of(app, store, title, *roles, **more))
        return made[-1]

    yield sign_in
    for client in made:
        client.close()


@pytest.fixture
def stranger(app):
    with TestClient(app, base_url=BASE, follow_redirects=False) as client:
        yield client


def state_of(store, document_id):
    with store.reading() as session:
        return session.get(DocumentRow, document_id).state


# ---- who may look


def test_another_host_name_is_refused(browser):
    answer = browser().get("/", headers={"Host": "evil.example"})
    assert answer.status_code == 400


def test_every_answer_is_locked_down(browser, stranger, store):
    document_id = add_invoice(store)
    client = browser()
    paths = ("/", "/documents", f"/documents/{document_id}", f"/documents/{document_id}/pages/1.png", "/nowhere")
    for answer in [client.get(path) for path in paths] + [stranger.get("/login"), stranger.get("/")]:
        policy = answer.headers["content-security-policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert "referrer-policy" in answer.headers
    html = client.get(f"/documents/{document_id}").text
    assert not re.search(r"<style|style=|<script>|\son\w+=|https?://", html), "nothing inline, nothing from elsewhere"


def test_a_form_of_another_session_changes_nothing(browser, store):
    document_id = add_invoice(store)
    anna, other = browser(), browser("Eve")
    sent = form_of(anna.get(f"/documents/{document_id}")) | {"action": "accept"}
    for token in ("", "x" * 64, form_of(other.get("/"))["csrf"]):
        assert anna.post(f"/documents/{document_id}", data=sent | {"csrf": token}).status_code == 409
        assert anna.post("/logout", data={"csrf": token}).status_code == 409
    assert anna.post(f"/api/documents/{document_id}/accept", json={"version": 3}).status_code == 409
    assert state_of(store, document_id) == State.REVIEW


def test_oversized_requests_are_refused_unread(browser, stranger):
    assert stranger.post("/login", data={"password": "x" * 20_000}).status_code == 413
    assert browser().post("/documents/1", content=iter([b"x"])).status_code == 411


def test_no_content_and_no_secret_in_logs(app, browser, store, caplog):
    caplog.set_level(logging.DEBUG)
    document_id = add_invoice(store, name="canary-name.pdf")
    client = browser("canary-reviewer")
    token = issue_token(store, "canary-reviewer", "canary-token", Role.REVIEWER, actor="operator")
    TestClient(app, base_url=BASE).get("/api/documents", headers={"Authorization": f"Bearer {token}"})
    client.post("/login", data={"name": "canary-reviewer", "password": "canary-password"})
    client.get("/welcome?key=canary-invitation")
    sent = form_of(client.get(f"/documents/{document_id}")) | {"action": "accept", "field.seller_name": "canary-seller"}
    client.post(f"/documents/{document_id}", data=sent | {"field.gross_total": "canary-amount"})
    client.post(f"/documents/{document_id}", data=sent)
    ours = [record.getMessage() for record in caplog.records if not record.name.startswith(("httpx", "httpcore"))]
    assert not [line for line in ours if "canary" in line or token in line or "CZ65" in line]
    told = ("::1", "GET", "/welcome?key=abc-_9&a=1")
    record = logging.LogRecord("uvicorn.access", 20, "", 0, '%s - "%s %s"', told, None)
    assert guard.KeyFilter().filter(record)
    assert record.getMessage() == '::1 - "GET /welcome?key=***&a=1"'


# ---- bytes


def test_a_page_is_a_picture_drawn_once(browser, store, monkeypatch):
    document_id = add_invoice(store)
    client = browser()
    answer = client.get(f"/documents/{document_id}/pages/1.png")
    assert answer.headers["content-type"] == "image/png"
    image = Image.open(io.BytesIO(answer.content))
    assert abs(image.width - 1190) <= 2
    assert abs(image.height - 1684) <= 2
    assert image.convert("L").getextrema()[0] < 80, "there is ink on it"
    monkeypatch.setattr("pipeline.review.images.render_page_caged", lambda *_, **__: pytest.fail("drawn again"))
    assert client.get(f"/documents/{document_id}/pages/1.png").content == answer.content
    for path in (f"/documents/{document_id}/pages/2.png", "/documents/99/pages/1.png"):
        assert client.get(path).status_code == 404


def test_the_original_comes_as_a_download_under_its_name(browser, store):
    document_id = add_invoice(store, name='příloha "50 %".pdf')
    answer = browser().get(f"/documents/{document_id}/original")
    assert answer.content.startswith(b"%PDF")
    assert answer.headers["content-type"] == "application/octet-stream"
    shown = answer.headers["content-disposition"]
    assert shown == (
        "attachment; filename=\"p__loha _50 __.pdf\"; filename*=UTF-8''p%C5%99%C3%ADloha%20%2250%20%25%22.pdf"
    )
    assert browser().get("/documents/99/original").status_code == 404


@pytest.mark.parametrize(
    "name", ["a\r\nSet-Cookie: x=1", "../../etc/passwd", "C:\\x\\y.pdf", "", "x" * 300, "\udcff.pdf"]
)
def test_no_name_breaks_the_header(name):
    shown = attachment(name)
    shown.encode("ascii")
    assert not set("\r\n\0/") & set(shown.split("filename*")[0])
    assert shown.startswith('attachment; filename="')


# ---- lists and the screen


def test_lists_show_who_waits_and_why(browser, store):
    first = add_invoice(store, "A-1", reasons=("Gross total is doubtful (61%)",))
    add_invoice(store, "A-2", name="<script>alert(1)</script>.pdf")
    queue.claim(store, first, "Bert")
    html = browser().get("/").text
    assert "open with Bert" in html
    assert "Gross total is doubtful (61%)" in html
    assert "<script>alert" not in html
    assert "&lt;script&gt;" in html
    assert "There are none" in browser().get("/documents?state=quarantined").text
    assert browser().get("/documents?state=nonsense").status_code == 422


def test_the_screen_has_page_boxes_reasons_and_doubts_first(browser, store):
    document_id = add_invoice(
        store, doubts={"gross_total": 0.61, "due_date": 0.5}, missing=("invoice_number",), pages=2
    )
    html = browser().get(f"/documents/{document_id}").text
    order = re.findall(r'data-field="(\w+)"', html)
    assert order[:4] == ["invoice_number", "due_date", "gross_total", "issue_date"]
    assert 'data-for="gross_total" x="452.0"' in html
    assert html.count('<img src="/documents') == 2
    assert "check, 61 %" in html
    assert "not found" in html


def test_someone_elses_document_can_only_be_looked_at(browser, store):
    document_id = add_invoice(store)
    queue.claim(store, document_id, "Bert")
    client = browser()
    html = client.get(f"/documents/{document_id}").text
    assert "<b>Bert</b> has this document open" in html
    assert 'id="accept"' not in html
    assert "readonly" in html
    sent = form_of(client.get(f"/documents/{document_id}")) | {"action": "accept"}
    answer = client.post(f"/documents/{document_id}", data=sent)
    assert answer.status_code == 409
    assert "Bert has this document open now" in answer.text
    assert state_of(store, document_id) == State.REVIEW


def test_accept_opens_the_next_at_once(browser, store):
    first, second = add_invoice(store, "A-1"), add_invoice(store, "A-2")
    client = browser()
    assert client.get("/next").headers["location"] == f"/documents/{first}"
    sent = form_of(client.get(f"/documents/{first}")) | {"action": "accept"}
    answer = client.post(f"/documents/{first}", data=sent)
    assert answer.headers["location"] == f"/documents/{second}?done={first}"
    assert "was loaded" in client.get(answer.headers["location"]).text
    sent = form_of(client.get(f"/documents/{second}"))
    answer = client.post(f"/documents/{second}", data=sent | {"action": "reject", "reason": "Not ours"})
    assert answer.headers["location"] == f"/?done={second}"
    html = client.get(answer.headers["location"]).text
    assert "Nothing is waiting" in html
    assert "was sent back" in html
    assert "Not ours" in client.get(f"/documents/{second}").text


def test_what_was_typed_stays_with_the_error_at_its_field(browser, store):
    document_id = add_invoice(store)
    client = browser()
    sent = form_of(client.get(f"/documents/{document_id}")) | {"action": "accept"}
    sent |= {"field.gross_total": "much <b>", "field.seller_name": "Papír", "line.0.quantity": "ten"}
    answer = client.post(f"/documents/{document_id}", data=sent)
    assert answer.status_code == 422
    assert 'value="much &lt;b&gt;"' in answer.text
    assert 'value="Papír"' in answer.text
    assert 'value="ten"' in answer.text
    problem = answer.text.index("This is not an amount")
    assert answer.text.rindex('data-field="', 0, problem) == answer.text.index('data-field="gross_total"')
    assert "This is not a number" in answer.text


def test_an_objection_is_answered_by_a_reason_on_record(browser, store):
    document_id = add_invoice(store)
    client = browser()
    sent = form_of(client.get(f"/documents/{document_id}")) | {"action": "accept", "field.gross_total": "9 999,00"}
    answer = client.post(f"/documents/{document_id}", data=sent)
    assert answer.status_code == 422
    assert 'name="override"' in answer.text
    sent["load_anyway"] = "on"
    answer = client.post(f"/documents/{document_id}", data=sent | {"override": " "})
    assert answer.status_code == 422
    assert "Say why it must load" in answer.text
    assert "Net total 1020.25 and tax 214.25 make" in answer.text, "what the checks say is still there"
    assert 'value="9 999,00"' in answer.text
    assert state_of(store, document_id) == State.REVIEW
    del sent["load_anyway"]
    assert client.post(f"/documents/{document_id}", data=sent | {"override": "By phone <b>"}).status_code == 303
    assert state_of(store, document_id) == State.LOADED


def test_a_row_that_contradicts_itself_is_asked_about(browser, store):
    document_id = add_invoice(store)
    client = browser()
    sent = form_of(client.get(f"/documents/{document_id}")) | {"action": "accept", "line.0.quantity": "25"}
    sent |= {"line.0.description": "Papír", "line.1.description": "Toner"}  # text areas are no inputs
    answer = client.post(f"/documents/{document_id}", data=sent)
    assert answer.status_code == 422
    assert "The checks object" in answer.text
    assert "Line 1: 25 × 45.00 is 1125.00, but its net amount is 450.00." in answer.text
    assert client.post(f"/documents/{document_id}", data=sent | {"load_anyway": "on"}).status_code == 303
    assert state_of(store, document_id) == State.LOADED


def test_the_second_click_goes_on_and_says_so(browser, store):
    first, second = add_invoice(store, "A-1"), add_invoice(store, "A-2")
    anna, bert = browser(), browser("Bert")
    sent = form_of(anna.get(f"/documents/{first}")) | {"action": "accept"}
    anna.post(f"/documents/{first}", data=sent)
    answer = anna.post(f"/documents/{first}", data=sent)
    assert answer.headers["location"] == f"/documents/{second}?told={first}"
    html = anna.get(answer.headers["location"]).text
    assert "was already loaded by Anna" in html
    late = bert.post(f"/documents/{first}", data=sent | {"csrf": form_of(bert.get("/"))["csrf"]})
    assert late.status_code == 409
    assert "already loaded by Anna" in late.text
    with store.reading() as session:
        assert len(session.execute(select(HEADER_TABLES["invoice"])).all()) == 1
    assert state_of(store, second) == State.REVIEW


def test_skip_puts_back_and_takes_the_next(browser, store):
    first, second = add_invoice(store, "A-1"), add_invoice(store, "A-2")
    client = browser()
    sent = form_of(client.get(f"/documents/{first}"))
    answer = client.post(f"/documents/{first}", data=sent | {"action": "skip"})
    assert answer.headers["location"] == f"/documents/{second}"
    assert queue.claim(store, first, "Bert")


def test_another_type_is_shown_and_saved_only_on_accept(browser, store):
    document_id = add_invoice(store)
    client = browser()
    shown = client.get(f"/documents/{document_id}?type=receipt")
    assert 'data-field="company"' in shown.text
    sent = form_of(shown) | {"action": "accept"}
    assert sent["type"] == "receipt"
    sent |= {"field.company": "Papír", "field.date": "3. 11. 2026", "field.total": "1 234,50"}
    assert client.post(f"/documents/{document_id}", data=sent).status_code == 303
    with store.reading() as session:
        assert session.get(DocumentRow, document_id).type == "receipt"
        assert session.get(FieldRow, (document_id, "total")).value == "1234.50"
    assert client.get(f"/documents/{document_id}?type=poem").status_code == 404


def test_a_document_without_pages_says_so(browser, store):
    document_id = add_invoice(store, pages=0)
    with store.transaction() as session:
        session.get(DocumentRow, document_id).media_type = "application/xml"
        session.execute(delete(PageRow))
    assert "e-invoice made of data alone" in browser().get(f"/documents/{document_id}").text


def without_values(store, document_id, **columns):
    with store.transaction() as session:
        for table in (FieldRow, LineItemRow):
            session.execute(delete(table).where(table.document_id == document_id))
        document = session.get(DocumentRow, document_id)
        for name, value in columns.items():
            setattr(document, name, value)


def test_an_unknown_type_has_no_percentage(browser, store):
    document_id = add_invoice(store)
    without_values(store, document_id, type="other", type_confidence=0.99)
    html = browser().get(f"/documents/{document_id}").text
    assert "99 %" not in html
    assert "type unknown" in html
    assert "Nothing was found that could be loaded" in html
    assert "No single field is in doubt" not in html
    with store.transaction() as session:
        session.add(FieldRow(document_id=document_id, name="text", value="Dear", raw="", confidence=1.0, source="text"))
    html = browser().get(f"/documents/{document_id}").text
    assert "Its type is unknown" in html
    assert "No single field is in doubt" not in html
    assert "96 % sure" in browser().get(f"/documents/{add_invoice(store, 'A-2')}").text


def test_what_was_loaded_without_a_person_says_so(browser, store):
    document_id = add_invoice(store)
    with store.transaction() as session:
        session.get_one(DocumentRow, document_id).state = State.LOADED
        record(session, document_id, "machine", State.LOADED)
    client = browser()
    assert "Loaded by itself on" in client.get(f"/documents/{document_id}").text
    history = client.get(f"/documents/{document_id}/history").text
    assert "by itself" in history
    assert "machine" not in history


@pytest.mark.parametrize(
    ("code", "message", "what", "advised"),
    [
        ("password", "", "The file is locked with a password.", "Open it with its password"),
        ("incomplete", "It has stopped growing.", "The end of the file is missing.", "let the transfer finish"),
        ("limit:pages", "It has 900 pages.", "It is over the limit of pages.", "Split it or make it smaller"),
        ("crash", "", "A reading program crashed on it.", "Print it to a new PDF"),
    ],
)
def test_a_quarantined_document_says_what_happened_and_what_to_do(browser, store, code, message, what, advised):
    document_id = add_invoice(store)
    state = State.QUARANTINED
    without_values(store, document_id, type=None, state=state, quarantine_code=code, quarantine_message=message)
    html = browser().get(f"/documents/{document_id}").text
    for words in (what, message, advised, "In quarantine"):
        assert words in html
    assert 'id="form"' not in html, "there is nothing to fill in"
    assert 'id="type"' not in html
    assert "Save a copy" not in html, "whoever can open it here need not"


def test_a_doubt_is_told_once_where_it_can_be_mended(browser, store):
    total, other = "Gross total is doubtful (61%)", "Two people must confirm it"
    document_id = add_invoice(
        store, missing=("invoice_number",), reasons=(total, "Invoice number is missing", "An old reason", other)
    )
    html = browser().get(f"/documents/{document_id}").text
    assert total not in html
    assert "Invoice number is missing" not in html
    assert "needed, not found" in html
    assert "Only 61 % sure." in html
    assert other in html
    assert "An old reason" in html
    sure = add_invoice(store, "A-2", doubts={}, reasons=(total,))
    assert total in browser().get(f"/documents/{sure}").text, "no field says it"
    assert queue.open_document(store, document_id).reasons[0] == total, "the list and programs are told all"


def test_a_document_that_is_loaded_already_is_one_click_away_for_whoever_may_see_it(browser, store):
    twin = add_invoice(store, "A-1", state=State.LOADED)
    message = weigh.duplicate(twin)[0].message
    finding = {"code": "duplicate", "severity": "warning", "message": message, "fields": ["invoice_number"]}
    document_id = add_invoice(store, "A-2", findings=(finding,))
    link = f'Document <a href="/documents/{twin}">{twin}</a> is already loaded'
    html = browser().get(f"/documents/{document_id}").text
    assert link in html
    assert "loading this one replaces its row" in html, "before it is loaded"
    with store.transaction() as session:
        session.get_one(DocumentRow, twin).type = "receipt"
    narrow = browser("Rita", scope=Scope(types=frozenset({"invoice"})))
    html = narrow.get(f"/documents/{document_id}").text
    assert f"Document {twin} is already loaded" in html
    assert link not in html


def test_a_sure_value_to_which_a_check_objects_is_not_said_to_be_unsure(browser, store):
    finding = {"code": "totals-differ", "severity": "error", "message": "They differ.", "fields": ["gross_total"]}
    document_id = add_invoice(store, doubts={}, findings=(finding,), reasons=("They differ",))
    html = browser().get(f"/documents/{document_id}").text
    assert "check, 97 %" not in html
    assert html.count("They differ") == 3, "as a text, as what it hides by, and among what the checks object to"


def test_a_rejected_document_says_what_to_do(browser, store):
    document_id = add_invoice(store)
    without_values(store, document_id)
    queue.decide_reject(store, document_id, 3, "Anna", "Page 2 is missing")
    html = browser().get(f"/documents/{document_id}").text
    for words in ("Sent back by <b>Anna</b>", "Page 2 is missing", "Mend what the reviewer names"):
        assert words in html
    assert 'id="form"' not in html


def test_a_middling_confidence_is_not_praised(browser, store):
    document_id = add_invoice(store, doubts={"buyer_name": 0.7})
    html = browser().get(f"/documents/{document_id}").text
    marks = dict(re.findall(r'data-field="(\w+)".*?class="proof (\w+)"', html, re.DOTALL))
    assert (marks["buyer_name"], marks["seller_vat_id"]) == ("fair", "sure")
    assert "70 % sure" in html


# ---- the same for programs


def test_api(stranger, store):
    first, second = add_invoice(store, "A-1"), add_invoice(store, "A-2")
    token = issue_token(store, account(store, "robot"), "nightly", Role.REVIEWER, actor="operator")
    me = {"Authorization": f"Bearer {token}"}
    rows = stranger.get("/api/documents", headers=me).json()
    assert [(row["id"], row["type"]) for row in rows] == [(first, "invoice"), (second, "invoice")]
    shown = stranger.get(f"/api/documents/{first}", headers=me).json()
    assert shown["fields"][0]["name"] == "gross_total"
    assert shown["held_by"] is None, "looking does not claim"
    claimed = stranger.post(f"/api/documents/{first}/claim", headers=me).json()
    assert claimed.pop("until"), "when it ends"
    assert claimed == {
        "id": first,
        "held": True,
        "held_by": "robot",
        "who": "robot",
        "state": "review",
        "version": 3,
    }
    wrong = {"version": 3, "values": {"gross_total": "much"}}
    answer = stranger.post(f"/api/documents/{first}/accept", headers=me, json=wrong)
    assert (answer.status_code, set(answer.json()["problems"])) == (422, {"gross_total"})
    blocked = {"version": 3, "values": {"gross_total": "1,00"}}
    answer = stranger.post(f"/api/documents/{first}/accept", headers=me, json=blocked)
    assert answer.json()["code"] == "blocked"
    assert "totals-differ" in {finding["code"] for finding in answer.json()["findings"]}
    answer = stranger.post(f"/api/documents/{first}/accept", headers=me, json={"version": 3})
    assert answer.json() == {"id": first, "state": "loaded", "second_person": False}
    answer = stranger.post(f"/api/documents/{first}/accept", headers=me, json={"version": 3})
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    answer = stranger.post(f"/api/documents/{second}/reject", headers=me, json={"version": 3, "reason": "Not ours"})
    assert answer.json() == {"id": second, "state": "rejected", "second_person": False}
    assert stranger.get("/api/documents/99", headers=me).status_code == 404
    assert queue.decision(store, first).by == "robot"
    described = stranger.get("/api/openapi.json", headers=me).json()
    schemes = described["components"]["securitySchemes"]
    assert schemes["token"] == {"type": "http", "scheme": "bearer", "description": schemes["token"]["description"]}
    assert (schemes["session"]["in"], schemes["session"]["name"]) == ("cookie", guard.COOKIE)
    for path, methods in described["paths"].items():
        for method, about in methods.items():
            assert about["security"] == [{"token": []}, {"session": []}], (method, path)
            assert {"401", "403", "404"} <= set(about["responses"])
    assert stranger.get("/", headers=me).status_code == 303, "the pages are for sessions"


def test_the_loop_by_api(stranger, store):
    first, second = add_invoice(store, "A-1"), add_invoice(store, "A-2")
    token = issue_token(store, account(store, "robot", Role.SUPERVISOR), "t", Role.SUPERVISOR, actor="operator")

    def ask(path, body=None, method="POST"):
        answer = stranger.request(method, f"/api{path}", headers={"Authorization": f"Bearer {token}"}, json=body)
        assert answer.status_code == 200, (path, answer.text)
        return answer.json()

    assert ask(f"/documents/{second}/priority", {"priority": 1})["version"] == 3
    assert ask("/next")["id"] == second
    assert ask(f"/documents/{second}/release")["held"] is False
    assert ask(f"/next?after={second}")["id"] == first
    said = ask(f"/documents/{first}/check", {"values": {"gross_total": "9 999,00"}, "line_items": None})
    assert said["values"] == {"gross_total": "9999.00"}
    assert [(one["code"], one["severity"]) for one in said["against"]] == [("totals-differ", "error")]
    assert ask(f"/documents/{first}/check", {"values": {"gross_total": "x"}})["problems"].keys() == {"gross_total"}
    ask(f"/documents/{first}/aside", {"version": 3, "note": "Ask the buyer"})
    ((put,),) = [ask("/aside", method="GET")]
    assert (put["id"], put["aside"]["note"]) == (first, "Ask the buyer")
    assert ask(f"/next?after={second}")["id"] == second, "the other is aside"
    ask(f"/documents/{first}/bring-back")
    assert ask(f"/documents/{first}/comments", {"text": "Ours?"})["by"] == "robot"
    sent = {"version": 3, "values": {"gross_total": "9 999,00"}, "load_anyway": True, "override": "By phone"}
    sent["effort"] = {"seconds": 3.5, "keystrokes": 9, "fields": {"gross_total": {"seen": True, "seconds": 2}}}
    assert ask(f"/documents/{first}/accept", sent)["state"] == "loaded"
    (look,) = [one for one in ask(f"/documents/{first}/effort", method="GET") if one["outcome"] == "accepted"]
    assert (look["seconds"], look["fields"][0][0], look["fields"][0][1]["changed"]) == (3.5, "gross_total", True)
    shown = ask(f"/documents/{first}", method="GET")
    assert shown["comments"][0]["text"] == "Ours?"
    assert ask(f"/documents/{first}/recall", {"version": shown["version"], "reason": "x"})["state"] == "review"
    version = ask(f"/documents/{first}", method="GET")["version"]
    ask(f"/documents/{first}/reject", {"version": version, "reason": "Not ours"})
    assert ask(f"/documents/{first}/take-back", {"version": version + 1})["state"] == "review"


def test_what_comes_next_is_told_and_not_taken(browser, store):
    first, second = add_invoice(store, "A-1"), add_invoice(store, "A-2", pages=3)
    with store.transaction() as session:
        session.get(FieldRow, (second, "gross_total")).page = 3
    client = browser()
    assert client.get(f"/documents/{first}").status_code == 200
    assert client.get(f"/api/documents/{first}/following").json() == {"id": second, "pages": [3, 1]}, "the doubt first"
    assert queue.open_document(store, second).held_by is None
    queue.claim(store, second, "bert")
    assert client.get(f"/api/documents/{first}/following").json() is None


def test_a_script_is_answered_with_the_next_document_itself(browser, store):
    first, second = add_invoice(store, "A-1"), add_invoice(store, "A-2")
    client = browser()
    sent = form_of(client.get(f"/documents/{first}")) | {"action": "accept"}
    answer = client.post(f"/documents/{first}", data=sent, headers={"X-In-Place": "1"})
    assert answer.status_code == 200
    assert answer.headers["content-location"] == f"/documents/{second}?done={first}"
    assert f'data-document="{second}"' in answer.text
    assert "was loaded" in answer.text
    sent = form_of(answer) | {"action": "accept"}
    answer = client.post(f"/documents/{second}", data=sent, headers={"X-In-Place": "1"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/?done={second}"), "nothing is left to show"


def test_a_script_is_told_what_the_checks_say_instead_of_a_page(browser, store):
    document_id = add_invoice(store)
    client = browser()
    sent = form_of(client.get(f"/documents/{document_id}")) | {"action": "accept", "field.gross_total": "about 12"}
    answer = client.post(f"/documents/{document_id}", data=sent, headers={"X-In-Place": "1"})
    assert (answer.status_code, list(answer.json()["problems"])) == (422, ["gross_total"])
    answer = client.post(
        f"/documents/{document_id}", data=sent | {"field.gross_total": "9"}, headers={"X-In-Place": "1"}
    )
    assert (answer.status_code, answer.json()["problems"]) == (422, {})
    assert [one["fields"] for one in answer.json()["against"]], "the sums differ"
    assert client.post(f"/documents/{document_id}", data=sent).text.startswith("<!doctype html>")
    wrong = sent | {"line.0.quantity": "ten"}
    answer = client.post(f"/documents/{document_id}", data=wrong, headers={"X-In-Place": "1"})
    assert (answer.status_code, "Qty: This is not a number" in answer.text) == (422, True), "a row is told by the page"
    assert state_of(store, document_id) == State.REVIEW


def test_what_was_typed_stands_on_the_page_of_who_comes_second(browser, store):
    document_id = add_invoice(store)
    anna = browser()
    sent = form_of(anna.get(f"/documents/{document_id}")) | {"action": "accept", "field.variable_symbol": "7<7"}
    queue.release(store, document_id, "anna")
    queue.claim(store, document_id, "bert")
    answer = anna.post(f"/documents/{document_id}", data=sent)
    assert answer.status_code == 409
    assert 'value="7&lt;7"' in answer.text
    assert "is not saved" in answer.text
    assert 'id="accept"' not in answer.text
