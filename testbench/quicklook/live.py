"""Sends bursts to a running daemon and reads its updates."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import aiohttp

from eclgrmd.model.quicklook.packet import LightCurvePacket
from testbench.daemon_process import DaemonProcess

from .convergence import Point, Trace
from .cpu import cpu_by_part
from .disturbance import Disturbance, Shot, disturbed
from .player import Played, play
from .sources import PlayedBurst
from .study import final_of

__all__ = ["Latencies", "play_bursts", "warm_up"]

_WARM_POLLS, _POLL_S = 900, 0.2
"""Number of looks for a first update, and the time between them in seconds."""


class Latencies:
    """Delays from sending a packet to its effects, seconds."""

    def __init__(self) -> None:
        self.recorded: list[float] = []
        """Until an update that includes it could be fetched; packets from the first light curve on,
        before which there is nothing to update."""
        self.announced: list[float] = []
        """Until the announcement that it caused; the newest packet of each announcement."""
        self.sent = 0
        """Packets sent."""
        self.cpu_s: dict[str, float] = {}
        """CPU time of all of them together, by part of the daemon (`cpu_by_part`)."""


async def play_bursts(
    process: DaemonProcess,
    bursts: Sequence[PlayedBurst],
    disturbance: Disturbance,
    *,
    speed: float,
    silence_s: float,
) -> tuple[list[Trace], Latencies]:
    """Play all bursts at the same time; return their traces and the latencies."""
    at = process.running_endpoints()
    shots: list[Shot] = []
    for number, burst in enumerate(bursts):
        # spread over a second: packets of real bursts are not synchronous
        offset_s = number / max(len(bursts), 1)
        shots += [
            Shot(s.at_s + offset_s, s.burst_id, s.made_met_s, s.payload, s.damaged)
            for s in disturbed(burst.sequence, disturbance)
        ]
    before = cpu_by_part(at.pid)
    played = await play(at.nats, shots, speed=speed, linger_s=silence_s + 5.0, progress=True)
    latencies, traces = Latencies(), list[Trace]()
    latencies.sent, latencies.cpu_s = len(shots), _since(before, cpu_by_part(at.pid))
    async with aiohttp.ClientSession(at.rest) as session:
        for burst in bursts:
            rows = await _updates(session, burst.burst_id)
            _measure(latencies, played, burst, rows)
            traces += _traces(burst, rows)
    for announced in played.announced:
        newest = announced.activity.get("headline", {}).get("newest_met_s")
        sent = played.sent.get((announced.activity["burst_id"], newest))
        if sent is not None and announced.activity["why"] != "final":
            latencies.announced.append(announced.at - sent)
    return traces, latencies


def _since(before: dict[str, float], now: dict[str, float]) -> dict[str, float]:
    return {part: seconds - before.get(part, 0.0) for part, seconds in now.items()}


async def warm_up(process: DaemonProcess, burst: PlayedBurst) -> None:
    """Wait until the daemon analyses packets: kernels may have to be compiled first."""
    at = process.running_endpoints()
    await play(at.nats, disturbed(burst.sequence[:20], Disturbance()), speed=0.0, linger_s=0.0)
    async with aiohttp.ClientSession(at.rest) as session:
        for _ in range(_WARM_POLLS):
            if await _updates(session, burst.burst_id):
                return
            await asyncio.sleep(_POLL_S)
    raise RuntimeError("the daemon does not update the burst")


async def _updates(session: aiohttp.ClientSession, burst_id: str) -> list[dict[str, Any]]:
    async with session.get(f"/api/v1/bursts/{burst_id}/vhf/updates?limit=1000") as answer:
        found: dict[str, Any] = await answer.json()
    return list(found.get("updates", ()))


def _measure(
    latencies: Latencies, played: Played, burst: PlayedBurst, rows: list[dict[str, Any]]
) -> None:
    times = [(datetime.fromisoformat(r["at"]).astimezone(UTC).timestamp(), r["body"]) for r in rows]
    first = min(s.packet.time_s for s in burst.sequence if isinstance(s.packet, LightCurvePacket))
    for (burst_id, made), sent in played.sent.items():
        if burst_id == burst.burst_id and made >= first:
            after = [at for at, body in times if body["newest_met_s"] >= made and at >= sent]
            if after:
                latencies.recorded.append(min(after) - sent)


def _traces(burst: PlayedBurst, rows: list[dict[str, Any]]) -> list[Trace]:
    traces = []
    for measured in burst.final().durations:
        final = final_of(measured)
        if final is None:
            continue
        points = [
            point
            for row in rows
            if (point := _point(row["body"], str(measured.instrument), burst.t0_met_s)) is not None
        ]
        traces.append(
            Trace(burst.burst_id, burst.story, str(measured.instrument), final, tuple(points))
        )
    return traces


def _point(body: dict[str, Any], instrument: str, t0_met_s: float) -> Point | None:
    for seen in body["instruments"]:
        t90 = seen["duration"]["t90"]
        if seen["instrument"] == instrument and t90["value_s"] is not None:
            named = body["classification"]
            return Point(
                body["newest_met_s"] - t0_met_s,
                t90["value_s"],
                t90["err_minus_s"] or 0.0,
                t90["err_plus_s"] or 0.0,
                seen["progress"],
                "" if named is None else named["name"],
            )
    return None
