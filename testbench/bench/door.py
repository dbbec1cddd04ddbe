"""`testbench/bench/door`: what the checks at the front door cost a request.

A server answers the cheapest request, `/health/live`, with and without the checks of Host, Origin,
role and budget, in turns within one run. Prints the CPU time of a request both ways, and the ratio.
"""

import asyncio
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from types import SimpleNamespace
from typing import cast

from eclgrmd.api.access.budgets import mark_with_budget
from eclgrmd.api.access.known_tokens import KnownTokens
from eclgrmd.api.server import RestServer
from eclgrmd.api.services import Services
from eclgrmd.metrics import Metrics
from eclgrmd.settings.daemon import Settings
from eclgrmd.settings.live import LiveSettings, LoadedSettings
from eclgrmd.settings.rest import RestSettings
from eclgrmd.store.sql.database import Database
from testbench.command_line import command_parser

__all__ = ["main"]

_CHECKS = 2
"""Innermost middlewares of the server: Host and Origin, then role and budget."""
_CLIENT = """
import http.client, sys
host, port, number = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
connection = http.client.HTTPConnection(host, port)
for _ in range(number):
    connection.request("GET", "/health/live")
    answer = connection.getresponse()
    answer.read()
    assert answer.status == 200
"""


async def _cost_s(number: int, *, checked: bool) -> float:
    """Return the CPU time of one request, seconds."""
    rest = RestSettings(port=0, open_loopback="on", client_requests=10**9)
    settings = LiveSettings(LoadedSettings(Settings(rest=rest)))
    tokens = KnownTokens(cast(Database, None))
    services = SimpleNamespace(settings=settings, metrics=Metrics(), tokens=tokens)
    server = RestServer(cast(Services, services))
    if not checked:
        app = server._runner.app  # noqa: SLF001 - nobody else takes the checks out
        del app.middlewares[-_CHECKS:]
        app.on_response_prepare.remove(mark_with_budget)
    await server.start()
    host, _, port = server.url.removeprefix("http://").rpartition(":")
    began_s = time.process_time()
    words = (sys.executable, "-c", _CLIENT, host, port, str(number))
    await asyncio.to_thread(subprocess.run, words, check=True)
    spent_s = time.process_time() - began_s
    await server.stop()
    return spent_s / number


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command."""
    parser = command_parser("bench/door", __doc__)
    parser.add_argument("--requests", type=int, default=2000, help="per turn; default: %(default)s")
    parser.add_argument("--turns", type=int, default=15, help="default: %(default)s")
    options = parser.parse_args(arguments)
    pairs = [
        tuple(asyncio.run(_cost_s(options.requests, checked=each)) for each in (True, False))
        for _ in range(options.turns)
    ]
    with_us, without_us = (1e6 * statistics.median(costs) for costs in zip(*pairs, strict=True))
    ratio = statistics.median(one / other for one, other in pairs)
    print(
        f"{with_us:.0f} us of CPU with all checks, {without_us:.0f} us without, ratio {ratio:.3f}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
