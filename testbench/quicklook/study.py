"""Analyses bursts packet by packet without a daemon: thousands of packets in minutes."""

from collections.abc import Iterable
from pathlib import Path

import msgspec

from eclgrmd.analysis.quicklook.burst import GrowingBurst
from eclgrmd.analysis.quicklook.results import BurstSoFar
from eclgrmd.analysis.temporal.results import DurationMeasurement
from eclgrmd.model.quicklook.binary import read_packet

from .convergence import Final, Point, Trace
from .disturbance import Disturbance, disturbed
from .sources import PlayedBurst

__all__ = ["final_of", "study"]


def study(
    bursts: Iterable[PlayedBurst], disturbance: Disturbance, output: Path | None
) -> list[Trace]:
    """Return traces of bursts; those already in `output` (JSON lines) are not computed again.

    A burst that is not detected in the full data has no trace.
    """
    kept = _kept(output)
    done = {trace.burst_id for trace in kept}
    for burst in bursts:
        if burst.burst_id in done:
            continue
        traces = _traces(burst, disturbance)
        kept += traces
        print(f"  {burst.burst_id}: {burst.story} {len(traces)} traces", flush=True)
        if output is not None:
            with output.open("ab") as file:
                file.writelines(msgspec.json.encode(trace) + b"\n" for trace in traces)
    return kept


def final_of(measured: DurationMeasurement) -> Final | None:
    """Return the result of the full data for one instrument; None: no burst."""
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


def _traces(burst: PlayedBurst, disturbance: Disturbance) -> list[Trace]:
    stream, points = GrowingBurst(), dict[str, list[Point]]()
    shots = [shot for shot in disturbed(burst.sequence, disturbance) if not shot.damaged]
    for shot in shots:
        if stream.add(read_packet(shot.payload)):
            _add_points(points, stream.measure(), shot.at_s)
    if shots:
        _add_points(points, stream.measure(final=True), shots[-1].at_s)
    finals = {str(m.instrument): final_of(m) for m in burst.final().durations}
    return [
        Trace(burst.burst_id, burst.story, instrument, final, tuple(points.get(instrument, ())))
        for instrument, final in finals.items()
        if final is not None
    ]


def _add_points(points: dict[str, list[Point]], found: BurstSoFar | None, at_s: float) -> None:
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
