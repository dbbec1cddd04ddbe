"""Packets and notices of made-up bursts whose truth is known."""

import numpy as np

from eclgrmd.model.mission_time import utc_of_met
from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import Floats
from eclgrmd.model.quicklook.packet import LightCurvePacket, Packet
from testbench.quicklook.made_up import BIN_S, QUICK_BURST, T0_MET_S, made_up_sequence
from testbench.quicklook.sequence import Sent

__all__ = ["T0", "box_sequence", "light_curve", "notice", "packets"]

T0 = T0_MET_S


def box_sequence(
    start_s: float,
    stop_s: float,
    rate: float,
    *,
    seed: int = 1,
    background: float = 1000.0,
    burst_id: str = QUICK_BURST,
) -> list[Sent]:
    """Play a box: its T90 is 0.9 of its width, whatever the band."""

    def box(time_s: Floats) -> Floats:
        covered_s = np.minimum(time_s + BIN_S, stop_s) - np.maximum(time_s, start_s)
        return rate * np.clip(covered_s / BIN_S, 0, 1)

    return made_up_sequence(box, seed=seed, background=background, burst_id=burst_id)


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
