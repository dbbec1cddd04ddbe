"""The client of a request: who it is, and what it may do."""

from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network

from aiohttp import web
from msgspec import Struct

from eclgrmd.model.access import Role

__all__ = ["Client", "client_of", "set_client"]

_OWN_BITS = 64
"""Leading bits of an IPv6 address that stand for one client: it has all addresses below them."""


_KEPT = 256
"""Addresses that are kept with their networks."""


class Client(Struct, frozen=True, kw_only=True):
    """Who sends a request."""

    name: str = ""
    """Name of the token, or of the user of a proxy or of this machine; empty: unknown."""
    role: Role = Role.ANYONE
    """What it may do."""
    address: str = ""
    """Address from which it connects, to us or to a trusted proxy."""
    token_id: str = ""
    """Public part of its token; empty: it has none."""
    by_proxy: bool = False
    """Whether a trusted proxy has logged it in."""

    @property
    def key(self) -> str:
        """What tells clients apart whose use is limited: token, user of a proxy, or address."""
        if self.token_id:
            return f"token {self.token_id}"
        return f"user {self.name}" if self.by_proxy else f"address {_origin(self.address)}"


_KEY = web.RequestKey("client", Client)


def client_of(request: web.Request) -> Client:
    """Return the client of a request."""
    return request[_KEY]


def set_client(request: web.Request, client: Client) -> None:
    """Note the client of a request for the handler."""
    request[_KEY] = client


@lru_cache(maxsize=_KEPT)
def _origin(address: str) -> str:
    """Return an address, of IPv6 the network that one client has."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if not isinstance(found, IPv6Address) or found.is_loopback:
        return str(found)
    return str(found.ipv4_mapped or ip_network((int(found), _OWN_BITS), strict=False))
