"""Follows bursts packet by packet without a daemon: thousands of packets in minutes."""

from collections.abc import Iterable
from pathlib import Path

import msgspec

from eclgrmd.analysis.quicklook.results import BurstSoFar
from eclgrmd.analysis.quicklook.stream import BurstStream
from eclgrmd.analysis.temporal.results import DurationMeasurement
from eclgrmd.model.quicklook.binary import read_packet

from .convergence import Final, Point, Trace
from .disturbance import Disturbance, disturbed
from .sources import PlayedBurst

__all__ = ["final_of", "study"]


def study(
    bursts: Iterable[PlayedBurst], disturbance: Disturbance, output: Path | None
) -> list[Trace]:
    """Follow bursts; traces are kept in `output` (JSON lines), and those there are not done again.

    A burst that the full data do not show has no trace.
    """
    kept = _kept(output)
    done = {trace.burst_id for trace in kept}
    for burst in bursts:
        if burst.burst_id in done:
            continue
        traces = _followed(burst, disturbance)
        kept += traces
        print(f"  {burst.burst_id}: {burst.story} {len(traces)} traces", flush=True)
        if output is not None:
            with output.open("ab") as file:
                file.writelines(msgspec.json.encode(trace) + b"\n" for trace in traces)
    return kept


def final_of(measured: DurationMeasurement) -> Final | None:
    """Give what the full data tell of one instrument."""
    t90 = measured.t90
    if measured.t100_s is None or t90.value_s is None:
        return None
    return Final(
        t90.value_s,
        t90.err_minus_s or 0.0,
        t90.err_plus_s or 0.0,
        measured.t100_s[1],
        measured.significance or 0.0,
    )


def _kept(output: Path | None) -> list[Trace]:
    if output is None or not output.exists():
        return []
    lines = output.read_bytes().splitlines()
    return [msgspec.json.decode(line, type=Trace) for line in lines]


def _followed(burst: PlayedBurst, disturbance: Disturbance) -> list[Trace]:
    stream, points = BurstStream(), dict[str, list[Point]]()
    shots = [shot for shot in disturbed(burst.sequence, disturbance) if not shot.damaged]
    for shot in shots:
        if stream.add(read_packet(shot.payload)):
            _take(points, stream.measure(), shot.at_s)
    if shots:
        _take(points, stream.measure(final=True), shots[-1].at_s)
    finals = {str(m.instrument): final_of(m) for m in burst.final().durations}
    return [
        Trace(burst.burst_id, burst.story, instrument, final, tuple(points.get(instrument, ())))
        for instrument, final in finals.items()
        if final is not None
    ]


def _take(points: dict[str, list[Point]], found: BurstSoFar | None, at_s: float) -> None:
    if found is None:
        return
    for seen in found.instruments:
        t90 = seen.measurement.t90
        if t90.value_s is not None:
            named = found.classification
            points.setdefault(str(seen.instrument), []).append(
                Point(
                    at_s,
                    t90.value_s,
                    t90.err_minus_s or 0.0,
                    t90.err_plus_s or 0.0,
                    str(seen.progress),
                    "" if named is None else named.name,
                )
            )
