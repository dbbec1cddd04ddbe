"""Circulars in the manner of each mission are read as a person reads them.

The texts are made up: no burst has these numbers.
"""

from typing import NamedTuple

import pytest

from eclgrmd.errors import InputError
from eclgrmd.formats.circulars import read_circular
from eclgrmd.model.circular import Circular, CircularQuantity, CircularValue

GBM_CPL = """\
TITLE:   GCN CIRCULAR
SUBJECT: GRB 261122A: Fermi GBM Observation
DATE:    26/11/22 09:12:33 GMT
FROM:    A. Person at Somewhere

"At 03:04:05.60 UT on 22 November 2026, the Fermi Gamma-ray Burst Monitor (GBM) triggered and
located GRB 261122A (trigger 816000250 / 261122128), which was also detected by SVOM/GRM.

The GBM light curve consists of two overlapping pulses with a duration (T90) of about 22.5 s
(50-300 keV). The time-averaged spectrum from T0-0.3 to T0+25.6 s is best fit by
a power law function with an exponential high-energy cutoff. The power law index is
-0.87 +/- 0.05 and the cutoff energy, parameterized as Epeak, is 266 +19/-15 keV.

The event fluence (10-1000 keV) in this time interval is (2.21 +/- 0.04)E-05 erg/cm^2. The 1-sec
peak photon flux measured starting from T0+8.4 s in the 10-1000 keV band is
15.3 +/- 0.3 ph/s/cm^2."
"""
GBM_BAND = """\
SUBJECT: GRB 261122A: Fermi GBM Observation
At 03:04:05.60 UT on 22 Nov 2026 the Fermi GBM triggered. The duration (T90) is 0.8 s
(50-300 keV). The spectrum is adequately fit by a Band function with Epeak = 566 +/- 40 keV,
alpha = -0.62 +/- 0.06, and beta = -2.36 +/- 0.11. The event fluence (10-1000 keV) is
(8.1 +/- 0.2)E-07 erg/cm^2. The 64-ms peak photon flux measured starting from T0+0.1 s in the
10-1000 keV band is 41 +/- 3 ph/s/cm^2.
"""
KONUS = """\
SUBJECT: Konus-Wind detection of GRB 261122A
The long-duration GRB 261122A (Fermi-GBM detection: Person et al., GCN Circ. 99999; Swift-BAT)
triggered Konus-Wind at T0=11047.123 s UT (03:04:07.123).

The burst light curve shows a multi-peaked structure with a total duration of ~30 s.

As observed by Konus-Wind, the burst had a fluence of 3.12(-0.21,+0.24)x10^-5 erg/cm^2, and
a 64-ms peak energy flux, measured from T0+3.120 s, of 4.10(-0.60,+0.62)x10^-6 erg/cm^2/s (both
in the 20 keV - 10 MeV energy range).

The time-averaged spectrum (measured from T0 to T0+24.832 s) is best fit in the
20 keV - 10 MeV range by the GRB (Band) function with the following parameters: the
low-energy photon index alpha = -0.82(-0.14,+0.16), the high energy photon index
beta = -2.47(-0.41,+0.21), the peak energy Ep = 242(-24,+28) keV (chi2 = 97/98 dof).

All the quoted errors are estimated at the 90% confidence level.
"""
BAT = """\
SUBJECT: GRB 261122A, Swift-BAT refined analysis
Using the data set from T-240 to T+962 sec, we report further analysis of BAT GRB 261122A
(trigger #1234567). The BAT ground-calculated position is RA, Dec = 12.345, -6.789 deg, with an
uncertainty of 1.2 arcmin (radius, sys+stat, 90% containment).

T90 (15-350 keV) is 45.2 +- 5.6 sec (estimated error including systematics).

The time-averaged spectrum from T-2.1 to T+50.3 sec is best fit by a simple power-law model. The
power law index of the time-averaged spectrum is 1.57 +- 0.16. The fluence in the 15-150 keV
band is 1.2 +- 0.1 x 10^-6 erg/cm2. The 1-sec peak photon flux measured from T+0.32 sec in the
15-150 keV band is 1.1 +- 0.2 ph/cm2/sec. All the quoted errors are at the 90% confidence level.
"""
BAT_CUTOFF = """\
SUBJECT: GRB 261122A, Swift-BAT refined analysis
At 03:04:06 UT, the Swift Burst Alert Telescope (BAT) triggered and located GRB 261122A.
T90 (15-350 keV) is 320 +- 40 ms. The time-averaged spectrum is best fit by a power law with an
exponential cutoff. This fit gives a photon index 1.12 +- 0.25, and Epeak of 88.9 +- 28.1 keV. For
this model the total fluence in the 15-150 keV band is 2.0 +- 0.1 x 10^-7 ergs/cm2.
"""
SVOM = """\
SUBJECT: GRB 261122A: SVOM/GRM observation
With the T0 of SVOM/GRM (2026-11-22T03:04:05.250 UTC), the T90 duration in the 15-5000 keV band is
20.1 +1.5/-2.0 s, and T90 of SVOM/ECLAIRs is 24.0 +3.0/-2.5 s in 4-120 keV. The time-averaged
spectrum from T0-1 to T0+20 s is best fit by a cutoff power law with alpha = -1.05 +0.12/-0.11 and
Epeak = 0.25 +0.04/-0.03 MeV. The fluence in 10-1000 keV is 1.10 (+0.10, -0.09) x 10^-5 erg/cm^2.
Errors are at the 68% confidence level.
"""
OURS = """\
[DRAFT made by eclgrmd from VHF data. It was not sent: check, finish, sign.]
SUBJECT: GRB (SVOM trigger sb26112201): SVOM/GRM quick-look analysis
Using data of the VHF alert network, we report on the burst sb26112201 (T0 =
2026-11-22T03:04:05.250000 UTC).
SVOM/GRM sees the burst with a significance of 64.0 sigma; T90 is 18.0 (-0.3, +0.4) s (17.08-5000
keV), starting at T0+1.90 s, and T50 10.0 (-0.2, +0.2) s.
The time-averaged spectrum from T0+1.0 to T0+21.0 s, in few bands, is fitted by a cutoff power
law with index -1.02 (-0.08, +0.09) and Epeak = 300 (-20, +25) keV; the fluence is 2.00e-06
erg/cm2 (10-1000 keV).
Errors are 1 sigma. These are results of a quick look; full data will refine them.
"""
Q = CircularQuantity


class Told(NamedTuple):
    """A value as a person reads it: with errors of 1 sigma."""

    quantity: CircularQuantity
    value: float
    minus: float | None = None
    plus: float | None = None
    band: tuple[float, float] | None = None
    model: str = ""
    scale_s: float | None = None


TOLD = {
    "GBM, cutoff power law": (GBM_CPL, [
        Told(Q.T90, 22.5, band=(50, 300)),
        Told(Q.EPEAK, 266, 15, 19, model="cpl"),
        Told(Q.ALPHA, -0.87, 0.05, 0.05, model="cpl"),
        Told(Q.FLUENCE, 2.21e-5, 4e-7, 4e-7, (10, 1000), "cpl"),
        Told(Q.PEAK_FLUX, 15.3, 0.3, 0.3, (10, 1000), scale_s=1.0),
    ]),
    "GBM, Band": (GBM_BAND, [
        Told(Q.T90, 0.8, band=(50, 300)),
        Told(Q.EPEAK, 566, 40, 40, model="band"),
        Told(Q.ALPHA, -0.62, 0.06, 0.06, model="band"),
        Told(Q.BETA, -2.36, 0.11, 0.11, model="band"),
        Told(Q.FLUENCE, 8.1e-7, 2e-8, 2e-8, (10, 1000), "band"),
        Told(Q.PEAK_FLUX, 41, 3, 3, (10, 1000), scale_s=0.064),
    ]),
    "Konus": (KONUS, [
        Told(Q.EPEAK, 242, 24 / 1.6449, 28 / 1.6449, model="band"),
        Told(Q.ALPHA, -0.82, 0.14 / 1.6449, 0.16 / 1.6449, model="band"),
        Told(Q.BETA, -2.47, 0.41 / 1.6449, 0.21 / 1.6449, model="band"),
        Told(Q.FLUENCE, 3.12e-5, 2.1e-6 / 1.6449, 2.4e-6 / 1.6449, (20, 10_000), "band"),
        Told(Q.PEAK_FLUX, 4.1e-6, 6e-7 / 1.6449, 6.2e-7 / 1.6449, (20, 10_000), scale_s=0.064),
    ]),
    "BAT, power law": (BAT, [
        Told(Q.T90, 45.2, 5.6 / 1.6449, 5.6 / 1.6449, (15, 350)),
        Told(Q.ALPHA, -1.57, 0.16 / 1.6449, 0.16 / 1.6449, model="pl"),
        Told(Q.FLUENCE, 1.2e-6, 1e-7 / 1.6449, 1e-7 / 1.6449, (15, 150), "pl"),
        Told(Q.PEAK_FLUX, 1.1, 0.2 / 1.6449, 0.2 / 1.6449, (15, 150), scale_s=1.0),
    ]),
    "BAT, cutoff power law": (BAT_CUTOFF, [
        Told(Q.T90, 0.32, 0.04 / 1.6449, 0.04 / 1.6449, (15, 350)),
        Told(Q.EPEAK, 88.9, 28.1 / 1.6449, 28.1 / 1.6449, model="cpl"),
        Told(Q.ALPHA, -1.12, 0.25 / 1.6449, 0.25 / 1.6449, model="cpl"),
        Told(Q.FLUENCE, 2e-7, 1e-8 / 1.6449, 1e-8 / 1.6449, (15, 150), "cpl"),
    ]),
    "SVOM": (SVOM, [
        Told(Q.T90, 20.1, 2.0, 1.5, (15, 5000)),
        Told(Q.T90, 24.0, 2.5, 3.0, (4, 120)),
        Told(Q.EPEAK, 250, 30, 40, model="cpl"),
        Told(Q.ALPHA, -1.05, 0.11, 0.12, model="cpl"),
        Told(Q.FLUENCE, 1.1e-5, 9e-7, 1e-6, (10, 1000), "cpl"),
    ]),
    "ours": (OURS, [
        Told(Q.T90, 18.0, 0.3, 0.4, (17.08, 5000)),
        Told(Q.EPEAK, 300, 20, 25, model="cpl"),
        Told(Q.ALPHA, -1.02, 0.08, 0.09, model="cpl"),
        Told(Q.FLUENCE, 2e-6, band=(10, 1000), model="cpl"),
    ]),
}  # fmt: skip


def read(text: str) -> tuple[Circular, list[CircularValue]]:
    found = read_circular(text)
    return found, [value for value in found.values if value.quantity is not Q.TRIGGER_TIME]


@pytest.mark.parametrize(("text", "told"), TOLD.values(), ids=TOLD)
def test_values_are_read_with_their_errors_and_bands(text: str, told: list[Told]) -> None:
    _, values = read(text)
    assert [value.quantity for value in values] == [each.quantity for each in told]
    for value, each in zip(values, told, strict=True):
        errors = (value.measurement.err_minus, value.measurement.err_plus)
        assert value.measurement.value == pytest.approx(each.value), value.text
        for error, wanted in zip(errors, (each.minus, each.plus), strict=True):
            assert error == (None if wanted is None else pytest.approx(wanted)), value.text
        assert (value.band_kev, value.model) == (each.band, each.model), value.text
        assert value.scale_s == each.scale_s, value.text


@pytest.mark.parametrize(
    ("text", "instrument", "confidence", "stated", "utc"),
    [
        (GBM_CPL, "GBM", 68.0, False, "2026-11-22T03:04:05.600000Z"),
        (GBM_BAND, "GBM", 68.0, False, "2026-11-22T03:04:05.600000Z"),
        (KONUS, "KONUS", 90.0, True, "2026-11-22T03:04:07.123000Z"),
        (BAT, "BAT", 90.0, True, None),
        (BAT_CUTOFF, "BAT", 90.0, False, "2026-11-22T03:04:06Z"),
        (SVOM, "SVOM", 68.0, True, "2026-11-22T03:04:05.250000Z"),
        (OURS, "SVOM", 68.0, True, "2026-11-22T03:04:05.250000Z"),
    ],
)
def test_who_wrote_it_and_when_the_burst_was(
    text: str, instrument: str, confidence: float, stated: bool, utc: str | None
) -> None:
    found, _ = read(text)
    assert (found.instrument, found.confidence) == (instrument, confidence)
    assert found.confidence_stated is stated
    times = [value.utc for value in found.values if value.quantity is Q.TRIGGER_TIME]
    assert times == ([] if utc is None else [utc])


def test_line_breaks_and_signs_do_not_matter() -> None:
    text = GBM_CPL.replace("+/-", "±").replace("\n", "\r\n   ")
    _, values = read(text)
    assert [value.measurement for value in values] == [v.measurement for v in read(GBM_CPL)[1]]


@pytest.mark.parametrize(
    "text", ["", "Dear colleagues, we saw nothing.", "T90 " * 5000, "(" * 9000]
)
def test_what_is_no_circular_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="must be the text of a circular"):
        read_circular(text)
