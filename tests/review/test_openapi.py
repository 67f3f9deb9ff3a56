"""What programs are told of the API: all of it, and nothing that isn't so."""

from __future__ import annotations

import json
import re

import pytest

from pipeline.review import api, guard, rearranging
from pipeline.review.described import Problem

from .people import client_of, form_of
from .rows import add_invoice
from .test_access import routes_of

ACCOUNT = [{"token": []}, {"session": []}]
REFUSALS = {"401", "403", "404", "409", "422", "503"}


@pytest.fixture
def dialect():
    return "sqlite"


@pytest.fixture
def told(app):
    return app.openapi()


def operations(told):
    return [
        (method.upper(), path, about) for path, methods in told["paths"].items() for method, about in methods.items()
    ]


def test_every_route_is_there_and_says_that_it_needs_an_account(app, told):
    served = {one for one in routes_of(app) if one[1].startswith("/api/")} - {("GET", "/api/openapi.json")}
    assert {(method, path) for method, path, _ in operations(told)} == served
    for method, path, about in operations(told):
        assert about["security"] == ACCOUNT, (method, path)
        assert set(about["responses"]) >= REFUSALS, (method, path)
    schemes = told["components"]["securitySchemes"]
    assert (schemes["token"]["scheme"], schemes["session"]["name"]) == ("bearer", guard.COOKIE)
    assert all(one["description"] for one in schemes.values())


def test_all_is_described_and_has_a_name_of_its_own(told):
    names = [about["operationId"] for _, _, about in operations(told)]
    assert len(set(names)) == len(names)
    assert {"get_documents", "get_document", "post_accept", "get_original"} <= set(names)
    for method, path, about in operations(told):
        assert about["description"], (method, path)
        assert set(about["tags"]) <= {one["name"] for one in told["tags"]}
        for one in about.get("parameters", []):
            assert one.get("description"), (method, path, one["name"])
    assert "Authorization: Bearer" in told["info"]["description"]
    for reference in set(re.findall(r"#/components/schemas/(\w+)", json.dumps(told))):
        assert reference in told["components"]["schemas"], reference


@pytest.mark.parametrize(
    "model",
    [api.Typed, api.Pointed, api.Region, api.Acceptance, api.Rejection, api.PutAside, api.Recall, rearranging.Wish],
)
def test_the_examples_are_what_is_taken(model):
    examples = model.model_json_schema()["examples"]
    for one in examples:
        model.model_validate(one)
    assert examples


def test_refusals_are_as_they_are_described(app, store):
    document_id = add_invoice(store)
    anna = client_of(app, store, "Anna")
    csrf = {"X-CSRF-Token": form_of(anna.get("/me"))["csrf"]}
    accept = f"/api/documents/{document_id}/accept"
    answers = [
        anna.get("/api/documents/99"),
        anna.post(accept, json={"version": 3}),
        anna.post(accept, json={"version": 2}, headers=csrf),
        anna.post(accept, json={"version": 3, "values": {"gross_total": "much"}}, headers=csrf),
        anna.post(accept, json={"version": 3, "values": {"gross_total": "1.00"}}, headers=csrf),
    ]
    assert [one.status_code for one in answers] == [404, 409, 409, 422, 422]
    problems = [Problem.model_validate(one.json()) for one in answers]
    assert problems[3].problems.keys() == {"gross_total"}
    assert "totals-differ" in {one.code for one in problems[4].findings}
    assert "detail" in anna.post(accept, json={"nonsense": 1}, headers=csrf).json()


def test_a_store_that_does_not_answer_is_told_in_the_same_form(app, store, monkeypatch):
    from models.errors import StoreUnavailable

    def refuse(*_):
        raise StoreUnavailable("The database does not answer.")

    anna = client_of(app, store, "Anna")
    monkeypatch.setattr(guard, "visitor_of_session", refuse)
    answer = anna.get("/api/documents")
    assert (answer.status_code, Problem.model_validate(answer.json()).code) == (503, "store")
    assert anna.get("/").text == "The database does not answer."


def test_a_program_gets_the_bytes(app, store):
    document_id = add_invoice(store)
    anna = client_of(app, store, "Anna")
    got = anna.get(f"/api/documents/{document_id}/original")
    assert got.content.startswith(b"%PDF")
    assert got.headers["content-disposition"].startswith("attachment")
    picture = anna.get(f"/api/documents/{document_id}/pages/1/image")
    assert (picture.headers["content-type"], picture.content[1:4]) == ("image/png", b"PNG")
    assert anna.get(f"/api/documents/{document_id}/pages/9/image").status_code == 404
