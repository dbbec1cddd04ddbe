"""The client of a request: who it is, and what it may do."""

from aiohttp import web
from msgspec import Struct

from eclgrmd.model.access import Role

__all__ = ["Client", "client_of", "set_client"]


class Client(Struct, frozen=True, kw_only=True):
    """Who sends a request."""

    name: str = ""
    """Name of the token, or of the user of a proxy or of this machine; empty: unknown."""
    role: Role = Role.ANYONE
    """What it may do."""
    address: str = ""
    """Address from which it connects."""
    token_id: str = ""
    """Public part of its token; empty: it has none."""

    @property
    def key(self) -> str:
        """What tells clients apart whose use is limited: the token, or else the address."""
        return self.token_id or self.address


_KEY = web.RequestKey("client", Client)


def client_of(request: web.Request) -> Client:
    """Return the client of a request."""
    return request[_KEY]


def set_client(request: web.Request, client: Client) -> None:
    """Note the client of a request for the handler."""
    request[_KEY] = client
