"""The engine of campaigns: a cluster of Dask, an external one or one of this machine."""

import asyncio
from collections.abc import Callable
from concurrent.futures import CancelledError
from contextlib import AsyncExitStack, suppress
from importlib import import_module
from types import TracebackType
from typing import Any, NamedTuple, Self

from eclgrmd.errors import FatalError, TransientError

__all__ = ["Engine", "EngineAddress", "EngineLostError", "StalledError", "WorkerLostError"]

Work = Callable[[bytes], bytes]
_PRIORITY = -100
"""Priority among the tasks of a cluster that others use, too: after theirs."""
_CONNECT_S = 30.0
"""Longest time to connect to a scheduler, seconds."""
_ANSWER_S = 20.0
"""Longest time in which a scheduler says who its workers are, seconds."""
_RESTART_S = 30.0
"""Longest time to restart a worker, seconds."""
_WORKER_START_S = 120.0
"""Longest time until the first worker of a local cluster is there, seconds."""
_ALLOWED_FAILURES = 2
"""Deaths of workers with a task after which a local scheduler gives up the task."""


class EngineLostError(TransientError):
    """The scheduler is gone: connect again."""


class WorkerLostError(TransientError):
    """Every worker that computed a chunk died."""


class StalledError(TransientError):
    """A chunk took longer than its limit."""


class EngineAddress(NamedTuple):
    """Where campaigns are computed."""

    address: str = ""
    """Address of a scheduler, tls://host:port; empty: start a cluster on this machine."""
    ca_file: str = ""
    """Certificates of its authority, PEM."""
    cert_file: str = ""
    """Our certificate, PEM."""
    key_file: str = ""
    """Our private key, PEM."""
    workers: int = 2
    """Worker processes of a cluster on this machine."""


class Engine:
    """A cluster of Dask that runs a function on bytes.

    Usable as an asynchronous context manager. A cluster on this machine starts and ends with it;
    its connections are encrypted with certificates that exist in memory only, as everybody who can
    connect to a scheduler can run programs.

    Parameters
    ----------
    where
        Address of the scheduler, or size of a cluster on this machine.
    """

    def __init__(self, where: EngineAddress) -> None:
        self._where = where
        self._stack = AsyncExitStack()
        self._client: Any = None

    async def __aenter__(self) -> Self:
        """Start or connect.

        Raises
        ------
        EngineLostError
            If the scheduler does not answer.
        FatalError
            If Dask is not installed, or the settings of TLS are wrong.
        """
        try:
            await self._open()
        except BaseException:
            await self._stack.aclose()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Disconnect, and end a cluster of this machine."""
        await self._stack.aclose()

    async def threads(self) -> int:
        """Return how many tasks run at a time.

        Raises
        ------
        EngineLostError
            If the scheduler does not answer.
        """
        if self._client.status != "running":
            raise EngineLostError(f"the scheduler {self._where.address} is gone")
        try:
            async with asyncio.timeout(_ANSWER_S):
                known = await self._client.scheduler.identity(n_workers=-1)
        except (OSError, TimeoutError) as error:
            raise EngineLostError(f"the scheduler does not answer: {error}") from error
        return sum(int(worker["nthreads"]) for worker in known["workers"].values())

    async def run(self, function: Work, work: bytes, *, key: str, limit_s: float) -> bytes:
        """Run a function on a worker and return what it returns.

        Parameters
        ----------
        function
            A function of a module that workers can import.
        work
            Its argument.
        key
            Unique name of this submission.
        limit_s
            Time after which it is taken for stalled, seconds. Its worker is then restarted.

        Raises
        ------
        EngineLostError
            If the scheduler is gone.
        WorkerLostError
            If the workers died that computed it.
        StalledError
            If it took longer than the limit.
        """
        killed: Any = import_module("distributed").KilledWorker
        future = self._client.submit(
            function, work, key=key, pure=False, priority=_PRIORITY, retries=0
        )
        try:
            async with asyncio.timeout(limit_s):
                result: bytes = await future
        except TimeoutError as error:
            await self._free(future)
            raise StalledError(f"no result after {limit_s:g} s") from error
        except killed as error:
            raise WorkerLostError(f"every worker died that computed it: {error}") from error
        except (CancelledError, OSError) as error:
            raise EngineLostError(f"the scheduler is gone: {error}") from error
        finally:
            future.release()
        return result

    async def _free(self, future: Any) -> None:
        """Cancel a task, and restart the worker that still computes it."""
        with suppress(OSError, TimeoutError, ValueError, KeyError):
            async with asyncio.timeout(_ANSWER_S + _RESTART_S):
                processing = await self._client.processing()
                await self._client.cancel([future], force=True)
                for address, keys in processing.items():
                    if future.key in keys:
                        await self._client.restart_workers(
                            [address], timeout=_RESTART_S, raise_for_error=False
                        )

    async def _open(self) -> None:
        try:
            distributed: Any = import_module("distributed")
        except ImportError as error:
            raise FatalError(
                "campaigns need Dask, which is not installed: install eclgrmd[campaign]"
            ) from error
        security = self._security(distributed.Security)
        address: Any = self._where.address
        if not address:
            address = await self._stack.enter_async_context(_local(self._where.workers, security))
        try:
            self._client = await self._stack.enter_async_context(
                distributed.Client(
                    address,
                    asynchronous=True,
                    security=security,
                    timeout=_CONNECT_S,
                    set_as_default=False,
                )
            )
        except (OSError, TimeoutError) as error:
            raise EngineLostError(
                f"{self._where.address}: no scheduler answers: {error}"
            ) from error
        if not self._where.address:
            await self._client.wait_for_workers(1, timeout=_WORKER_START_S)

    def _security(self, kind: Any) -> Any:
        where = self._where
        if not where.address:
            return kind.temporary()
        if not where.address.startswith("tls://"):
            return None
        if not (where.ca_file and where.cert_file and where.key_file):
            raise FatalError(
                f"compute.dask = {where.address!r} needs compute.dask_ca_file, dask_cert_file and "
                "dask_key_file"
            )
        return kind(
            tls_ca_file=where.ca_file,
            tls_client_cert=where.cert_file,
            tls_client_key=where.key_file,
            require_encryption=True,
        )


def _local(workers: int, security: Any) -> Any:
    """Return a cluster on this machine that is not started yet."""
    distributed: Any = import_module("distributed")
    import_module("dask").config.set(
        {
            "distributed.scheduler.allowed-failures": _ALLOWED_FAILURES,
            "distributed.worker.daemon": False,
        }
    )
    return distributed.LocalCluster(
        n_workers=workers,
        threads_per_worker=1,
        processes=True,
        asynchronous=True,
        dashboard_address=None,
        host="127.0.0.1",
        protocol="tls://",
        security=security,
        memory_limit=0,
    )
