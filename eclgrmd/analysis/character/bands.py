"""Energy bands of hardness, lag and light curves, by instrument."""

from eclgrmd.model.intervals import Interval
from eclgrmd.model.names import Instrument

__all__ = ["BANDS_SHOWN_KEV", "SOFT_AND_HARD_KEV"]

SOFT_AND_HARD_KEV: dict[Instrument, tuple[Interval, Interval]] = {
    Instrument.ECLAIRS: ((4.0, 25.0), (25.0, 120.0)),
    Instrument.GRM: ((15.0, 50.0), (50.0, 300.0)),
    Instrument.GBM: ((10.0, 50.0), (50.0, 300.0)),
    Instrument.BAT: ((25.0, 50.0), (50.0, 100.0)),
    Instrument.BATSE: ((25.0, 50.0), (100.0, 300.0)),
}
"""The soft and the hard band, keV, that hardness and lag compare.

GBM: hardness of its catalogues (Bhat et al. 2016, ApJS 223, 28). BAT: hardness of its catalogue
(Sakamoto et al. 2011, ApJS 195, 2). BATSE: lag of Norris et al. 2000 (ApJ 534, 248). GRM: as GBM.
ECLAIRs: a choice that gives nearly equal counts in both bands.
"""

BANDS_SHOWN_KEV: dict[Instrument, tuple[Interval, ...]] = {
    Instrument.ECLAIRS: ((4.0, 20.0), (20.0, 50.0), (50.0, 120.0)),
    Instrument.GRM: ((15.0, 50.0), (50.0, 300.0), (300.0, 5000.0)),
    Instrument.GBM: ((8.0, 50.0), (50.0, 300.0), (300.0, 1000.0)),
    Instrument.BAT: ((15.0, 25.0), (25.0, 50.0), (50.0, 100.0), (100.0, 350.0)),
    Instrument.BATSE: ((25.0, 50.0), (50.0, 100.0), (100.0, 300.0), (300.0, 2000.0)),
}
"""Bands, keV, of the light curves in files and figures, from soft to hard."""
