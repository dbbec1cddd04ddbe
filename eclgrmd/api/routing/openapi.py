"""The OpenAPI 3.1 document of a route table."""

import re
from collections.abc import Iterable
from functools import cache
from http import HTTPStatus
from importlib.resources import files
from typing import Any, get_args

import msgspec
from msgspec import structs

from eclgrmd import __version__
from eclgrmd.api.access.budgets import RATE_HEADERS
from eclgrmd.api.access.cookies import SESSION_COOKIE
from eclgrmd.model.access import TOKEN_FORM, Role
from eclgrmd.model.messages.incoming import FileName
from eclgrmd.model.names import Identifier
from eclgrmd.model.rest.service import Problem

from .field_texts import field_texts
from .keyed import KEY_HEADER, KEY_RULE, REPLAYED_HEADER
from .table import Answer, Route

__all__ = ["openapi_document"]

_PLACEHOLDER = re.compile(r"\{(\w+)(:[^{}]*)?\}")
"""A parameter in a path of aiohttp."""
_JSON = "application/json"
_BYTES = {"type": "string", "format": "binary"}
"""Schema of a body that is no JSON, as generators of clients know it."""
_REF = "#/components/schemas/{name}"
_NUMBER = {"type": "integer", "minimum": 0, "maximum": 10**18 - 1}
_PATH_PARAMETERS: dict[str, tuple[Any, str]] = {
    "burst_id": (Identifier, "Id of the burst."),
    "task_id": (Identifier, "Id of the task."),
    "name": (FileName, "Name of the product."),
    "token_id": (Identifier, "Public part of the token."),
    "campaign_id": (Identifier, "Name of the campaign."),
    "data_id": (_NUMBER, "Number of the data file."),
    "version": (_NUMBER, "Version of the update."),
    "proc_ver": (_NUMBER, "Number of the set of products."),
}
"""Type, or schema, and description of the parameters in paths."""
_HEADERS: dict[str, dict[str, Any]] = {
    "Accept-Ranges": {"description": "Parts can be requested.", "schema": {"const": "bytes"}},
    "Allow": {"description": "The allowed methods.", "schema": {"type": "string"}},
    "Content-Disposition": {"description": "Name of the file.", "schema": {"type": "string"}},
    "Content-Range": {"description": "The part that is sent.", "schema": {"type": "string"}},
    "ETag": {"description": "Tag of this content.", "schema": {"type": "string"}},
    REPLAYED_HEADER: {
        "description": "`true`: the answer is that of an earlier request with the same key.",
        "schema": {"const": "true"},
    },
    "Link": {
        "description": "Where the list goes on (rel=next); absent at its end.",
        "schema": {"type": "string"},
    },
    "Location": {
        "description": "Path of what was created.",
        "schema": {"type": "string", "format": "uri-reference"},
    },
    "Vary": {
        "description": "Headers of the request that the response depends on.",
        "schema": {"type": "string"},
    },
    "RateLimit": {
        "description": "What is left of the budget of requests, and the seconds until it is full: "
        '`"client";r=11999;t=1`. All responses have it.',
        "schema": {"type": "string"},
    },
    "RateLimit-Policy": {
        "description": "The budget of requests of each client in a time, seconds: "
        '`"client";q=12000;w=60`. All responses have it.',
        "schema": {"type": "string"},
    },
    "Retry-After": {
        "description": "Seconds after which to try again.",
        "schema": {"type": "string", "pattern": "^[0-9]+$"},
    },
    "Set-Cookie": {"description": "The cookie of the session.", "schema": {"type": "string"}},
    "WWW-Authenticate": {
        "description": "How to send a token.",
        "schema": {"type": "string"},
    },
    "X-Results-Left-Out": {
        "description": "Number of results of an earlier form, which the table lacks.",
        "schema": {"type": "string", "pattern": "^[0-9]+$"},
    },
}
_RETRY = frozenset({429, 503, 507})
"""Statuses that say when to try again."""
_TOKEN = "token"  # noqa: S105 - name of a scheme
_SESSION = "session"
_SECURITY_SCHEMES = {
    _TOKEN: {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "ecl_ID.SECRET",
        "description": f"A token of this service: {TOKEN_FORM}. "
        "Each operation names the role that it needs.",
    },
    _SESSION: {
        "type": "apiKey",
        "in": "cookie",
        "name": SESSION_COOKIE,
        "description": "The session of a web page: POST /api/v1/login sets the cookie.",
    },
}
"""How a client shows who it is."""
_DESCRIPTION = """\
REST of eclgrmd, which analyses gamma-ray bursts of SVOM. Errors are problem documents (RFC 9457).
Times are ISO-8601 UTC. Lists are pages; `next` is the path of the next page. Data for pictures
also come as MessagePack (`Accept: application/msgpack`, or `format=msgpack`). Their columns, arrays
of any number of numbers, are then byte strings of little-endian 64-bit floating-point numbers."""


def openapi_document(routes: Iterable[Route]) -> dict[str, Any]:
    """Return the document of all routes."""
    table = list(routes)
    schemas = _Schemas(table)
    paths: dict[str, dict[str, Any]] = {}
    for route in table:
        path = _PLACEHOLDER.sub(r"{\1}", route.path)
        paths.setdefault(path, {})[route.method.lower()] = _operation(route, schemas)
    for name in {route.query.__name__ for route in table if route.query is not None}:
        del schemas.components[name]
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "eclgrmd",
            "version": __version__,
            "description": _DESCRIPTION,
            "license": {"name": "BSD-3-Clause", "identifier": "BSD-3-Clause"},
        },
        "paths": paths,
        "components": {"schemas": schemas.components, "securitySchemes": _SECURITY_SCHEMES},
    }


class _Schemas:
    """The schemas of all types that the routes name."""

    def __init__(self, routes: list[Route]) -> None:
        kinds: list[Any] = [Problem, *(kind for kind, _ in _PATH_PARAMETERS.values())]
        for route in routes:
            kinds += [
                route.query,
                _present(route.body),
                *(each.body for each in route.answers.values()),
            ]
        self._kinds = [kind for kind in kinds if _is_type(kind)]
        made, components = msgspec.json.schema_components(self._kinds, ref_template=_REF)
        self._made = made
        configuration = msgspec.json.decode(
            files("eclgrmd.model.configuration").joinpath("configuration.schema.json").read_bytes()
        )
        self.components = _moved(components | configuration["$defs"])
        for schema in self.components.values():
            if "enum" in schema and all(isinstance(value, str) for value in schema["enum"]):
                schema["type"] = "string"
        for name, texts in field_texts(self._kinds).items():
            for field, text in texts.items():
                _describe(self.components[name]["properties"][field], text)
        for kind in self._kinds:
            if tag := getattr(getattr(kind, "__struct_config__", None), "tag_field", None):
                # A struct that is decoded alone needs no tag.
                self.components[kind.__name__]["required"].remove(tag)

    def of(self, kind: Any) -> dict[str, Any]:
        """Return the schema of a type, or a schema as it is."""
        if not _is_type(kind):
            return dict(kind)
        made: dict[str, Any] = _moved(self._made[self._kinds.index(kind)])
        return made


def _describe(schema: dict[str, Any], text: str) -> None:
    """Add the description of a field to its schema; its rule, if there is one, follows."""
    rule = schema.get("description")
    schema["description"] = f"{text} Must be {rule}." if rule else text


def _is_type(kind: Any) -> bool:
    return kind is not None and not isinstance(kind, str | tuple | dict)


def _moved(node: Any) -> Any:
    """Let references lead to the components of the document.

    `items: false` is left out: `maxItems` says the same, and generators of clients do not read it.
    """
    if isinstance(node, dict):
        return {
            key: _moved(value)
            for key, value in node.items()
            if not (key == "items" and value is False)
        }
    if isinstance(node, list | tuple):
        return [_moved(value) for value in node]
    return node.replace("#/$defs/", "#/components/schemas/") if isinstance(node, str) else node


def _operation(route: Route, schemas: _Schemas) -> dict[str, Any]:
    examples = _examples().get(route.name, {})
    answers = {
        str(status): _answer(status, each, schemas, examples.get(str(status)))
        for status, each in route.answers.items()
    }
    problems = {str(int(s)): _problem(s, schemas, examples) for s in sorted(route.errors)}
    operation: dict[str, Any] = {
        "operationId": route.name,
        "tags": [route.name.split("_")[0]],
        "summary": route.summary,
        "parameters": [*_in_path(route, schemas), *_in_query(route, schemas), *_in_headers(route)],
        "responses": {**answers, **problems},
        "security": _security(route.needs),
    }
    if route.body is not None:
        operation["requestBody"] = _body(route, schemas)
    return operation


def _security(needs: Role) -> list[dict[str, Any]]:
    """Return what a client of this role must show; an empty list: nothing."""
    return [] if needs is Role.ANYONE else [{_TOKEN: [needs.value]}, {_SESSION: [needs.value]}]


def _in_path(route: Route, schemas: _Schemas) -> list[dict[str, Any]]:
    found = []
    for name, _ in _PLACEHOLDER.findall(route.path):
        kind, description = _PATH_PARAMETERS[name]
        found.append(
            {
                "name": name,
                "in": "path",
                "required": True,
                "description": description,
                "schema": schemas.of(kind),
            }
        )
    return found


def _in_query(route: Route, schemas: _Schemas) -> list[dict[str, Any]]:
    if route.query is None:
        return []
    reference: str = schemas.of(route.query)["$ref"]
    whole = schemas.components[reference.rpartition("/")[2]]
    found = []
    for field in structs.fields(route.query):
        name = field.encode_name
        schema = dict(whole["properties"][name])
        if schema.get("default") == "":
            del schema["default"]  # a client would send it, and an empty value is refused
        found.append(
            {
                "name": name,
                "in": "query",
                "required": field.required,
                "description": schema.pop("description", ""),
                "schema": schema,
            }
        )
    return found


def _in_headers(route: Route) -> list[dict[str, Any]]:
    if not route.keyed:
        return []
    return [
        {
            "name": KEY_HEADER,
            "in": "header",
            "required": False,
            "description": "Any text of the client's that is new for each request; a repetition "
            "with the same key and body gets the first answer, and has no effect.",
            "schema": {"type": "string", "pattern": KEY_RULE},
        }
    ]


def _body(route: Route, schemas: _Schemas) -> dict[str, Any]:
    if isinstance(route.body, tuple):
        return {"required": True, "content": {each: {"schema": _BYTES} for each in route.body}}
    kind = _present(route.body)
    return {"required": kind is route.body, "content": {_JSON: {"schema": schemas.of(kind)}}}


def _present(body: Any) -> Any:
    """Return the type of a body without None, which stands for a body that may be absent."""
    kinds = [kind for kind in get_args(body) if kind is not type(None)]
    return kinds[0] if kinds else body


def _answer(status: int, answer: Answer, schemas: _Schemas, example: Any) -> dict[str, Any]:
    told: dict[str, Any] = {"description": HTTPStatus(status).phrase}
    if answer.headers:
        told["headers"] = {name: _HEADERS[name] for name in answer.headers}
    if isinstance(answer.body, str):
        told["content"] = {answer.body: {"schema": _BYTES}}
    elif answer.body is not None:
        told["content"] = {
            _JSON: _shown(schemas.of(answer.body), example),
            **{each: {"schema": _BYTES} for each in answer.others},
        }
    return told


def _problem(status: int, schemas: _Schemas, examples: dict[str, Any]) -> dict[str, Any]:
    kinds = {"application/problem+json": _shown(schemas.of(Problem), examples.get(str(status)))}
    if status == HTTPStatus.BAD_REQUEST:
        # Headers that are not HTTP never reach a handler.
        kinds["text/plain"] = {}
    told: dict[str, Any] = {
        "description": HTTPStatus(status).phrase,
        "content": kinds,
    }
    if status in _RETRY:
        told["headers"] = {"Retry-After": _HEADERS["Retry-After"]}
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        told["headers"] |= {name: _HEADERS[name] for name in RATE_HEADERS}
    if status == HTTPStatus.UNAUTHORIZED:
        told["headers"] = {"WWW-Authenticate": _HEADERS["WWW-Authenticate"]}
    return told


def _shown(schema: dict[str, Any], example: Any) -> dict[str, Any]:
    """Return a body with its example, in the form whose null members the viewer understands."""
    if example is None:
        return {"schema": schema}
    return {"schema": schema, "examples": {"real": {"value": example}}}


@cache
def _examples() -> dict[str, dict[str, Any]]:
    """Return real responses by operation and status."""
    text = files("eclgrmd.api.routing").joinpath("examples.json").read_bytes()
    found: dict[str, dict[str, Any]] = msgspec.json.decode(text)
    return found
