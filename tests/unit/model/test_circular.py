"""A circular beside a result: equal bands are compared, others are not, and that is said."""

from typing import Any

import msgspec
import pytest

from eclgrmd.model.circular import (
    Circular,
    CircularQuantity,
    CircularValue,
    ComparedQuantity,
    compare_circular,
)
from eclgrmd.model.measurement import Measurement
from eclgrmd.model.result import Result

Q = CircularQuantity


def width(value: float, minus: float, plus: float) -> dict[str, Any]:
    return {
        "value_s": value, "err_minus_s": minus, "err_plus_s": plus, "start_s": 0.0, "stop_s": value,
    }  # fmt: skip


def parameter(value: float, minus: float, plus: float, unit: str = "") -> dict[str, Any]:
    return {"value": value, "err_minus": minus, "err_plus": plus, "free": True, "unit": unit}


def model(name: str, parameters: dict[str, Any]) -> dict[str, Any]:
    measured = {"value": 2e-5, "err_minus": 1e-6, "err_plus": 1e-6}
    return {
        "name": name, "preferred": True, "statistic_value": 1.0, "dof": 1,
        "parameters": parameters, "flags": [],
        "flux": [{"band_kev": [10, 1000], "photon": {"value": 14.0, "err_minus": 0.4,
                  "err_plus": 0.4}, "energy_erg": measured}],
        "fluence_erg": [{"band_kev": [10, 1000], **measured}],
    }  # fmt: skip


def spectrum(kind: str, interval: list[float], *models: dict[str, Any]) -> dict[str, Any]:
    return {
        "interval_s": interval, "kind": kind, "detectors": ["GRD01"], "statistic": "pgstat",
        "models": models,
    }  # fmt: skip


CPL = {"alpha": parameter(-1.0, 0.1, 0.1), "epeak_kev": parameter(250.0, 30.0, 40.0, "keV")}
RESULT = msgspec.convert(
    {
        "burst": {"id": "sb1", "t0": "2026-11-22T03:04:05.250000Z", "t0_met_s": 1.0},
        "durations": [
            {
                "instrument": "GRM", "detectors": ["GRD01"], "band_kev": [15.0, 5000.0],
                "method": "", "t90": width(20.0, 1.0, 2.0), "t50": width(9.0, 1.0, 1.0),
                "flags": [],
            }
        ],
        "spectra": [
            spectrum("t100", [0.0, 21.0], model("cpl", CPL), model("pl", {"index": parameter(
                -1.6, 0.05, 0.05)})),
            spectrum("peak", [8.0, 9.0], model("cpl", CPL)),
        ],
        "process": {"task_id": "t1"},
    },
    Result,
)  # fmt: skip


def compared(value: float, minus: float | None, plus: float | None, **fields: Any) -> Any:
    """Compare one value."""
    given = CircularValue(unit="", text="", measurement=Measurement(value, minus, plus), **fields)
    circular = Circular(instrument="GBM", confidence=68.0, confidence_stated=False, values=(given,))
    found = compare_circular(circular, RESULT)
    assert (found.burst_id, found.task_id) == ("sb1", "t1")
    assert fields["quantity"] not in found.not_found
    (quantity,) = found.quantities
    return quantity


@pytest.mark.parametrize(
    ("value", "fields", "difference", "sigma"),
    [
        ((26.0, 1.5, 9.0), {"quantity": Q.T90, "band_kev": (15.0, 5000.0)}, 6.0, 2.4),
        ((26.0, 1.5, 9.0), {"quantity": Q.T90, "band_kev": (15.1, 4950.0)}, 6.0, 2.4),
        ((200.0, 9.0, 40.0), {"quantity": Q.EPEAK, "model": "cpl"}, -50.0, -1.0),
        ((-1.3, 9.0, 0.0), {"quantity": Q.ALPHA, "model": "cpl"}, -0.3, -3.0),
        ((-1.7, 0.1, 0.0), {"quantity": Q.ALPHA, "model": "pl"}, -0.1, -2.0),
        ((2.3e-5, 0.0, 0.0), {"quantity": Q.FLUENCE, "band_kev": (10.0, 1000.0)}, 3e-6, 3.0),
    ],
)
def test_values_of_the_same_band_and_model_are_compared(
    value: tuple[float, float, float], fields: dict[str, Any], difference: float, sigma: float
) -> None:
    found: ComparedQuantity = compared(*value, **fields)
    assert found.difference == pytest.approx(difference)
    assert found.sigma == pytest.approx(sigma)
    assert found.ours_from


def test_peak_fluxes_of_the_same_scale_are_compared() -> None:
    given = CircularValue(
        quantity=Q.PEAK_FLUX, unit="ph/cm2/s", text="", band_kev=(10.0, 1000.0), scale_s=1.0,
        measurement=Measurement(15.0, 0.3, 0.3),
    )  # fmt: skip
    circular = Circular(instrument="", confidence=68.0, confidence_stated=True, values=(given,))
    (found,) = compare_circular(circular, RESULT).quantities
    assert found.difference == pytest.approx(1.0)
    assert found.sigma == pytest.approx(2.0)


@pytest.mark.parametrize(
    ("fields", "note"),
    [
        (
            {"quantity": Q.T90, "band_kev": (50.0, 300.0)},
            "other bands: 50-300 keV there, 15-5000 keV here",
        ),
        ({"quantity": Q.T90}, "the circular states no band"),
        ({"quantity": Q.FLUENCE, "band_kev": (15.0, 150.0)}, "other bands: 15-150 keV there"),
        ({"quantity": Q.ALPHA, "model": "band"}, "we have no fit of the same model band"),
        ({"quantity": Q.EPEAK, "model": ""}, "model, which the circular does not name"),
        ({"quantity": Q.PEAK_FLUX, "band_kev": (10.0, 1000.0), "scale_s": 0.064}, "0.064 s there"),
    ],
)
def test_other_bands_and_models_are_not_compared(fields: dict[str, Any], note: str) -> None:
    found = compared(20.0, 1.0, 1.0, **fields)
    assert (found.difference, found.sigma, found.ours_from) == (None, None, "")
    assert note in found.note


def test_a_value_without_error_is_compared_with_ours_alone() -> None:
    found = compared(22.0, None, None, quantity=Q.T90, band_kev=(15.0, 5000.0))
    assert found.sigma == pytest.approx(1.0)
    assert "states no error" in found.note


def test_trigger_times_differ_without_sigma() -> None:
    value = CircularValue(
        quantity=Q.TRIGGER_TIME, unit="UTC", text="", measurement=Measurement(None, None, None),
        utc="2026-11-22T03:04:06Z",
    )  # fmt: skip
    circular = Circular(instrument="", confidence=68.0, confidence_stated=True, values=(value,))
    comparison = compare_circular(circular, RESULT)
    (found,) = comparison.quantities
    assert found.difference == pytest.approx(0.75)
    assert found.sigma is None
    assert set(comparison.not_found) == set(Q) - {Q.TRIGGER_TIME}
