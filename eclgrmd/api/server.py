"""The REST server: its application, its listening socket, and a stop that loses no response."""

import asyncio
import errno
import socket
from functools import partial
from typing import Any, cast

from aiohttp import web
from aiohttp.log import server_logger

from eclgrmd.errors import FatalError
from eclgrmd.model.access import Role
from eclgrmd.settings.load import path_of
from eclgrmd.tls import ServerCertificate

from .access.budgets import Budgets, mark_with_budget
from .access.doorkeeper import Doorkeeper
from .access.pages import harden, only_own_pages
from .bodies import BODIES, Bodies
from .handlers.pages import manual, moved, page
from .handlers.task import products
from .middleware.connections import Connections, most_connections
from .middleware.cors import mark_for_origins, preflight
from .middleware.draining import Draining
from .middleware.measuring import measuring
from .middleware.problems import problems
from .middleware.server_log import ServerLog
from .routes import TABLE
from .services import SERVICES, Services

__all__ = ["RestServer"]

_BACKLOG = 256
"""Connections that may wait to be accepted."""
_HANDSHAKE_S = 10.0
"""Time for the TLS handshake of a new connection."""
_KEPT_OPEN_S = 75.0
"""Time that an idle connection is kept open: aiohttp's default."""
_ATTACHED_S = 0.01
"""Time for a connection that was just accepted to be attached to the server: one turn of the loop
would do."""
_SHUTDOWN_S = 1.0
"""Time that aiohttp waits for handlers at its clean-up; the draining has waited for them before."""


class _Runner(web.AppRunner):
    """An application runner whose connections are watched."""

    def __init__(self, app: web.Application, connections: Connections, **options: Any) -> None:
        super().__init__(app, **options)
        self._connections = connections

    def use_requests(self, kind: type[web.Request]) -> None:
        """Make the requests of this class."""
        server = super().server
        if server is not None:
            factory: Any = server.request_factory
            server.request_factory = partial(factory, _cls=kind)

    @property
    def server(self) -> web.Server | None:
        """The protocol factory, which is all that a site needs of the server."""
        server = super().server
        if server is None:
            return None
        return cast(web.Server, self._connections.watching(server))


class _Request(web.Request):
    """A request, also one that cannot be read, whose response gets the headers of every one."""

    async def _prepare_hook(self, response: web.StreamResponse) -> None:
        harden(response)
        await super()._prepare_hook(response)


class RestServer:
    """The REST application on one listening socket."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._draining = Draining()
        self._doorkeeper = Doorkeeper(
            services.tokens, services.settings, Budgets(services.settings)
        )
        most = most_connections()
        connections = Connections(most)
        needs = {route.handler: route.needs for route in TABLE}
        needs |= dict.fromkeys((moved.moved, page.index, page.asset, manual.manual), Role.ANYONE)
        app = web.Application(
            middlewares=[
                connections.middleware(),
                preflight(services.settings),
                self._draining.middleware(),
                measuring(services.metrics),
                problems(services.metrics),
                only_own_pages(services.settings),
                self._doorkeeper.middleware(needs),
            ]
        )
        app[SERVICES] = services
        app[BODIES] = Bodies(most // 2)
        app.on_response_prepare.append(products.tag_by_content)
        app.on_response_prepare.append(mark_with_budget)
        app.on_response_prepare.append(mark_for_origins(services.settings))
        app.add_routes([each.for_aiohttp() for each in TABLE])
        app.add_routes(moved.routes)
        app.add_routes(page.routes)
        app.add_routes(manual.routes)
        self._held = False
        """Whether systemd keeps the socket open while the daemon does not run."""
        self._runner = _Runner(
            app,
            connections,
            access_log=None,
            logger=ServerLog(server_logger, {}),
            shutdown_timeout=_SHUTDOWN_S,
            keepalive_timeout=_KEPT_OPEN_S,
        )
        self._certificate: ServerCertificate | None = None
        self.url = ""
        """URL on which the server listens; empty before the start."""

    async def start(self, listener: socket.socket | None = None) -> None:
        """Listen on the configured address, or on a socket that systemd opened.

        Raises
        ------
        FatalError
            If the address cannot be listened on, or the certificate cannot be read.
        """
        settings = self._services.settings.now.rest
        if (certificate := path_of(settings.certificate_file)) is not None:
            self._certificate = await asyncio.to_thread(
                ServerCertificate, certificate, path_of(settings.key_file)
            )
        self._held = self._doorkeeper.behind_socket = listener is not None
        if listener is None:
            listener = await asyncio.to_thread(_listen, settings.host, settings.port)
        self._listener = listener
        await self._runner.setup()
        self._runner.use_requests(_Request)
        # Without a site of aiohttp, which does not limit the time of a handshake.
        self._accepting = await asyncio.get_running_loop().create_server(
            cast(Any, self._runner.server),
            sock=listener,
            backlog=_BACKLOG,
            ssl=None if self._certificate is None else self._certificate.context,
            ssl_handshake_timeout=None if self._certificate is None else _HANDSHAKE_S,
        )
        host, port = listener.getsockname()[:2]
        scheme = "http" if self._certificate is None else "https"
        self.url = f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"

    def renew_certificate(self) -> None:
        """Read the certificate again, for connections that are opened from now on.

        Raises
        ------
        FatalError
            If it cannot be read; the certificate before stays.
        """
        if self._certificate is not None:
            self._certificate.renew()

    async def stop(self) -> bool:
        """Finish requests in flight and close; return False if some did not finish.

        New work is refused, unless systemd holds the socket: then new clients wait in its backlog
        for the next start, and connected clients are served.
        """
        limit_s = self._services.settings.now.rest.drain_s
        if self._held:
            # Stop accepting before closing: a server that closes drops a connection that it has
            # just accepted.
            asyncio.get_running_loop().remove_reader(self._listener)
            await asyncio.sleep(_ATTACHED_S)
            self._accepting.close()
            finished = await self._draining.finish(limit_s)
        else:
            finished = await self._draining.drain(limit_s)
            self._accepting.close()
        await self._runner.cleanup()
        return finished


def _listen(host: str, port: int) -> socket.socket:
    """Listen on an address.

    Raises
    ------
    FatalError
        If that is not possible; the message names the setting to change.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
    except OSError as error:
        raise FatalError(
            f"rest.host = {host!r}: {error.strerror}: must be an address of this machine"
        ) from error
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise FatalError(_refusal(host, port, error)) from error
    return listener


def _refusal(host: str, port: int, error: OSError) -> str:
    """Return why an address cannot be listened on, and what to do."""
    match error.errno:
        case errno.EADDRINUSE:
            remedy = "another program listens there: stop it, or choose another port (0: any)"
        case errno.EACCES:
            remedy = "ports below 1024 are reserved for root: choose another one"
        case errno.EADDRNOTAVAIL:
            return f"rest.host = {host!r}: must be an address of this machine"
        case _:
            remedy = str(error.strerror)
    return f"rest.port = {port} on {host}: {remedy}"
