"""The quick look of the scenario: packets one by one, and a retraction."""

import asyncio

import numpy as np

from eclgrmd.model.mission_time import utc_of_met
from eclgrmd.model.names import Instrument
from eclgrmd.model.quicklook.packet import packet_to_json
from testbench.quicklook.counts import BANDS_KEV, FineCounts
from testbench.quicklook.sequence import make_sequence

from .site import ScenarioError, Site

__all__ = ["QUICK", "play_quick_look", "retract"]

QUICK = "sb26120101"
"""Burst of the quick look."""
_T0_MET_S = 3.2e8
"""Trigger time of the quick look, mission time, seconds."""
_PACKETS = 30
"""Number of packets of the quick look: they reach beyond the end of the burst."""


async def play_quick_look(site: Site) -> None:
    """Send packets one by one, each after the analysis of the previous one: one update each."""
    if await site.post("/api/v1/notice", _notice(201, "trigger", "2027-02-21T16:53:30")) != 201:
        raise ScenarioError("the notice was refused")
    for number, sent in enumerate(make_sequence(QUICK, _T0_MET_S, [_box()])[:_PACKETS], start=1):
        await site.post("/api/v1/packet", packet_to_json(sent.packet))
        await site.until(f"packet {number} is analysed", lambda: _analysed(site))
    await asyncio.to_thread(
        site.database.execute,
        "UPDATE vhf SET silent_at = UTC_TIMESTAMP(6) WHERE burst_id = %s",
        QUICK,
    )
    await site.until("the quick look is final", lambda: _vhf(site, "state = 'final'"))
    await site.until("its products are made", lambda: _vhf(site, "produced = announced"))


async def retract(site: Site) -> None:
    """Send a retraction of the burst of the quick look."""
    await site.post("/api/v1/notice", _notice(219, "retraction", "2027-02-21T17:00:00"))
    await site.until("the burst is withdrawn", lambda: _vhf(site, "state = 'withdrawn'"))


def _box() -> FineCounts:
    """Return the counts of a box of 10 s over a constant background."""
    edges_s = np.arange(-400, 1200) * 0.064
    share = np.clip((np.minimum(edges_s + 0.064, 11.0) - np.maximum(edges_s, 1.0)) / 0.064, 0, 1)
    expected = 0.064 * (250.0 + 800.0 * share[:, None] * np.array([0.1, 0.4, 0.4, 0.1]))
    counts = np.random.default_rng(1).poisson(expected).astype(float)[:, None, :]
    bands = BANDS_KEV[Instrument.GRM]
    live = np.ones(len(edges_s))
    return FineCounts(Instrument.GRM, ("GRD01",), bands, float(edges_s[0]), counts, live)


async def _analysed(site: Site) -> bool:
    """Return whether all packets are analysed and the first announcement has products."""
    return await _vhf(
        site,
        "analysed_packet = last_packet AND analysed_told = told "
        "AND (announced = 0 OR produced > 0)",
    )


async def _vhf(site: Site, condition: str) -> bool:
    rows = await site.ask(f"SELECT 1 FROM vhf WHERE burst_id = %s AND {condition}", QUICK)  # noqa: S608 (constants of this module)
    return bool(rows)


def _notice(kind: int, name: str, date: str) -> bytes:
    return f"""<?xml version="1.0"?>
<voe:VOEvent xmlns:voe="http://www.ivoa.net/xml/VOEvent/v2.0" role="observation" version="2.0"
 ivorn="ivo://org.svom/fsc#{QUICK}_{name}">
<Who><AuthorIVORN>ivo://org.svom/fsc</AuthorIVORN><Date>{date}</Date></Who>
<What><Param name="Packet_Type" value="{kind}"/><Param name="Instrument" value="GRM"/>
<Group name="Svom_Identifiers"><Param name="Burst_Id" value="{QUICK}"/></Group>
<Group name="Detection_Info">
<Param name="Time_Window_Start" value="{utc_of_met(_T0_MET_S - 3.0)}"/></Group></What>
</voe:VOEvent>""".encode()
