"""A daemon in miniature: starts both private servers and waits to be killed."""

import asyncio
import json
import sys
from pathlib import Path

from eclgrmd.embedded import PrivateMariaDB, PrivateNats


async def main(state_dir: Path) -> None:
    async with PrivateMariaDB(state_dir) as mariadb, PrivateNats(state_dir) as nats:
        facts = {
            "socket": str(mariadb.unix_socket),
            "user": mariadb.user,
            "url": nats.url,
            "pids": [mariadb.pid, nats.pid],
        }
        print(json.dumps(facts), flush=True)  # noqa: T201 - its caller reads this
        await asyncio.Event().wait()


asyncio.run(main(Path(sys.argv[1])))
