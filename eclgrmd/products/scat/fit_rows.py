"""The extension FIT PARAMS of a SCat file: parameters, fluxes, statistic and covariance."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eclgrmd.analysis.spectral.results import IntervalFits, SpectralFit
from eclgrmd.formats import Provenance
from eclgrmd.formats.write.hdus import Column, table
from eclgrmd.model.measurement import Measurement
from eclgrmd.products.bands import (
    BATSE_BAND_KEV,
    GBM_BAND_KEV,
    energy_fluence,
    energy_flux,
    photon_fluence,
    photon_flux,
)
from eclgrmd.products.formatting import statistic_name

__all__ = ["fit_table"]

_FLUX, _FLUENCE = "ph / (s cm^2)", "ph / cm^2"
_ENERGY_FLUX, _ENERGY_FLUENCE = "erg / (s cm^2)", "erg / cm^2"


def fit_table(pairs: Sequence[tuple[IntervalFits, SpectralFit]], provenance: Provenance) -> Any:
    """Return the extension, with a row for each interval; all fits are of one model."""
    fits = [fit for _, fit in pairs]
    names, units = list(fits[0].parameters), [p.unit for p in fits[0].parameters.values()]
    columns: list[Column] = [
        ("TIMEBIN", "2D", "s", np.array([interval.interval_s for interval, _ in pairs]))
    ]
    for index, (name, unit) in enumerate(zip(names, units, strict=True)):
        values = [fit.parameters[name].measurement for fit in fits]
        columns.append((f"PARAM{index}", "3E", unit, _triples(values)))
    columns += [
        ("PHTFLUX", "3E", _FLUX, _triples([photon_flux(fit, GBM_BAND_KEV) for fit in fits])),
        ("PHTFLNC", "3E", _FLUENCE, _triples([photon_fluence(fit, GBM_BAND_KEV) for fit in fits])),
        ("NRGFLUX", "3E", _ENERGY_FLUX, _triples([energy_flux(fit, GBM_BAND_KEV) for fit in fits])),
        (
            "NRGFLNC",
            "3E",
            _ENERGY_FLUENCE,
            _triples([energy_fluence(fit, GBM_BAND_KEV) for fit in fits]),
        ),
        ("PHTFLUXB", "3E", _FLUX, _triples([photon_flux(fit, BATSE_BAND_KEV) for fit in fits])),
        (
            "DURFLNC",
            "3E",
            _FLUENCE,
            _triples([photon_fluence(fit, BATSE_BAND_KEV) for fit in fits]),
        ),
        (
            "NRGFLNCB",
            "3E",
            _ENERGY_FLUENCE,
            _triples([energy_fluence(fit, BATSE_BAND_KEV) for fit in fits]),
        ),
        ("REDCHSQ", "2E", "", np.array([_reduced(*pair) for pair in pairs])),
        ("CHSQDOF", "I", "", np.array([fit.dof for fit in fits])),
        ("COVARMAT", f"{len(names) ** 2}E", "", np.stack([_covariance(fit) for fit in fits])),
    ]
    hdu = table(
        "FIT PARAMS",
        columns,
        [
            ("NUMFITS", len(fits), "number of spectral fits"),
            ("N_PARAM", len(names), "number of fit parameters (PARAMn)"),
            ("FLU_LOW", GBM_BAND_KEV[0], "[keV] lower limit of fluxes and fluences"),
            ("FLU_HIGH", GBM_BAND_KEV[1], "[keV] upper limit of fluxes and fluences"),
            ("STATISTC", statistic_name(pairs[0][0].statistic), "fit statistic"),
        ],
        provenance,
    )
    hdu.columns["COVARMAT"].dim = f"({len(names)},{len(names)})"
    hdu.header["TDIM" + str(len(columns))] = f"({len(names)},{len(names)})"
    for index, name in enumerate(names):
        # gdt-core reads the names of model and parameter from these comments.
        hdu.header.comments[f"TTYPE{index + 2}"] = f"{fits[0].name}: {name}"
    hdu.header.comments["TTYPE1"] = "start and end, seconds after t0"
    return hdu


def _triples(values: Sequence[Measurement]) -> NDArray[np.float64]:
    """Return values with their errors down and up, NaN where not known, shape (rows, 3)."""
    found = [(each.value, each.err_minus, each.err_plus) for each in values]
    return np.array(found, dtype=np.float64)


def _reduced(interval: IntervalFits, fit: SpectralFit) -> tuple[float, float]:
    """Return chi-square and the fit statistic, each by degree of freedom."""
    value = math.nan if fit.statistic_value is None else fit.statistic_value
    reduced = value / fit.dof if fit.dof > 0 else math.nan
    return (reduced if interval.statistic == "chi2" else math.nan), reduced


def _covariance(fit: SpectralFit) -> NDArray[np.float64]:
    """Return the covariance of all parameters, flattened; fixed ones have none."""
    free = [i for i, parameter in enumerate(fit.parameters.values()) if parameter.free]
    whole = np.zeros((len(fit.parameters), len(fit.parameters)))
    if fit.covariance:
        known = np.array(fit.covariance, dtype=np.float64)[: len(free), : len(free)]
    else:
        known = np.full((len(free), len(free)), np.nan)
    whole[np.ix_(free, free)] = known
    return whole.ravel()
