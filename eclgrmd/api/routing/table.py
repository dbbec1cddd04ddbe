"""The route table: each route is declared once, for aiohttp and for the OpenAPI document."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, NamedTuple, TypeVar, overload

from aiohttp import web
from msgspec import Struct

from eclgrmd.model.access import Role
from eclgrmd.model.rest import API

from .conditional import tagging
from .keyed import REPLAYED_HEADER, keyed
from .queries import parse_query

__all__ = ["Answer", "Route", "Routes"]

Q = TypeVar("Q", bound=Struct)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Asked = Callable[[web.Request, Q], Awaitable[web.StreamResponse]]

_ALWAYS = frozenset({400, 421, 429, 500, 503})
"""Errors that any route may respond with."""
_OF_PATHS = frozenset({404, 422})
"""Errors of routes with parameters in the path."""
_OF_QUERIES = frozenset({422})
"""Errors of routes with a query."""
_OF_BODIES = frozenset({408, 413, 422})
"""Errors of routes with a body."""
_OF_KEYS = frozenset({409, 422})
"""Errors of routes that take an idempotency key."""
_OF_CHANGES = frozenset({403, 415})
"""Errors of routes that change something, which pages of other origins may not use."""
_OF_ROLES = frozenset({401, 403})
"""Errors of routes that not anyone may use."""


class Answer(NamedTuple):
    """A response that is not an error."""

    body: Any
    """Type of the JSON body, or a media type, or None: no body."""
    headers: tuple[str, ...] = ()
    """Headers beside the content's type and length."""
    others: tuple[str, ...] = ()
    """Media types of other encodings of the body."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A route, with all that is known of its requests and responses."""

    method: str
    """HTTP method."""
    path: str
    """The whole path; parameters are in braces, perhaps with a pattern, as aiohttp has them."""
    needs: Role
    """Role that a client needs."""
    handler: Handler
    """Handles a request."""
    name: str
    """Name of the operation, unique: module and function of the handler."""
    summary: str
    """What it does: the docstring of the handler."""
    query: Any
    """Struct of the query; None: there is none."""
    body: Any
    """Type of the JSON body, or a tuple of media types; None: there is none."""
    answers: Mapping[int, Answer]
    """Responses by status."""
    errors: frozenset[int]
    """Statuses of problem documents."""
    keyed: bool
    """Whether a request may have an idempotency key."""

    def for_aiohttp(self) -> web.RouteDef:
        """Return the route as aiohttp takes it; a handler of GET also responds to HEAD."""
        options = {"allow_head": True} if self.method == "GET" else {}
        return web.RouteDef(self.method, self.path, self.handler, options)


class Routes:
    """The routes of a module.

    Parameters
    ----------
    module
        `__name__` of the module.
    below
        Begin of all paths.
    tagged
        Whether responses to GET get entity tags, unless a route has its own.
    keyed
        Whether requests by POST may have an idempotency key; their answers are then kept.
    """

    def __init__(
        self, module: str, below: str = API, *, tagged: bool = True, keyed: bool = True
    ) -> None:
        self._tagged = tagged
        self._keyed = keyed
        self._group = module.rpartition(".")[2]
        self._below = below
        self.all: list[Route] = []
        """The routes, in the order of their declaration."""

    @overload
    def at(
        self,
        where: str,
        answers: Mapping[int, Any],
        *,
        needs: Role,
        query: None = None,
        body: Any = None,
        errors: tuple[int, ...] = (),
    ) -> Callable[[Handler], Handler]: ...

    @overload
    def at(
        self,
        where: str,
        answers: Mapping[int, Any],
        *,
        needs: Role,
        query: type[Q],
        body: Any = None,
        errors: tuple[int, ...] = (),
    ) -> Callable[[Asked[Q]], Asked[Q]]: ...

    def at(
        self,
        where: str,
        answers: Mapping[int, Any],
        *,
        needs: Role,
        query: Any = None,
        body: Any = None,
        errors: tuple[int, ...] = (),
    ) -> Any:
        """Declare a route; decorates its handler, whose docstring becomes the summary.

        Parameters
        ----------
        where
            Method and path.
        answers
            Response by status: an `Answer`, or only its body.
        needs
            Role that a client needs.
        query
            Struct of the query, which the handler gets as its second argument.
        body
            Type of the JSON body, with `| None` if it may be absent, or a tuple of media types.
        errors
            Statuses of problem documents, beside those that follow from path, query and body.
        """
        method, _, path = where.partition(" ")
        told = {
            status: each if isinstance(each, Answer) else Answer(each)
            for status, each in answers.items()
        }
        tagged = self._tagged and method == "GET" and HTTPStatus.NOT_MODIFIED not in told
        if tagged:
            told[HTTPStatus.OK] = _with_tag(told[HTTPStatus.OK])
            told[HTTPStatus.NOT_MODIFIED] = Answer(None, ("ETag",))

        takes_key = self._keyed and method == "POST"
        if takes_key:
            told = {status: _replayed(each) for status, each in told.items()}
        known = frozenset(errors) | (_OF_KEYS if takes_key else frozenset())

        def declare(handler: Any) -> Any:
            called = handler if query is None else _asking(handler, query)
            route = Route(
                method=method,
                path=self._below + path,
                needs=needs,
                handler=tagging(called) if tagged else keyed(called) if takes_key else called,
                name=f"{self._group}_{handler.__name__}",
                summary=" ".join((handler.__doc__ or "").split("\n\n")[0].split()),
                query=query,
                body=body,
                answers=told,
                errors=(_errors(needs, where, query, body) | known) - told.keys(),
                keyed=takes_key,
            )
            self.all.append(route)
            return handler

        return declare


def _with_tag(answer: Answer) -> Answer:
    return Answer(answer.body, (*answer.headers, "ETag"))


def _replayed(answer: Answer) -> Answer:
    return answer._replace(headers=(*answer.headers, REPLAYED_HEADER))


def _errors(needs: Role, where: str, query: Any, body: Any) -> frozenset[int]:
    found = _ALWAYS
    if not where.startswith("GET "):
        found |= _OF_CHANGES
    if needs is not Role.ANYONE:
        found |= _OF_ROLES
    if "{" in where:
        found |= _OF_PATHS
    if query is not None:
        found |= _OF_QUERIES
    if body is not None:
        found |= _OF_BODIES
    return frozenset(HTTPStatus(status) for status in found)


def _asking(handler: Asked[Q], query: type[Q]) -> Handler:
    async def ask(request: web.Request) -> web.StreamResponse:
        return await handler(request, parse_query(request, query))

    return ask
