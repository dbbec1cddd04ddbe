"""The run of the acceptance test, from the seed to the report."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from testbench.acceptance.judgement.statistics import counts_of
from testbench.acceptance.report.bursts import (
    burst_rows,
    duration_comparison,
    read_results,
    spectrum_comparison,
)
from testbench.acceptance.report.content import Report
from testbench.acceptance.report.progress import Display
from testbench.acceptance.report.table import CASES, StepFailedError, Table
from testbench.acceptance.steps.automatic import SETTINGS
from testbench.daemon_process import DaemonProcess
from testbench.rest_session import rest_session
from testbench.simulate.delivery import Dc0, simulate_dc0
from testbench.tts.address import Address
from testbench.tts.clients import RestClient
from testbench.tts.service import running_tts

from .cases import Cases
from .dc0_catalogue import catalogue_of
from .folders import RunFolder
from .options import Options

__all__ = ["Acceptance"]

_STOP_S = 60.0
"""Time that the daemon gets to stop at the end of a run, seconds."""
_INTERRUPT_STOP_S = 5.0
"""Time that the daemon gets to stop when the run is interrupted, seconds."""


class Acceptance:
    """A run: simulates the data, starts the daemon, runs all test cases and makes the report."""

    def __init__(self, options: Options, folder: RunFolder, display: Display) -> None:
        self._options = options
        self._folder = folder
        self._display = display
        self._table = Table(display.step)
        automatic = options.mode != "tasks"
        self._daemon = (
            None
            if options.url
            else DaemonProcess(
                folder.daemon, settings=SETTINGS if automatic else None, automatic=automatic
            )
        )

    async def run(self) -> Report:
        """Run all test cases and return the report."""
        began = time.monotonic()
        self._display.phase("simulating DC-0")
        dc0 = await asyncio.to_thread(self._simulate)
        url = self._options.url or None
        async with self._daemon_up() as address:
            if address is None:
                cases = None
            else:
                cases = await self._all_cases(dc0, address)
                endpoints = address.find()
                url = endpoints.rest if endpoints is not None and self._options.keep else url
        return self._report(dc0, cases, url, time.monotonic() - began)

    def end_now(self) -> None:
        """Kill what may still be running after an interrupted run."""
        if self._daemon is not None:
            self._daemon.end_now()

    def _simulate(self) -> Dc0:
        chosen = self._options.bursts or None
        return simulate_dc0(
            self._folder.data,
            self._options.seed,
            chosen,
            lambda name, number, total: self._display.advance(number, total, name),
        )

    async def _all_cases(self, dc0: Dc0, address: Address) -> Cases:
        run = f"-{self._folder.path.name.removeprefix('run-')}" if self._options.url else ""
        catalogue = catalogue_of(dc0, run=run)
        catalogue.write()
        async with (
            running_tts(catalogue, address, self._folder.products) as tts,
            rest_session() as session,
            RestClient(address) as rest,
        ):
            cases = Cases(
                self._table,
                self._display,
                dc0,
                address,
                tts,
                session,
                rest,
                self._daemon,
                run,
                output=self._folder.products,
            )
            await cases.all(self._options.mode)
        return cases

    @asynccontextmanager
    async def _daemon_up(self) -> AsyncIterator[Address | None]:
        """Keep a daemon running while the context is open (None: it does not start)."""
        daemon = self._daemon
        if daemon is None:
            yield Address.fixed(self._options.url, self._options.nats)
            return
        self._display.phase("starting the daemon")
        limit_s: float | None = _INTERRUPT_STOP_S
        try:
            up = await self._table.step("FSC-2041", "service starts", self._start)
            if not up:
                await self._not_reached()
            yield Address(daemon.endpoints) if up else None
            limit_s = None if up and self._options.keep else _STOP_S
        finally:
            if daemon.running and limit_s is not None:
                self._display.phase("stopping the daemon")
                await daemon.stop(limit_s=limit_s)

    async def _start(self) -> str:
        if self._daemon is None:
            raise StepFailedError("no daemon to start: one at --url is in use")
        seconds = await self._daemon.start()
        return f"ready after {seconds:.1f} s"

    async def _not_reached(self) -> None:
        async def fail() -> str:
            raise StepFailedError("not reached: the daemon did not start")

        for case in CASES:
            await self._table.step(case, "all further steps", fail)

    def _report(self, dc0: Dc0, cases: Cases | None, url: str | None, seconds: float) -> Report:
        records, run = (cases.records, cases.run_tag) if cases is not None else ((), "")
        results = read_results(records, run)
        pulls = (*duration_comparison(dc0, results), *spectrum_comparison(dc0, results))
        return Report(
            seed=self._options.seed,
            passed=self._table.passed,
            seconds=seconds,
            steps=self._table.steps,
            bursts=burst_rows(dc0, results, records, run),
            pulls=pulls,
            counts=tuple(counts_of(pulls)),
            products=str(self._folder.products),
            output=str(self._folder.path),
            daemon_url=url,
        )
