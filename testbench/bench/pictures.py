"""`testbench/bench/pictures`: how long a page waits for data for pictures, and for a preview.

A daemon analyses a simulated burst of a million photons. Then a client asks for light curves of
changing windows and bands, for durations, spectra and evolution, and for previews whose background
and source intervals, band, detectors, model and order change as if somebody dragged them. All times
are those of the client, from the request to the last byte.
"""

import asyncio
import dataclasses
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from functools import partial
from itertools import count, repeat
from pathlib import Path
from typing import Any

import numpy as np

from eclgrmd.cli.known_burst import known_burst
from eclgrmd.client import AsyncClient
from eclgrmd.formats import Provenance, events_to_fits, response_to_fits
from eclgrmd.model.observation import EventList
from testbench.command_line import command_parser
from testbench.daemon_process import DaemonProcess

__all__ = ["main"]

_BURST, _TASK = "pictures", "pictures-1"
_PICTURE_MS, _PREVIEW_MS = 50.0, 300.0
"""Targets at 95 % on a quiet machine, milliseconds."""
_CONFIGURATION = {
    "spectral": {"models": ["cpl"], "goodness_spectra": 0, "intervals": ["t100", "blocks"]},
    "duration": {"photon_fluence": False, "character": False},
    "products": {"figures": "never", "tables": False},
}
_LIMIT_S = 1800.0
"""Longest wait for the task, seconds: the first one waits until the numerics are compiled."""

Request = Callable[[], Awaitable[object]]


def burst_files(folder: Path, photons: int) -> list[Path]:
    """Write events and responses of the known burst, with background up to a number of photons."""
    rng = np.random.default_rng(photons)
    observation, written = known_burst(), []
    for events, response in zip(observation.events, observation.responses, strict=True):
        more = max(photons // len(observation.events) - len(events.time_s), 0)
        names = {"events": events_to_fits(_filled(events, more, rng), _provenance(events.detector))}
        names["rsp"] = response_to_fits([response], _provenance(events.detector))
        for kind, content in names.items():
            path = folder / f"{events.detector.lower()}-{kind}.fits"
            path.write_bytes(content)
            written.append(path)
    return written


def _filled(events: EventList, more: int, rng: np.random.Generator) -> EventList:
    low, high = events.gti_s[0, 0], events.gti_s[-1, 1]
    time_s = np.concatenate([events.time_s, rng.uniform(low, high, more)])
    number = 0 if events.channels is None else len(events.channels.number)
    channel = np.concatenate([events.channel, rng.integers(0, number, more)])
    order = np.argsort(time_s)
    return dataclasses.replace(
        events, time_s=time_s[order], channel=channel[order].astype(events.channel.dtype)
    )


def _provenance(detector: str) -> Provenance:
    return Provenance(
        burst_id=_BURST,
        card=f"EVT_{detector}",
        instrument="GRM",
        date_utc="2026-01-01T00:00:00Z",
        t0_met_s=1e8,
        t0_utc="2020-03-03T09:46:40Z",
    )


async def measure(folder: Path, photons: int, samples: int) -> dict[str, list[float]]:
    """Return the times of each kind of request, seconds."""
    files = await asyncio.to_thread(burst_files, folder, photons)
    daemon = DaemonProcess(folder, workers=1)
    await daemon.start()
    try:
        async with AsyncClient(daemon.running_endpoints().rest) as client:
            for file in files:
                await client.upload(_BURST, file)
            names = [file.name for file in files]
            await client.submit(_BURST, names, configuration=_CONFIGURATION, task_id=_TASK)
            async with asyncio.timeout(_LIMIT_S):
                task = await client.wait(_TASK)
            if task.state != "done":
                raise RuntimeError(f"the task ended as {task.state}: {task.reason}")
            found: dict[str, list[float]] = {}
            for name, requests in (*_pictures(client, samples), ("preview", _previews(client))):
                found[name] = await _timed(requests, samples)
            return found
    finally:
        await daemon.stop()


def _pictures(client: AsyncClient, samples: int) -> Iterator[tuple[str, Iterator[Request]]]:
    def whole(number: int) -> Request:
        return partial(client.light_curves, _TASK, points=1000 + number)

    def fine(number: int) -> Request:
        return partial(client.light_curves, _TASK, bin_s=0.004, points=1000 + number)

    def window(number: int) -> Request:
        low = -50.0 + 100.0 * number / samples
        return partial(
            client.light_curves,
            _TASK,
            window_s=(low, low + 20.0),
            bands_kev=[(15, 50), (50, 300), (300, 5000)],
        )

    yield "curve, 1000 bins, everything", map(whole, count())
    yield "curve, 4 ms decimated, everything", map(fine, count())
    yield "curves, 3 bands, a window of 20 s", map(window, count())
    yield "durations", repeat(partial(client.durations, _TASK))
    yield "spectra", repeat(partial(client.spectra, _TASK))
    yield "evolution", repeat(partial(client.evolution, _TASK))


def _previews(client: AsyncClient) -> Iterator[Request]:
    """Yield previews that no earlier one has computed, as while dragging."""
    number = 0
    while True:
        for changes in _dragged(number / 64.0):
            yield partial(_quick, client, changes)
        number += 1


def _dragged(by_s: float) -> Iterator[dict[str, Any]]:
    intervals = [[-50.0 + by_s, -5.0 - by_s], [20.0 + by_s, 75.0]]
    yield {"background": {"mode": "intervals", "intervals_s": intervals}}
    yield {"spectral": {"intervals": [[by_s, 8.0 - by_s]]}}
    yield {"duration": {"band_kev": [20.0 + by_s, 900.0]}}
    yield {"detectors": ["GRD01"], "duration": {"band_kev": [20.0 + by_s, 1000.0]}}
    order = {"mode": "intervals", "order": 1, "intervals_s": intervals}
    yield {"background": order}
    yield {"spectral": {"models": ["band"], "intervals": [[by_s, 9.0 - by_s]]}}


async def _quick(client: AsyncClient, changes: dict[str, Any]) -> None:
    found = await client.preview(_BURST, changes)
    if not found.quick:
        raise RuntimeError(f"no preview: {found.reason}")


async def _timed(requests: Iterator[Request], samples: int) -> list[float]:
    """Return the times of some requests; the first one, which opens the data, comes first."""
    times = []
    for _, request in zip(range(samples + 1), requests, strict=False):
        began = time.perf_counter()
        await request()
        times.append(time.perf_counter() - began)
    return times


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and return 0 if the targets are met."""
    parser = command_parser("bench/pictures", __doc__)
    parser.add_argument("--samples", type=int, default=100, help="default: %(default)s")
    parser.add_argument("--photons", type=int, default=1_000_000, help="default: %(default)s")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="eclgrmd-pictures-") as folder:
        found = asyncio.run(measure(Path(folder), options.photons, options.samples))
    good = True
    for name, (first, *times) in found.items():
        target = _PREVIEW_MS if name == "preview" else _PICTURE_MS
        at_95 = 1e3 * statistics.quantiles(times, n=20)[-1]
        good = good and at_95 <= target
        print(
            f"{name:34} median {1e3 * statistics.median(times):6.1f} ms, 95 % {at_95:6.1f} ms "
            f"(target {target:g} ms), the first {1e3 * first:6.0f} ms"
        )
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
