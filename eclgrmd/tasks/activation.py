"""The stage that starts analyses automatically, for bursts whose data have changed."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import structlog

from eclgrmd.aio.polling import poll
from eclgrmd.clock import utc_now
from eclgrmd.errors import FatalError, TransientError
from eclgrmd.hints import Hints
from eclgrmd.model.names import Instrument
from eclgrmd.settings.live import LiveSettings
from eclgrmd.store.sql.database import Database
from eclgrmd.store.sql.transaction import Transaction
from eclgrmd.store.tasks.automatic import (
    DueBurst,
    automatic_tasks,
    held_files,
    next_plan,
    order_task,
    plan_again,
    take_due_burst,
)
from eclgrmd.store.tasks.task_rows import AutomaticInput
from eclgrmd.store.tasks.versions import Version

from .planner import EarlierTask, Holdings, Plan, plan

__all__ = ["Activation"]

_SHORTEST_S = 0.05
"""Shortest pause before a burst that is about to become due, seconds: no busy loop."""
_FAILED_DELAY = timedelta(minutes=10)
"""Delay before a burst is planned again after its planning failed, unless new data come."""


class Activation:
    """Submits the automatic tasks that the planner finds due.

    Parameters
    ----------
    database, hints, settings
        The resources of the daemon.
    full
        Returns whether as many tasks are open as may be.
    """

    def __init__(
        self,
        database: Database,
        hints: Hints,
        *,
        settings: LiveSettings,
        full: Callable[[], bool],
    ) -> None:
        self._database = database
        self._hints = hints
        self._settings = settings
        self._full = full
        self._log = structlog.get_logger("tasks")

    async def run(self, stop: asyncio.Event) -> None:
        """Submit due tasks until a stop is requested, while fewer tasks are open than may be."""
        await poll(self._order_due, stage="activation", stop=stop, hint=self._hints.tasks)

    async def _order_due(self) -> float:
        """Plan one due burst; return the pause before the next one."""
        if self._full() or not self._settings.now.automatic.enabled:
            return self._poll_s
        return 0.0 if await self.order_next() else await self._until_next()

    @property
    def _poll_s(self) -> float:
        return self._settings.now.tasks.poll_s

    async def order_next(self) -> bool:
        """Plan one due burst; return False if there is none.

        Decision and tasks are one transaction, which locks the burst: after a crash it is still
        due.
        """
        due = None
        try:
            async with self._database.transaction() as transaction:
                due = await take_due_burst(transaction)
                if due is None:
                    return False
                new = await self._ordered(transaction, due)
        except (FatalError, TransientError):
            raise
        except Exception:
            if due is None:
                raise
            # A burst whose planning fails must not block the others.
            self._log.exception("planning failed unexpectedly", burst_id=due.burst_id)
            async with self._database.transaction() as transaction:
                plan_again(transaction, due.burst_id, utc_now() + _FAILED_DELAY)
            return True
        if new:
            self._log.info("automatic tasks submitted", burst_id=due.burst_id, tasks=new)
            self._hints.give_arrival()
        return True

    async def _ordered(self, transaction: Transaction, due: DueBurst) -> list[str]:
        """Submit the due tasks of a burst and return the ids of the new ones."""
        planned = await self._planned(transaction, due)
        new = [
            order.request.id
            for order in planned.orders
            if await order_task(
                transaction,
                order.request,
                Version(order.series, order.proc_ver, order.incomplete),
                order.replaces,
            )
        ]
        plan_again(transaction, due.burst_id, planned.again_at)
        return new

    async def _planned(self, transaction: Transaction, due: DueBurst) -> Plan:
        by_task: dict[str, list[AutomaticInput]] = {}
        for each in await automatic_tasks(transaction, due.burst_id):
            by_task.setdefault(each.task_id, []).append(each)
        holdings = Holdings(
            burst_id=due.burst_id,
            files=await held_files(transaction, due.burst_id),
            earlier=[
                EarlierTask(
                    task_id=task_id,
                    series=inputs[0].series,
                    state=inputs[0].state,
                    proc_ver=inputs[0].proc_ver,
                    checksums=frozenset(each.sha256 or "" for each in inputs),
                )
                for task_id, inputs in by_task.items()
            ],
            expected=frozenset(Instrument(name) for name in due.expected),
            arriving=due.arriving,
        )
        return plan(self._settings.now.automatic, holdings, utc_now())

    async def _until_next(self) -> float:
        async with self._database.transaction() as transaction:
            at = await next_plan(transaction)
        if at is None:
            return self._poll_s
        return min(max((at - utc_now()).total_seconds(), _SHORTEST_S), self._poll_s)
