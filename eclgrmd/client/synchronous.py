"""The synchronous client: the calls of the asynchronous one, run on a loop in a thread."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from functools import wraps
from types import TracebackType
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

from .asynchronous import AsyncClient
from .waiting import WaitingCall

__all__ = ["Client"]

P = ParamSpec("P")
T = TypeVar("T")


def _blocking(
    call: Callable[Concatenate[AsyncClient, P], Coroutine[Any, Any, T]],
) -> Callable[Concatenate["Client", P], T]:
    """Return a call that waits for the answer."""

    @wraps(call)
    def method(self: "Client", /, *args: P.args, **kwargs: P.kwargs) -> T:
        return self.run(call(self.asynchronous, *args, **kwargs))

    return method


def _iterating(
    call: Callable[Concatenate[AsyncClient, P], AsyncIterator[T]],
) -> Callable[Concatenate["Client", P], Iterator[T]]:
    """Return a call that waits for each item."""

    @wraps(call)
    def method(self: "Client", /, *args: P.args, **kwargs: P.kwargs) -> Iterator[T]:
        items = call(self.asynchronous, *args, **kwargs)
        while True:
            try:
                item = self.run(_next(items))
            except StopAsyncIteration:
                return
            yield item

    return method


async def _next(items: AsyncIterator[T]) -> T:
    return await anext(items)


class Client:
    """Calls of a running daemon that wait for the answer; see `AsyncClient` for each.

    Its methods may be called from several threads.

    Parameters
    ----------
    url
        REST address of the daemon.
    retry_s
        Time for which a call is repeated while the daemon responds with 429 or 503, seconds.
    reconnect_s
        Time for which a call is repeated while the daemon cannot be reached, seconds.
    token
        Token of the user; empty: none, which suffices where `rest.open_loopback` permits it.
    """

    def __init__(
        self, url: str, *, retry_s: float = 30.0, reconnect_s: float = 0.0, token: str = ""
    ) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(
            target=self._loop.run_forever, name="eclgrmd client", daemon=True
        )
        self._thread.start()
        try:
            self.asynchronous = self.run(_made(url, retry_s, reconnect_s, token))
        except BaseException:
            self._end()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections and end the thread."""
        if self._thread.is_alive():
            self.run(self.asynchronous.close())
            self._end()

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on the client's event loop, and return its result."""
        return WaitingCall(coroutine, self._loop).result()

    def _end(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    status = _blocking(AsyncClient.status)
    health = _blocking(AsyncClient.health)
    bursts = _iterating(AsyncClient.bursts)
    burst = _blocking(AsyncClient.burst)
    compare_circular = _blocking(AsyncClient.compare_circular)
    claim = _blocking(AsyncClient.claim)
    release = _blocking(AsyncClient.release)
    accept = _blocking(AsyncClient.accept)
    withdraw = _blocking(AsyncClient.withdraw)
    decisions = _iterating(AsyncClient.decisions)
    preview = _blocking(AsyncClient.preview)
    fetch = _blocking(AsyncClient.fetch)
    retract = _blocking(AsyncClient.retract)
    data = _iterating(AsyncClient.data)
    upload = _blocking(AsyncClient.upload)
    tasks = _iterating(AsyncClient.tasks)
    task = _blocking(AsyncClient.task)
    submit = _blocking(AsyncClient.submit)
    send_task = _blocking(AsyncClient.send_task)
    rerun = _blocking(AsyncClient.rerun)
    cancel = _blocking(AsyncClient.cancel)
    follow = _iterating(AsyncClient.follow)
    wait = _blocking(AsyncClient.wait)
    configuration = _blocking(AsyncClient.configuration)
    compare = _blocking(AsyncClient.compare)
    logs = _blocking(AsyncClient.logs)
    follow_logs = _iterating(AsyncClient.follow_logs)
    products = _iterating(AsyncClient.products)
    download = _blocking(AsyncClient.download)
    archive = _blocking(AsyncClient.archive)
    report = _blocking(AsyncClient.report)
    catalogue = _blocking(AsyncClient.catalogue)
    light_curves = _blocking(AsyncClient.light_curves)
    durations = _blocking(AsyncClient.durations)
    spectra = _blocking(AsyncClient.spectra)
    evolution = _blocking(AsyncClient.evolution)
    thumbnail = _blocking(AsyncClient.thumbnail)
    vhf_history = _iterating(AsyncClient.vhf_history)
    vhf_light_curves = _blocking(AsyncClient.vhf_light_curves)
    vhf_durations = _blocking(AsyncClient.vhf_durations)
    vhf_spectra = _blocking(AsyncClient.vhf_spectra)
    events = _iterating(AsyncClient.events)
    who_am_i = _blocking(AsyncClient.who_am_i)
    audit = _iterating(AsyncClient.audit)


async def _made(url: str, retry_s: float, reconnect_s: float, token: str) -> AsyncClient:
    return AsyncClient(url, retry_s=retry_s, reconnect_s=reconnect_s, token=token)
