"""The page of the REST interface, from its route table."""

import re
from collections import defaultdict
from http import HTTPStatus

from eclgrmd.api.routes import TABLE
from eclgrmd.api.routing.field_texts import field_texts
from eclgrmd.api.routing.table import Route
from eclgrmd.model.rest import API
from testbench.documentation.markdown import code, table

__all__ = ["rest_page"]

_HEAD = """\
# REST

Paths begin with `/api/v1`, except those of the service itself. `GET /api` of a running daemon
shows each path, parameter, body and answer with examples, and `GET /openapi.json` is the same as
OpenAPI 3.1, from which clients can be generated. Errors are problem documents (RFC 9457) whose
`type` leads to a page that says what to do. A POST with the header `Idempotency-Key` is handled
once: a repetition gets the answer of the first. The role is what the client's token needs (see
[Say who may do what](../how-to/tokens.md)).

This page is made from the table that serves the requests.
"""
_PATTERN = re.compile(r"\{(\w+):[^{}]*(?:\{[^{}]*\})?[^{}]*\}")


def rest_page() -> str:
    """Return the page in Markdown."""
    parts: dict[str, list[Route]] = defaultdict(list)
    for route in TABLE:
        parts[_path(route).removeprefix(API).split("/")[1]].append(route)
    found = [_HEAD]
    for name, routes in parts.items():
        found.append(f"## `/{name}`\n")
        found.append(table(("request", "role", "what it does", "answers"), map(_row, routes)))
        found += [_query(route) for route in routes if route.query is not None]
    return "\n".join(found)


def _row(route: Route) -> tuple[str, str, str, str]:
    answers = ", ".join(f"{status} {HTTPStatus(status).phrase}" for status in route.answers)
    summary = route.summary.partition("\n\n")[0]
    return code(f"{route.method} {_path(route)}"), str(route.needs.value), summary, answers


def _path(route: Route) -> str:
    return _PATTERN.sub(r"{\1}", route.path)


def _query(route: Route) -> str:
    texts = field_texts([route.query])[route.query.__name__]
    rows = [(code(name), text) for name, text in texts.items()]
    return f"Query of {code(f'{route.method} {_path(route)}')}:\n\n" + table(
        ("parameter", "meaning"), rows
    )
