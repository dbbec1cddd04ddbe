"""The OpenAPI document describes every route, and every recorded response as it was."""

import json
from types import SimpleNamespace
from typing import Any, cast

import jsonschema
import pytest
from aiohttp import web

from eclgrmd.api.handlers.pages import moved
from eclgrmd.api.middleware.problems import PROBLEMS
from eclgrmd.api.routes import TABLE, encode_openapi
from eclgrmd.api.server import RestServer
from eclgrmd.api.services import Services
from eclgrmd.metrics import Metrics
from testbench.generated_files.examples import recorded_answers
from tests.support.settings import live

DOCUMENT: dict[str, Any] = json.loads(encode_openapi())
OPERATIONS = {
    operation["operationId"]: operation
    for path in DOCUMENT["paths"].values()
    for operation in path.values()
}
ANSWERS = recorded_answers()


def closed(node: Any) -> Any:
    """Return a schema that refuses fields that it does not name."""
    if isinstance(node, list):
        return [closed(each) for each in node]
    if not isinstance(node, dict):
        return node
    found = {key: closed(value) for key, value in node.items()}
    if isinstance(node.get("properties"), dict) and node.get("type") == "object":
        found.setdefault("additionalProperties", False)
    return found


SCHEMAS = closed(DOCUMENT["components"]["schemas"])


def described(operation: dict[str, Any], status: int, body: Any) -> None:
    content = operation["responses"][str(status)]["content"]
    json_types = [each for kind, each in content.items() if kind.endswith("json")]
    (media,) = json_types or content.values()
    schema = {**closed(media["schema"]), "components": {"schemas": SCHEMAS}}
    jsonschema.Draft202012Validator(schema).validate(body)


@pytest.mark.parametrize(
    ("name", "status", "body"), ANSWERS, ids=[f"{name}-{status}" for name, status, _ in ANSWERS]
)
def test_every_recorded_response_is_described(name: str, status: int, body: Any) -> None:
    described(OPERATIONS[name], status, body)


def test_a_field_or_status_that_is_not_described_is_refused() -> None:
    name, status, body = next(each for each in ANSWERS if each[0] == "bursts_listing")
    with pytest.raises(jsonschema.ValidationError, match="'colour' was unexpected"):
        described(OPERATIONS[name], status, {**body, "colour": "red"})
    with pytest.raises(KeyError):
        described(OPERATIONS[name], 418, body)


def test_every_operation_and_field_says_what_it_is() -> None:
    assert len(OPERATIONS) == len(TABLE)
    for name, operation in OPERATIONS.items():
        assert operation["summary"], name
        assert all(each["description"] for each in operation["parameters"]), name
    own = {name: each for name, each in SCHEMAS.items() if "properties" in each}
    silent = {
        f"{name}.{field}"
        for name, schema in own.items()
        for field, value in schema["properties"].items()
        if not value.get("description") and field not in {"type", "schema"}
    }
    assert not silent


def test_every_error_has_a_paragraph_on_the_page_of_problems() -> None:
    assert {int(status) for route in TABLE for status in route.errors} <= PROBLEMS.keys()


def test_examples_fit_their_schemas() -> None:
    shown = 0
    for operation in OPERATIONS.values():
        for status, answer in operation["responses"].items():
            for media in answer.get("content", {}).values():
                for example in media.get("examples", {}).values():
                    described(operation, int(status), example["value"])
                    shown += 1
    assert shown > 40


def test_every_route_of_the_server_is_described() -> None:
    services = SimpleNamespace(settings=live(), metrics=Metrics(), tokens=None)
    server = RestServer(cast(Services, services))
    undescribed = {
        f"{route.method} {route.resource.canonical}"
        for route in server._runner.app.router.routes()
        if route.resource is not None
        and route.method != "HEAD"
        and route.method.lower() not in DOCUMENT["paths"].get(route.resource.canonical, {})
    }
    assert undescribed == {
        "* /{first}{rest}",
        "GET /",
        "GET /page/{version}/{name}",
        "GET /docs",
        "GET /docs/{name}",
    }


def test_a_route_that_is_not_described_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    hidden = web.RouteTableDef()
    hidden.get("/hidden")(moved.moved)
    monkeypatch.setattr(moved, "routes", [*moved.routes, *hidden])
    with pytest.raises(AssertionError, match="GET /hidden"):
        test_every_route_of_the_server_is_described()


def test_every_operation_that_creates_takes_a_key() -> None:
    without = {
        name
        for path in DOCUMENT["paths"].values()
        for method, operation in path.items()
        for name in [operation["operationId"]]
        if method == "post"
        and "Idempotency-Key" not in {p["name"] for p in operation["parameters"]}
    }
    assert without == {
        "circulars_beside",
        "previews_preview",
        "sessions_login",
        "sessions_logout",
        "tokens_make",
    }
