"""A daemon in miniature: private servers, a worker that computes, and waiting to be killed."""

import asyncio
import json
import sys
from pathlib import Path

from eclgrmd.compute import Workers
from eclgrmd.embedded import PrivateMariaDB, PrivateNats


async def main(state_dir: Path) -> None:
    async with (
        PrivateMariaDB(state_dir) as mariadb,
        PrivateNats(state_dir) as nats,
        Workers(1) as workers,
        asyncio.TaskGroup() as tasks,
    ):
        worker = await workers.call("os:getpid")
        tasks.create_task(workers.call("time:sleep", 600.0), name="computing")
        facts = {
            "socket": str(mariadb.unix_socket),
            "user": mariadb.user,
            "url": nats.url,
            "servers": [mariadb.pid, nats.pid],
            "pids": [mariadb.pid, nats.pid, worker],
        }
        print(json.dumps(facts), flush=True)  # noqa: T201 - its caller reads this
        await asyncio.Event().wait()


asyncio.run(main(Path(sys.argv[1])))
