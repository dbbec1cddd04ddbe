"""The scenario of the golden set: events in the same order in every run."""

import asyncio
import shutil
from pathlib import Path
from typing import Any

import aiohttp
import nats

from eclgrmd import __version__
from testbench.simulate.arguments import DEFAULT_SEED
from testbench.simulate.delivery import Dc0, simulate_dc0

from .messages import (
    read_all_messages,
    send_bad_messages,
    wait_until_quiet,
    write_lost_announcements,
)
from .quick_look import play_quick_look, retract
from .rest import one_task_too_many, rest_answers
from .rows import Database
from .site import Site, daemon_up, serve_folder
from .tasks import result_of, run_odd_burst, run_tasks

__all__ = ["Scenario"]


class Scenario:
    """A run of the scenario and its results.

    Parameters
    ----------
    folder
        Empty; gets data, products and the state of the daemon.
    bursts
        Names of the simulated bursts; None: all.
    """

    def __init__(self, folder: Path, bursts: tuple[str, ...] | None = None) -> None:
        self._folder = folder
        self._bursts = bursts
        self.results: dict[str, Any] = {}
        """`result.json` of each task of DC-0, or its state if it has none."""
        self.answers: dict[str, Any] = {}
        """Responses of the REST interface, not yet masked."""
        self.messages: list[tuple[str, Any]] = []
        """Subject and body of all announcements."""
        self.tables: dict[str, str] = {}
        """CREATE statement of each table."""
        self.rows: dict[str, list[dict[str, Any]]] = {}
        self.names: dict[str, str] = {}
        """Names of addresses and folders of this run."""

    async def run(self) -> None:
        """Play the whole scenario."""
        data = self._folder / "data"
        dc0 = await asyncio.to_thread(simulate_dc0, data, DEFAULT_SEED, self._bursts)
        await asyncio.to_thread(_calibrate, dc0, self._folder / "calibration")
        async with daemon_up(self._folder) as process, serve_folder(data) as url:
            at = process.running_endpoints()
            self.names = {
                at.rest: "{rest}",
                at.rest.removeprefix("http://"): "{rest address}",
                url: "{data}",
                str(process.state_dir): "{state}",
                str(self._folder): "{folder}",
                f"eclgrmd {__version__}": "eclgrmd {version}",
            }
            client = await nats.connect(at.nats)
            database = Database(process.state_dir / "run" / "mariadb.sock")
            try:
                async with aiohttp.ClientSession() as session:
                    await self._play(Site(at.rest, session, client, database), dc0, url)
            finally:
                await client.close()
                database.close()

    async def _play(self, site: Site, dc0: Dc0, url: str) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(play_quick_look(site), name="quick look")
            group.create_task(run_tasks(site, dc0, url), name="tasks")
        self.results = {
            task.id: await result_of(site, task.id) for burst in dc0.bursts for task in burst.tasks
        }
        await run_odd_burst(site)
        await send_bad_messages(site)
        await retract(site)
        await write_lost_announcements(site)
        await wait_until_quiet(site)
        self.answers = await rest_answers(site.session, site.rest)
        await wait_until_quiet(site)
        self.messages = await read_all_messages(site.nats)
        self.tables = await asyncio.to_thread(site.database.tables)
        self.rows = await asyncio.to_thread(site.database.everything)
        # Last, because the number of tasks that are sent until the refusal differs from run to run.
        too_many = await one_task_too_many(site.session, site.rest)
        self.answers["POST /task when as many as may be are open"] = too_many


def _calibrate(dc0: Dc0, folder: Path) -> None:
    """Copy the responses of the first burst to where the quick look reads them."""
    folder.mkdir()
    for path in sorted(dc0.bursts[0].folder.glob("grm-spec_*.rsp")):
        shutil.copy(path, folder)
