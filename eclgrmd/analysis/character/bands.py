"""Which two energy bands hardness and lag compare, by instrument."""

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
"""GBM: the hardness of its catalogues (Bhat et al. 2016, ApJS 223, 28); BAT: of its catalogue
(Sakamoto et al. 2011, ApJS 195, 2); BATSE: the lag of Norris et al. 2000
(ApJ 534, 248); GRM follows GBM; ECLAIRs: our own, near equal counts."""

BANDS_SHOWN_KEV: dict[Instrument, tuple[Interval, ...]] = {
    Instrument.ECLAIRS: ((4.0, 20.0), (20.0, 50.0), (50.0, 120.0)),
    Instrument.GRM: ((15.0, 50.0), (50.0, 300.0), (300.0, 5000.0)),
    Instrument.GBM: ((8.0, 50.0), (50.0, 300.0), (300.0, 1000.0)),
    Instrument.BAT: ((15.0, 25.0), (25.0, 50.0), (50.0, 100.0), (100.0, 350.0)),
    Instrument.BATSE: ((25.0, 50.0), (50.0, 100.0), (100.0, 300.0), (300.0, 2000.0)),
}
"""Bands in which light curves are written and drawn, from soft to hard."""
