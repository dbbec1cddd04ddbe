"""Which links may be fetched: origins and networks that the settings allow."""

import re
from collections.abc import Iterable
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

from msgspec import Struct
from yarl import URL

from eclgrmd.errors import InputError

__all__ = ["LinkPolicy", "LinkRefusedError", "origin_of", "shown_link"]

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
_PATTERN = re.compile(
    r"(?P<scheme>https?)://(?P<host>\*|(?:\*\.)?[a-z0-9_][a-z0-9._-]*|\[[0-9a-f:.]+\])"
    r"(?::(?P<port>\*|[0-9]{1,5}))?/?",
    re.ASCII | re.IGNORECASE,
)
_PORTS = {"http": 80, "https": 443}
_TRANSLATED = tuple(
    map(ip_network, ("::/96", "::ffff:0:0/96", "64:ff9b::/32", "2001::/32", "2002::/16"))
)
"""IPv6 addresses that contain one of IPv4, which may be private."""


class LinkRefusedError(InputError):
    """A link leads to where nothing may be fetched from."""


class Origin(Struct, frozen=True):
    """A pattern of origins."""

    scheme: str
    """http or https."""
    host: str
    """A name, `*.` and a name for the hosts below it, an address, or `*` for all hosts."""
    port: int | None
    """None: any port."""

    @property
    def address(self) -> Address | None:
        """The address that it names; None: it names hosts."""
        return _address(self.host)

    def covers(self, url: URL, host: str) -> bool:
        """Return whether a URL, whose host is given in lower case, has such an origin."""
        if url.scheme != self.scheme or self.port not in {None, url.port}:
            return False
        below = self.host.startswith("*.") and host.endswith(self.host[1:])
        return below or self.host in {"*", host}


class LinkPolicy(Struct, frozen=True):
    """Decides whether a link may be fetched, by its URL and by the address of its host."""

    origins: tuple[Origin, ...] = ()
    """Origins from which anything may be fetched."""
    networks: tuple[Network, ...] = ()
    """Networks that are not public, and allowed nevertheless."""

    @classmethod
    def of(cls, origins: Iterable[str], networks: Iterable[str] = ()) -> "LinkPolicy":
        """Return the policy that texts describe.

        Raises
        ------
        InputError
            If one is no origin or no network.
        """
        return cls(tuple(map(_origin, origins)), tuple(map(_network, networks)))

    def checked(self, link: str) -> URL:
        """Return a link as a URL that may be fetched, if `check_address` allows its address.

        Raises
        ------
        LinkRefusedError
            With the reason.
        """
        try:
            url = URL(link)
            host = (url.host or "").lower().removesuffix(".")
            known = url.scheme in _PORTS and bool(host) and url.port is not None
        except ValueError as error:
            raise LinkRefusedError(f"{shown_link(link)}: no valid URL") from error
        if not known:
            raise LinkRefusedError(f"{shown_link(link)}: must be http:// or https:// with a host")
        covering = [origin for origin in self.origins if origin.covers(url, host)]
        if not covering:
            named = f"{url.scheme}://{url.host}:{url.port}"
            raise LinkRefusedError(f"{named}: files are not fetched from there (see links.allow)")
        address = _address(host)
        if address is not None and all(origin.address != address for origin in covering):
            self.check_address(host, host)
        return url

    def redirected(self, url: URL, location: str) -> URL:
        """Return the URL, without a login, to which a server redirects from another one.

        Raises
        ------
        LinkRefusedError
            If it may not be fetched.
        """
        try:
            target = url.join(URL(location)).with_user(None)
        except ValueError as error:
            raise LinkRefusedError(f"{url.host} redirects to what is no valid URL") from error
        if url.scheme == "https" and target.scheme != "https":
            raise LinkRefusedError(f"{url.host} redirects from https to {target.scheme}")
        return self.checked(str(target))

    def check_address(self, host: str, address: str) -> None:
        """Raise LinkRefusedError if a host has an address that is not public and not allowed."""
        found = _address(address)
        if found is None:
            raise LinkRefusedError(f"{host}: has no IP address")
        if any(found in network for network in self.networks) or _is_public(found):
            return
        raise LinkRefusedError(f"{host}: is at {found}, no public address (see links.networks)")


def shown_link(link: str) -> str:
    """Return a link as logs and answers show it: without its login and its query."""
    scheme, slashes, rest = link.partition("//")
    rest, question, _query = rest.partition("?")
    host, slash, path = rest.partition("/")
    login, at, host = host.rpartition("@")
    return "".join((scheme, slashes, "***@" if at else login, host, slash, path, question))


def origin_of(url: str) -> str:
    """Return the origin of a URL: scheme, host and port, without a login."""
    scheme, slashes, rest = url.partition("//")
    return scheme + slashes + rest.partition("/")[0].rpartition("@")[2]


def _origin(text: str) -> Origin:
    found = _PATTERN.fullmatch(text)
    port = None if found is None else found["port"]
    if found is None or (port not in {None, "*"} and not 0 < int(port or 0) < 1 << 16):
        raise InputError(
            f"{text!r}: must be an origin: http:// or https://, a host or * or *.domain, and "
            "perhaps : with a port or *"
        )
    scheme, host = found["scheme"].lower(), found["host"].lower().strip("[]").removesuffix(".")
    if port == "*":
        return Origin(scheme, host, None)
    return Origin(scheme, host, int(port) if port else _PORTS[scheme])


def _network(text: str) -> Network:
    try:
        return ip_network(text)
    except ValueError as error:
        raise InputError(f"{text!r}: must be a network such as 10.0.0.0/8: {error}") from error


def _address(host: str) -> Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _is_public(address: Address) -> bool:
    special = address.is_multicast or address.is_reserved or address.is_link_local
    translated = any(address in network for network in _TRANSLATED)
    return address.is_global and not special and not translated
