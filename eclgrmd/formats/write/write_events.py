"""Writing of the events of one detector as an OGIP event list."""

import numpy as np

from eclgrmd.formats.fits.provenance import Provenance
from eclgrmd.model.observation import EventList

from .hdus import MET, bounds_table, gti_table, ogip, table, to_bytes

__all__ = ["events_to_fits"]


def events_to_fits(events: EventList, provenance: Provenance) -> bytes:
    """Encode events as EVENTS (TIME, PI), GTI and, if the channels are known, EBOUNDS.

    References
    ----------
    OGIP 94-003 for the tables; Fermi-GBM's TTE files for the keywords of dead time.
    """
    channels = events.channels
    number = events.channel if channels is None else channels.number[events.channel]
    span = events.gti_s.ravel() + provenance.t0_met_s
    start, stop = (span[0], span[-1]) if len(span) else (provenance.t0_met_s, provenance.t0_met_s)
    cards = [
        *ogip("EVENTS", "ALL"),
        ("DETNAM", events.detector, "detector"),
        ("TSTART", float(start), "[s] start of good times"),
        ("TSTOP", float(stop), "[s] end of good times"),
        ("EXPOSURE", float((events.gti_s[:, 1] - events.gti_s[:, 0]).sum()), "[s] good time"),
        ("EVT_DEAD", events.dead_time_s, "[s] dead time of an event"),
        ("EVTDEDHI", events.overflow_dead_time_s, "[s] the same in the last channel"),
    ]
    tables = [
        table(
            "EVENTS",
            [("TIME", "D", MET, events.time_s), ("PI", "J", "", number.astype(np.int32))],
            cards,
            provenance,
        ),
        gti_table(events.gti_s, events.detector, provenance),
    ]
    if channels is not None:
        tables.append(bounds_table(channels, events.detector, provenance))
    return to_bytes(provenance, tables)
