"""The provenance of a product: the primary keywords of every FITS file that is written."""

import warnings
from dataclasses import dataclass
from functools import lru_cache

from astropy.time import Time

from eclgrmd.model.names import Instrument

__all__ = ["TELESCOPES", "UNKNOWN_TELESCOPE", "Provenance", "reference_epoch"]

UNKNOWN_TELESCOPE = "UNKNOWN"
"""TELESCOP of a product whose input files do not name the mission."""
TELESCOPES = {
    Instrument.ECLAIRS: "SVOM",
    Instrument.GRM: "SVOM",
    Instrument.GBM: "GLAST",
    Instrument.LAT: "GLAST",
    Instrument.BAT: "SWIFT",
    Instrument.BATSE: "COMPTON GRO",
    Instrument.KONUS: "WIND",
    Instrument.ECLGRM: "SVOM",
    Instrument.OTHER: UNKNOWN_TELESCOPE,
}
"""TELESCOP of each instrument, as in the mission's own files."""
EPOCHS = ((57754, 0.000800740741), (51910, 0.00074287037037037))
"""MJDREFI and MJDREFF (TT) of SVOM (2017-01-01 UTC), and of Fermi and Swift (2001-01-01 UTC)."""
EPOCH_ROUNDING_DAY = 1e-9
"""Difference within which an epoch counts as one of EPOCHS, days: 0.1 ms."""
SECONDS_A_DAY = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Primary keywords of a product; the defaults are those of a VHF product."""

    burst_id: str
    """BURST_ID: the burst."""
    card: str
    """CARD: name of the product's card, Q<WHAT>_<INS> (VHF) or <INS>-<WHAT>-<SUB> (X-band)."""
    instrument: str
    """INSTRUME: ECL, GRM, ECLGRM for both, GBM, ..."""
    date_utc: str
    """DATE: time of production, ISO-8601 UTC."""
    t0_met_s: float
    """TRIGTIME: reference time t0 in mission elapsed time, seconds; 0: unknown."""
    t0_utc: str = ""
    """Reference time t0, ISO-8601 UTC; empty: no absolute time is written."""
    creator: str = "ECLGRM-VHF"
    """CREATOR: the pipeline."""
    dstream: str = "VHF"
    """DSTREAM: stream of the data, VHF or XBand."""
    program: str = "CoreProgram"
    """PROGRAM: observation programme."""
    telescope: str = "SVOM"
    """TELESCOP: mission."""
    origin: str = "ECLGRM"
    """ORIGIN: institution or service that made the file."""
    obs_id: str = ""
    """OBS_ID: observation id of the mission; empty: unknown."""
    object_name: str = ""
    """OBJECT: name of the burst; empty: `burst_id` is used."""
    proc_ver: int = 1
    """PROC_VER: starts at 1, raised on each re-processing."""
    pip_ver: str = ""
    """PIP_VER: version of the pipeline."""
    prdm_ver: str = "n.a."
    """PRDM_VER: version of the product data model."""
    gldm_ver: str = "n.a."
    """GLDM_VER: version of the ground-level data model."""
    history: tuple[str, ...] = ()
    """HISTORY: how the file was made, one line each."""

    def cards(self) -> list[tuple[str, str | int | float, str]]:
        """Return the primary keywords with their comments."""
        return [
            ("ORIGIN", self.origin, "who made this file"),
            ("TELESCOP", self.telescope, "mission"),
            ("INSTRUME", self.instrument, "instrument, ECLGRM where both"),
            ("CREATOR", self.creator, "pipeline"),
            ("CARD", self.card, "product card"),
            ("PROGRAM", self.program, "observing program"),
            ("PRDM_VER", self.prdm_ver, "version of the product data model"),
            ("GLDM_VER", self.gldm_ver, "version of the ground-level data model"),
            ("PROC_VER", self.proc_ver, "raised on each re-processing"),
            ("PIP_VER", self.pip_ver, "version of the pipeline"),
            ("DSTREAM", self.dstream, "stream of the data"),
            ("DATE", self.date_utc, "when this file was made, UTC"),
            ("OBS_ID", self.obs_id, "observation"),
            ("BURST_ID", self.burst_id, "burst"),
            ("OBJECT", self.object_name or self.burst_id, "burst"),
            *self.time_cards(),
        ]

    def time_cards(self) -> list[tuple[str, str | int | float, str]]:
        """Return the keywords of the time system, for every extension with times."""
        cards: list[tuple[str, str | int | float, str]] = [
            ("TIMEREF", "LOCAL", "times at the satellite"),
            ("TIMESYS", "TT", "time system"),
            ("TIMEUNIT", "s", "unit of times"),
            ("TRIGTIME", self.t0_met_s, "[s] reference time t0"),
        ]
        if self.t0_utc:
            day, fraction = reference_epoch(self.t0_utc, self.t0_met_s)
            cards += [
                ("MJDREFI", day, "[d] MJD of time 0, whole days"),
                ("MJDREFF", fraction, "[d] MJD of time 0, fraction"),
                ("DATE-OBS", self.t0_utc.removesuffix("Z"), "t0, UTC"),
            ]
        return cards


@lru_cache(maxsize=16)
def reference_epoch(t0_utc: str, t0_met_s: float) -> tuple[int, float]:
    """Return MJDREFI and MJDREFF (TT), days, of the time system in which t0 is `t0_met_s`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # astropy warns of years after the last known leap second
        t0 = Time(t0_utc.removesuffix("Z"), format="isot", scale="utc").tt
    seconds = (t0.jd1 - 2_400_000.5) * SECONDS_A_DAY - t0_met_s + t0.jd2 * SECONDS_A_DAY
    day, rest_s = divmod(seconds, SECONDS_A_DAY)
    for known_day, known_fraction in EPOCHS:
        if day == known_day and abs(rest_s / SECONDS_A_DAY - known_fraction) < EPOCH_ROUNDING_DAY:
            return known_day, known_fraction
    return int(day), rest_s / SECONDS_A_DAY
