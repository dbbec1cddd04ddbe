"""Attitude and orbit that are delivered with the events of a burst are used by themselves."""

from pathlib import Path

import aiohttp
import msgspec
from msgspec.structs import replace

from testbench.daemon_process import DaemonProcess
from testbench.simulate.burst import Trap
from testbench.simulate.bursts import burst_named
from testbench.simulate.delivery import write_burst
from tests.system.automatic.test_automatic import bring, done, until

BURST = replace(
    burst_named("short"),
    burst_id="sb26110377",
    window_s=(-100.0, 150.0),
    grm=False,
    traps=(Trap.AUXILIARY,),
)


async def test_an_automatic_task_uses_the_orbit(daemon: DaemonProcess, tmp_path: Path) -> None:
    wanted = ("ecl-evt", "ecl-gti", "svom-att", "svom-orb")
    files = [f for f in write_burst(tmp_path, BURST, 1).files if f.name.startswith(wanted)]
    assert len(files) == len(wanted)
    at = daemon.endpoints()
    assert at is not None
    async with aiohttp.ClientSession(at.rest) as http:
        await bring(http, BURST.burst_id, files)
        known = await until(
            http, BURST.burst_id, lambda known: any("temporal" in name for name, _ in done(known))
        )
        (task,) = [t for (name, _), t in done(known).items() if "temporal" in name]
        async with http.get(f"/api/v1/products/{task['id']}/result.json") as answer:
            found = msgspec.json.decode(await answer.read())
    assert known["unused"] == []
    templates = found["durations"][0]["background"]["templates"]
    assert [template["name"] for template in templates] == ["earth", "geomagnetic"]
