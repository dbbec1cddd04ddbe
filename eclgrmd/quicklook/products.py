"""Products and drafts of announced updates of the quick look."""

import asyncio
from functools import partial
from uuid import uuid4

import structlog

from eclgrmd.aio.polling import poll
from eclgrmd.clock import utc_now
from eclgrmd.compute import WorkerDiedError, Workers
from eclgrmd.errors import FatalError, PermanentError, TransientError
from eclgrmd.files import FileStore
from eclgrmd.hints import Hints
from eclgrmd.model.quicklook.updates import QuickLookProductsRequest
from eclgrmd.settings.live import LiveSettings
from eclgrmd.store.quicklook.inbox import packet_bodies
from eclgrmd.store.quicklook.products import (
    DueProducts,
    due_products,
    record_quick_look_products,
    skip_products,
)
from eclgrmd.store.sql.database import Database

from .worker_functions import make_products

__all__ = ["QuickLookProducts"]

_LIMIT_S = 120.0
"""Longest time to make a set; it takes seconds."""
_MOST = 20
"""Sets made between two looks at the table."""
_TRIES = 3
"""Tries to make a set whose worker dies."""


class QuickLookProducts:
    """Makes sets of products one by one, in workers other than those that analyse packets."""

    def __init__(
        self,
        database: Database,
        files: FileStore,
        workers: Workers,
        hints: Hints,
        *,
        settings: LiveSettings,
    ) -> None:
        self._database = database
        self._files = files
        self._workers = workers
        self._hints = hints
        self._settings = settings
        self._deaths: dict[str, int] = {}
        """Consecutive deaths of the worker, by burst."""
        self._log = structlog.get_logger("quicklook")

    async def run(self, stop: asyncio.Event) -> None:
        """Make the products that are due, until the stop."""
        await poll(
            partial(self._make_due, stop),
            stage="quick look products",
            stop=stop,
            hint=self._hints.quick_look_products,
        )

    async def _make_due(self, stop: asyncio.Event) -> float:
        async with self._database.transaction() as transaction:
            found = await due_products(transaction, _MOST)
        for due in found:
            if not stop.is_set():
                await self._make(due)
        return 0.0 if found else self._settings.now.tasks.poll_s

    async def _make(self, due: DueProducts) -> None:
        async with self._database.reading() as transaction:
            packets = await packet_bodies(transaction, due.burst_id, 0, due.last_packet)
        # The name is unique: another daemon may make the same set now, and only one set is kept.
        folder = f"products/vhf-{due.burst_id}/{due.proc_ver}-{uuid4().hex[:12]}"
        request = QuickLookProductsRequest(
            update=due.update,
            notices=due.notices,
            packets=tuple(body for _, body in packets),
            folder=str(self._files.path(folder)),
            proc_ver=due.proc_ver,
            date_utc=utc_now().isoformat(timespec="seconds"),
            program=self._settings.now.service.mode,
        )
        kept: bool | None = False
        try:
            # In the background: the packets that still come go first.
            files = await self._workers.call(
                make_products, request, timeout_s=_LIMIT_S, priority=-1, background=True
            )
            kept = None  # unknown: a connection lost during the commit does not say whether it was
            async with self._database.transaction() as transaction:
                kept = await record_quick_look_products(
                    transaction, due, files, folder, self._settings.now.vhf.products_s
                )
            self._deaths.pop(due.burst_id, None)
            self._hints.give_result(transaction.announcements)
        except WorkerDiedError as error:
            deaths = self._deaths[due.burst_id] = self._deaths.get(due.burst_id, 0) + 1
            self._log.warning("making products failed", burst_id=due.burst_id, reason=str(error))
            if deaths >= _TRIES:
                await self._give_up(due, error)
        except (FatalError, TransientError):
            raise
        except Exception as error:  # noqa: BLE001 - whatever was raised ends this set only
            await self._give_up(due, error)
        finally:
            if kept is False:
                await asyncio.to_thread(self._files.discard, folder)

    async def _give_up(self, due: DueProducts, error: Exception) -> None:
        self._deaths.pop(due.burst_id, None)
        known = isinstance(error, PermanentError | TransientError)
        self._log.error(
            "products not made", burst_id=due.burst_id, reason=str(error), exc_info=not known
        )
        async with self._database.transaction() as transaction:
            skip_products(transaction, due)
