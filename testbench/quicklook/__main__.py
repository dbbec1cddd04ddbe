"""`testbench/vhf`: play the VHF network and measure how soon T90 is right.

`study` analyses the packets without a daemon; `live` sends them to one, in real time or faster.
"""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from testbench.command_line import command_parser
from testbench.daemon_process import DaemonProcess

from .convergence import Trace
from .disturbance import Disturbance
from .live import Latencies, play_bursts, warm_up
from .report import draw, table
from .sources import PlayedBurst, real_bursts, simulated_burst
from .study import study

_DISTURBANCES = {
    "loss": "lost",
    "duplication": "sent twice",
    "reordering": "up to 12 s late",
    "corruption": "damaged",
}
"""Options of the disturbance, with the effect on a packet."""
_LEVELS = (50, 90, 99, 100)
"""Percentiles of the latency that are printed."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Play the bursts; print the table and write table and figure."""
    options = _options(arguments)
    disturbance = Disturbance(
        options.loss, options.duplication, options.reordering, options.corruption, options.first
    )
    output = Path(options.output)
    output.mkdir(parents=True, exist_ok=True)
    if options.command == "study":
        traces = study(_bursts(options), disturbance, output / "traces.jsonl")
    else:
        traces, latencies = asyncio.run(_live(options, disturbance))
        print(_latency_line("packet to update", latencies.recorded))
        print(_latency_line("packet to announced update", latencies.announced))
        print(_cpu_line(latencies))
    text = table(traces)
    print(text)
    (output / "t90.txt").write_text(text + "\n", encoding="utf-8")
    draw(traces, output / "t90.png")
    print(f"table and figure are in {output}")
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = command_parser("vhf", __doc__)
    parser.add_argument(
        "command", choices=("study", "live"), help="without a daemon, or through one"
    )
    parser.add_argument("--bursts", type=int, default=20, help="number of simulated bursts")
    parser.add_argument("--first", type=int, default=1, help="seed of the first simulated burst")
    parser.add_argument("--real", type=Path, help="also play the real bursts in this folder")
    parser.add_argument(
        "--speed", type=float, default=1.0, help="live: 1 is real time, 0 sends at once"
    )
    parser.add_argument("--followers", type=int, default=1, help="live: setting vhf.workers")
    parser.add_argument(
        "--silence", type=float, default=10.0, help="live: setting vhf.silence_s, seconds"
    )
    for name, meaning in _DISTURBANCES.items():
        parser.add_argument(
            f"--{name}", type=float, default=0.0, help=f"part of the packets, 0 to 1: {meaning}"
        )
    parser.add_argument("--output", default="vhf-results", help="folder for table and figure")
    return parser.parse_args(arguments)


def _bursts(options: argparse.Namespace) -> Iterator[PlayedBurst]:
    if options.real is not None:
        yield from real_bursts(options.real)
    for seed in range(options.first, options.first + options.bursts):
        yield simulated_burst(seed)


async def _live(
    options: argparse.Namespace, disturbance: Disturbance
) -> tuple[list[Trace], Latencies]:
    bursts = list(_bursts(options))
    with tempfile.TemporaryDirectory(prefix="eclgrmd-vhf-") as folder:
        process = DaemonProcess(
            Path(folder),
            settings={
                "ECLGRMD_VHF_SILENCE_S": str(options.silence),
                "ECLGRMD_VHF_WORKERS": str(options.followers),
            },
        )
        await process.start()
        try:
            await warm_up(process, simulated_burst(options.first + options.bursts))
            print(f"{len(bursts)} bursts at the same time, speed {options.speed:g}", flush=True)
            return await play_bursts(
                process, bursts, disturbance, speed=options.speed, silence_s=options.silence
            )
        finally:
            await process.stop()


def _cpu_line(latencies: Latencies) -> str:
    each_ms = {part: s / latencies.sent * 1e3 for part, s in sorted(latencies.cpu_s.items())}
    shown = ", ".join(f"{part} {ms:.1f}" for part, ms in each_ms.items())
    return f"CPU time per packet: {sum(each_ms.values()):.1f} ms ({shown})"


def _latency_line(name: str, seconds: list[float]) -> str:
    if not seconds:
        return f"{name}: none"
    values = np.percentile(seconds, _LEVELS, method="higher")
    shown = ", ".join(f"{v:.3f} s ({p:g} %)" for v, p in zip(values, _LEVELS, strict=True))
    return f"{name}, {len(seconds)} packets: {shown}"


if __name__ == "__main__":
    sys.exit(main())
