"""Requests to other servers: only what the policy of links allows is connected to."""

import socket
from collections.abc import Callable, Mapping

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from eclgrmd.model.links import LinkPolicy, LinkRefusedError, origin_of
from eclgrmd.settings.daemon import Settings

__all__ = ["ResumeError", "described", "follow", "link_policy", "open_session"]

_MOST_REDIRECTS = 3
_REDIRECTS = {301, 302, 303, 307, 308}
_FAILURES: tuple[tuple[type[Exception], str], ...] = (
    (aiohttp.ClientConnectorDNSError, "the host is unknown"),
    (aiohttp.ClientConnectorCertificateError, "the certificate is not valid"),
    (aiohttp.ClientSSLError, "TLS failed"),
    (aiohttp.ClientConnectorError, "no connection"),
    (aiohttp.InvalidURL, "InvalidURL"),
    (aiohttp.ClientPayloadError, "the connection broke"),
    (aiohttp.ServerConnectionError, "the connection broke"),
    (aiohttp.ClientOSError, "the connection broke"),
)
"""What is told of an error, by its class."""


class ResumeError(aiohttp.ClientError):
    """A server does not continue a file where the connection broke; the text is our own."""


def link_policy(settings: Settings) -> LinkPolicy:
    """Return the policy that the settings describe; the mission database is always allowed."""
    own = [origin_of(settings.mdb.url)] if settings.mdb.url else []
    return LinkPolicy.of([*own, *settings.links.allow], settings.links.networks)


def open_session(
    policy: Callable[[], LinkPolicy],
    *,
    timeout: aiohttp.ClientTimeout,
    middlewares: tuple[aiohttp.ClientMiddlewareType, ...] = (),
) -> aiohttp.ClientSession:
    """Open a session that connects to no address that the policy refuses at that time.

    It keeps no cookies and does not decompress. Use it by `follow`, which checks the URLs.
    """
    connector = aiohttp.TCPConnector(resolver=_Resolver(policy), use_dns_cache=False)
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        timeout=timeout,
        middlewares=middlewares,
    )


async def follow(
    session: aiohttp.ClientSession,
    policy: LinkPolicy,
    link: str,
    *,
    query: Mapping[str, str] | None = None,
    headers: Mapping[str, str],
    timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109 - aiohttp's limits, not one of ours
) -> aiohttp.ClientResponse:
    """Request a link and up to 3 redirects; each hop must be allowed, and gets no login.

    Raises
    ------
    LinkRefusedError
        If the policy refuses a hop, or there are too many.
    aiohttp.ClientError, TimeoutError
        If a server does not respond.
    """
    url = policy.checked(link)
    if query:
        url = url.update_query(query)
    for _ in range(_MOST_REDIRECTS + 1):
        response = await session.get(url, allow_redirects=False, headers=headers, timeout=timeout)
        if response.status not in _REDIRECTS:
            return response
        response.close()
        url = policy.redirected(url, response.headers.get("Location", ""))
    raise LinkRefusedError(f"{url.host}: redirects more than {_MOST_REDIRECTS} times")


def described(error: Exception) -> str:
    """Return one sentence about a failed request, without any text of the other server."""
    if isinstance(error, aiohttp.ClientResponseError) and error.status:
        return f"the server responded with status {error.status}"
    if isinstance(error, ResumeError):
        return str(error)
    for kind, text in _FAILURES:
        if isinstance(error, kind):
            return text
    if isinstance(error, aiohttp.ClientError):
        return "the server does not speak HTTP"
    return f"{type(error).__name__}: {error}"


class _Resolver(AbstractResolver):
    """Looks a host up for each connection, and refuses it if any of its addresses is refused."""

    def __init__(self, policy: Callable[[], LinkPolicy]) -> None:
        self._policy = policy
        self._resolver = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return the addresses of a host."""
        found = await self._resolver.resolve(host, port, family)
        for each in found:
            self._policy().check_address(host, each["host"])
        return found

    async def close(self) -> None:
        """Close the resolver."""
        await self._resolver.close()
