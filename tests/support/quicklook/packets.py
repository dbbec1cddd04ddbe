"""Packets and notices of made-up bursts whose truth is known."""

import numpy as np

from eclgrmd.model.mission_time import utc_of_met
from eclgrmd.model.names import Instrument
from eclgrmd.model.quicklook.packet import LightCurvePacket, Packet
from testbench.quicklook.counts import FineCounts
from testbench.quicklook.sequence import Sent, make_sequence

__all__ = ["T0", "box_sequence", "light_curve", "notice", "packets"]

T0 = 3.2e8
BANDS = ((8.54, 17.08), (17.08, 51.24), (51.24, 264.7), (264.7, 5000.0))
SHARES = np.array([0.1, 0.4, 0.4, 0.1])
"""Of the burst's counts; the background has a quarter in each band."""


def box_sequence(
    start_s: float,
    stop_s: float,
    rate: float,
    *,
    seed: int = 1,
    background: float = 1000.0,
    burst_id: str = "sb26010101",
) -> list[Sent]:
    """Play a box: its T90 is 0.9 of its width, whatever the band."""
    edges = np.arange(-1000, 2500) * 0.064
    share = np.clip((np.minimum(edges + 0.064, stop_s) - np.maximum(edges, start_s)) / 0.064, 0, 1)
    expected = 0.064 * (background / 4 + rate * share[:, None] * SHARES)
    counts = np.random.default_rng(seed).poisson(expected).astype(float)[:, None, :]
    source = FineCounts(
        Instrument.GRM, ("GRD01",), BANDS, float(edges[0]), counts, np.ones(len(edges))
    )
    return make_sequence(burst_id, T0, [source])


def light_curve(
    start_s: float, bin_s: float, counts: list[int], number: int = 0
) -> LightCurvePacket:
    """Make one packet of one band."""
    return LightCurvePacket(
        burst_id="sb26010101", number=0, time_s=T0 + start_s, instrument=Instrument.GRM,
        priority="high", start_s=T0 + start_s, bin_s=bin_s, bands_kev=((15.0, 50.0),),
        detectors=("GRD01",), counts=((tuple(counts),),),
    )  # fmt: skip


def notice(kind: int, name: str, date: str, burst_id: str = "sb26010101") -> bytes:
    """Write a notice of Packet_Type `kind`; the window starts 3 s before T0."""
    return f"""<?xml version="1.0"?>
<voe:VOEvent xmlns:voe="http://www.ivoa.net/xml/VOEvent/v2.0" role="observation" version="2.0"
 ivorn="ivo://org.svom/fsc#{burst_id}_{name}">
<Who><AuthorIVORN>ivo://org.svom/fsc</AuthorIVORN><Date>{date}</Date></Who>
<What><Param name="Packet_Type" value="{kind}"/><Param name="Instrument" value="GRM"/>
<Group name="Svom_Identifiers"><Param name="Burst_Id" value="{burst_id}"/></Group>
<Group name="Detection_Info">
<Param name="Time_Window_Start" value="{utc_of_met(T0 - 3.0)}"/></Group></What>
</voe:VOEvent>""".encode()


def packets(sequence: list[Sent]) -> list[Packet]:
    """Return the packets without their times."""
    return [sent.packet for sent in sequence]
