"""The middleware that finds out who sends a request, and refuses what its role does not cover."""

from collections.abc import Mapping
from functools import lru_cache
from ipaddress import ip_address

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler, Middleware

from eclgrmd.model.access import TOKEN_FORM, Role
from eclgrmd.settings.live import LiveSettings

from .budgets import Budgets
from .client import Client, set_client
from .cookies import session_of
from .known_tokens import KnownTokens

__all__ = ["Doorkeeper"]

_SCHEME = "Bearer"
_CHALLENGE = {hdrs.WWW_AUTHENTICATE: f'{_SCHEME} realm="eclgrmd"'}
"""Header of every 401."""
_FORWARDED_FOR = "X-Forwarded-For"
_FORWARDED = ("Forwarded", _FORWARDED_FOR, "X-Real-IP")
"""Headers by which a proxy tells that the client is somebody else."""
_LONGEST_NAME = 100
"""Most characters of the name of a user."""
_KEPT = 256
"""Addresses that are kept with the answer whether they are of this machine."""
_LOCAL = "local"
"""Name of a client that needs no token."""


class Doorkeeper:
    """Finds out who sends a request, and compares its role with that of the route.

    Parameters
    ----------
    tokens
        The valid tokens.
    settings
        Say whether clients of this machine need a token.
    budgets
        Limit the requests of each client; one with a wrong token spends those of its address.
    """

    def __init__(self, tokens: KnownTokens, settings: LiveSettings, budgets: Budgets) -> None:
        self._tokens = tokens
        self._settings = settings
        self._budgets = budgets
        self.behind_socket = False
        """Whether systemd holds the socket: then every client counts as one of the network."""

    def middleware(self, needs: Mapping[Handler, Role]) -> Middleware:
        """Return the middleware for handlers that need these roles.

        A handler that is not named needs the highest role: what was forgotten is closed.
        """

        @web.middleware
        async def admit(request: web.Request, handler: Handler) -> web.StreamResponse:
            address = self._address(request)
            try:
                client = await self._client(request, address)
            except web.HTTPUnauthorized:
                self._budgets.spend(request, Client(address=address).key)
                raise
            self._budgets.spend(request, client.key)
            if request.match_info.http_exception is None:
                needed = needs.get(request.match_info.handler, Role.OPERATOR)
            else:
                needed = Role.ANYONE  # there is no such path, or it does not allow the method
            if not client.role.covers(needed):
                raise _refusal(client, needed)
            set_client(request, client)
            return await handler(request)

        return admit

    async def _client(self, request: web.Request, address: str) -> Client:
        if hdrs.AUTHORIZATION in request.headers:
            return await self._owner(request.headers[hdrs.AUTHORIZATION], address)
        if (session := session_of(request)) is not None:
            token = await self._tokens.find(str(session))
            if token is not None and token.parent is not None:
                return Client(
                    name=token.name, role=token.role, address=address, token_id=token.parent
                )
        if user := self._user_of_proxy(request):
            role = Role(self._settings.now.rest.proxy_role)
            return Client(name=user, role=role, address=address, by_proxy=True)
        if self._is_open_to(request):
            return Client(name=_LOCAL, role=Role.OPERATOR, address=address)
        return Client(address=address)

    async def _owner(self, authorization: str, address: str) -> Client:
        """Return the owner of a token; 401 if it is not valid."""
        scheme, _, text = authorization.partition(" ")
        if scheme.casefold() != _SCHEME.casefold():
            raise _unauthorized(f"Authorization: must be `{_SCHEME} TOKEN`")
        token = await self._tokens.find(text.strip())
        if token is None or token.parent is not None:
            raise _unauthorized(
                f"this token is not valid: it must be {TOKEN_FORM}, and neither expired nor revoked"
            )
        return Client(name=token.name, role=token.role, address=address, token_id=token.id)

    def _user_of_proxy(self, request: web.Request) -> str:
        """Return the user whom a trusted proxy has logged in; empty: none."""
        rest = self._settings.now.rest
        if not self._is_by_proxy(request):
            return ""
        # Of two headers one is not the proxy's.
        users = request.headers.getall(rest.proxy_user_header, [])
        return users[0].strip()[:_LONGEST_NAME] if len(users) == 1 else ""

    def _address(self, request: web.Request) -> str:
        """Return the address of a client; of one that comes by a trusted proxy what that says."""
        connected = request.remote or ""
        if not self._is_by_proxy(request):
            return connected
        # The proxy appends the address; what is before it, a client may have made up.
        told = ",".join(request.headers.getall(_FORWARDED_FOR, [])).rpartition(",")[2].strip()
        try:
            return str(ip_address(told))
        except ValueError:
            return connected

    def _is_by_proxy(self, request: web.Request) -> bool:
        rest = self._settings.now.rest
        return bool(rest.proxy_user_header) and request.remote in rest.proxy_addresses

    def _is_open_to(self, request: web.Request) -> bool:
        """Return whether a client is a program of this machine that needs no token."""
        return (
            not self.behind_socket
            and self._settings.now.opens_loopback
            and _is_loopback(request.remote)
            and not self._settings.now.rest.proxy_user_header
            and not any(header in request.headers for header in _FORWARDED)
        )


@lru_cache(maxsize=_KEPT)
def _is_loopback(address: str | None) -> bool:
    try:
        found = ip_address(address or "")
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)
    return (mapped or found).is_loopback


def _refusal(client: Client, needed: Role) -> web.HTTPError:
    if client.role is Role.ANYONE:
        return _unauthorized(
            f"this needs a token of role {needed}: send it as `Authorization: {_SCHEME} TOKEN` "
            "(eclgrmd token create makes one)"
        )
    return web.HTTPForbidden(
        text=f"{client.name!r} has the role {client.role}: this needs the role {needed}"
    )


def _unauthorized(text: str) -> web.HTTPUnauthorized:
    return web.HTTPUnauthorized(text=text, headers=_CHALLENGE)
