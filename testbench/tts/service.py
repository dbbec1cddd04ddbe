"""The TTS as a service: HTTP requests launch sequences; input files are served."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
from aiohttp import web

from eclgrmd.errors import InputError
from eclgrmd.model.decode import decode_json
from testbench.rest_session import rest_session

from .address import Address
from .catalogue import Catalogue, CatalogueBurst
from .clients import RestClient
from .player import Player, Sequence
from .sequence import SequenceRequest
from .watch import ActivityWatch

__all__ = ["TtsService", "running_tts"]

_CANCEL_AGAIN_S = 0.5
"""Time after which a cancellation is repeated, seconds."""


class TtsService:
    """The HTTP interface of the TTS.

    `POST /sequence` launches a sequence, `GET /sequence/{id}` returns its state,
    `GET /data` lists and `GET /data/{burst}/{name}` serves the input files.
    """

    def __init__(self, catalogue: Catalogue, watch: ActivityWatch) -> None:
        self.catalogue = catalogue
        self.watch = watch
        self.url = ""
        self._player: Player | None = None
        self._numbers = itertools.count(1)
        self._sequences: dict[str, Sequence] = {}
        self._playing: dict[str, asyncio.Task[None]] = {}
        self._files = {(b.burst_id, f.name): f for b in catalogue.bursts for f in b.files}

    def application(self) -> web.Application:
        """Return the web application with its routes."""
        app = web.Application()
        app.add_routes(
            [
                web.post("/sequence", self._launch),
                web.get("/sequence", self._list_sequences),
                web.get("/sequence/{id}", self._show_sequence),
                web.get("/data", self._list_data),
                web.get("/data/{burst}/{name}", self._serve_data),
            ]
        )
        return app

    def open(self, url: str, player: Player, group: asyncio.TaskGroup) -> None:
        """Start to accept sequences; they run in the given task group."""
        self.url, self._player, self._group = url, player, group

    @property
    def playing(self) -> tuple[asyncio.Task[None], ...]:
        """Tasks of all sequences that were launched."""
        return tuple(self._playing.values())

    async def _launch(self, request: web.Request) -> web.Response:
        if self._player is None:
            return _problem(503, "the TTS is still starting")
        try:
            wanted: SequenceRequest = decode_json(
                await request.read() or b"{}", SequenceRequest, what="sequence"
            )
            sequence = Sequence(str(next(self._numbers)), wanted, self._choose(wanted))
        except InputError as error:
            return _problem(422, str(error))
        self._sequences[sequence.id] = sequence
        self._playing[sequence.id] = self._group.create_task(
            self._player.play(sequence), name=f"sequence {sequence.id}"
        )
        headers = {"Location": f"{self.url}/sequence/{sequence.id}"}
        return _json(sequence.view(), status=202, headers=headers)

    def _choose(self, wanted: SequenceRequest) -> tuple[CatalogueBurst, ...]:
        known = {b.burst_id: b for b in self.catalogue.bursts}
        for name in wanted.bursts:
            if name not in known:
                raise InputError(f"sequence: no burst {name!r} (known are: {', '.join(known)})")
        return tuple(known[name] for name in wanted.bursts or known)

    async def _list_sequences(self, _request: web.Request) -> web.Response:
        return _json({"sequences": [{"id": s.id, "state": s.state} for s in self._all()]})

    def _all(self) -> list[Sequence]:
        return list(self._sequences.values())

    async def _show_sequence(self, request: web.Request) -> web.Response:
        sequence = self._sequences.get(request.match_info["id"])
        if sequence is None:
            return _problem(404, f"no sequence {request.match_info['id']!r}")
        return _json(sequence.view())

    async def _list_data(self, _request: web.Request) -> web.Response:
        return _json({b.burst_id: b.links(self.url) for b in self.catalogue.bursts})

    async def _serve_data(self, request: web.Request) -> web.StreamResponse:
        found = self._files.get((request.match_info["burst"], request.match_info["name"]))
        if found is None:
            return _problem(404, f"no file {request.match_info['name']!r} of that burst")
        return web.FileResponse(self.catalogue.path(found))


@asynccontextmanager
async def running_tts(
    catalogue: Catalogue, address: Address, output: Path, *, host: str = "127.0.0.1", port: int = 0
) -> AsyncIterator[TtsService]:
    """Serve the TTS while the context is open; port 0: any free one."""
    watch = ActivityWatch(address)
    service = TtsService(catalogue, watch)
    runner = web.AppRunner(service.application(), access_log=None, shutdown_timeout=1.0)
    async with (
        rest_session() as session,
        RestClient(address) as rest,
        asyncio.TaskGroup() as group,
    ):
        listening = group.create_task(watch.run(), name="activity watch")
        try:
            await runner.setup()
            site = web.TCPSite(runner, host, port)
            await site.start()
            url = f"http://{host}:{runner.addresses[0][1]}"
            player = Player(catalogue, address, watch, session, rest, data_url=url, output=output)
            service.open(url, player, group)
            yield service
        finally:
            await _end((listening, *service.playing))
            await runner.cleanup()


async def _end(tasks: tuple[asyncio.Task[None], ...]) -> None:
    """Cancel tasks until they have ended: nats-py sometimes swallows a cancellation."""
    running = set(tasks)
    while running:
        for task in running:
            task.cancel()
        _, running = await asyncio.wait(running, timeout=_CANCEL_AGAIN_S)


def _json(
    value: object, *, status: int = 200, headers: dict[str, str] | None = None
) -> web.Response:
    return web.Response(
        body=msgspec.json.encode(value),
        status=status,
        content_type="application/json",
        headers=headers,
    )


def _problem(status: int, detail: str) -> web.Response:
    body = {"type": "about:blank", "status": status, "detail": detail}
    return web.Response(
        body=msgspec.json.encode(body), status=status, content_type="application/problem+json"
    )
