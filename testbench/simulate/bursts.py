"""The bursts of DC-0: one of each kind that an analysis must cope with.

Fluences are of 10-1000 keV and reach from 3e-7 to 2.5e-4 erg/cm2, the range of SVOM. Bursts that
lose counts to a cut or to long dead time have no spectral evolution (`width_index` 0), so that the
spectrum of what remains is known.
"""

from datetime import UTC, datetime

from testbench.simulate.physics.pulses import Pulse
from testbench.simulate.physics.spectra import PhotonSpectrum

from .burst import Burst, Cut, Trap

__all__ = ["DC0_BURSTS", "burst_named"]


def _met_s(day: int, hour: int, minute: int, second: float) -> float:
    """Seconds from 2017-01-01 to a time in November 2026."""
    whole = int(second)
    moment = datetime(2026, 11, day, hour, minute, whole, tzinfo=UTC)
    return (moment - datetime(2017, 1, 1, tzinfo=UTC)).total_seconds() + second - whole


DC0_BURSTS: tuple[Burst, ...] = (
    Burst(
        name="long",
        burst_id="sb26110101",
        story="A single smooth pulse of 20 s, seen by all detectors.",
        t0_met_s=_met_s(1, 4, 12, 33.25),
        pulses=(Pulse(-1.0, 3.0, 3.5),),
        spectrum=PhotonSpectrum(180.0, -0.9, -2.4),
        fluence_erg_cm2=3e-5,
        window_s=(-50.0, 100.0),
    ),
    Burst(
        name="short",
        burst_id="sb26110301",
        story="A short hard burst of two spikes.",
        t0_met_s=_met_s(3, 17, 40, 2.5),
        pulses=(Pulse(-0.02, 0.02, 0.04), Pulse(0.12, 0.03, 0.06, 0.7)),
        spectrum=PhotonSpectrum(480.0, -0.5, -2.5),
        fluence_erg_cm2=4e-6,
        window_s=(-30.0, 35.0),
        orbit_phase=-2.3,
        theta_deg=20.0,
        phi_deg=100.0,
    ),
    Burst(
        name="many-pulses",
        burst_id="sb26110402",
        story="Eight overlapping pulses over more than a minute.",
        t0_met_s=_met_s(4, 9, 21, 48.0),
        pulses=(
            Pulse(-2.0, 1.0, 1.5, 0.6),
            Pulse(3.0, 0.6, 1.0, 1.2),
            Pulse(8.5, 2.0, 2.0, 0.8),
            Pulse(14.0, 0.4, 0.8, 1.5),
            Pulse(25.0, 1.0, 2.0, 1.0),
            Pulse(31.0, 3.0, 1.5, 0.4),
            Pulse(44.0, 0.8, 1.2, 0.9),
            Pulse(52.0, 1.5, 2.5, 0.5),
        ),
        spectrum=PhotonSpectrum(250.0, -1.0, -2.3),
        fluence_erg_cm2=4e-5,
        window_s=(-45.0, 112.0),
        orbit_phase=2.0,
        theta_deg=15.0,
        phi_deg=200.0,
        drift=(-0.1, 0.15),
    ),
    Burst(
        name="precursor",
        burst_id="sb26110601",
        story="A weak precursor at t0, the burst 55 s later; light curves and spectra only.",
        t0_met_s=_met_s(6, 22, 5, 11.0),
        pulses=(Pulse(-0.5, 1.0, 1.0, 0.06), Pulse(54.0, 1.5, 3.0), Pulse(60.0, 1.0, 2.0, 0.7)),
        spectrum=PhotonSpectrum(220.0, -0.95, -2.5),
        fluence_erg_cm2=4e-5,
        window_s=(-80.0, 200.0),
        events=False,
        orbit_phase=2.4,
        theta_deg=5.0,
    ),
    Burst(
        name="faint",
        burst_id="sb26110801",
        story="A faint soft pulse; light curves and spectra only.",
        t0_met_s=_met_s(8, 1, 33, 20.0),
        pulses=(Pulse(-1.0, 2.0, 3.0),),
        spectrum=PhotonSpectrum(80.0, -1.0),
        fluence_erg_cm2=9e-7,
        window_s=(-100.0, 150.0),
        events=False,
    ),
    Burst(
        name="very-bright",
        burst_id="sb26110901",
        story="A very bright burst: dead time takes a good part of the GRM's counts.",
        t0_met_s=_met_s(9, 13, 58, 40.75),
        pulses=(Pulse(-0.5, 1.0, 1.5), Pulse(2.0, 0.8, 1.0, 1.4), Pulse(7.0, 2.0, 2.5, 0.8)),
        spectrum=PhotonSpectrum(400.0, -0.8, -2.2),
        fluence_erg_cm2=2.5e-4,
        window_s=(-45.0, 55.0),
        orbit_phase=1.5,
        width_index=0.0,
        theta_deg=12.0,
        phi_deg=310.0,
    ),
    Burst(
        name="gap",
        burst_id="sb26111101",
        story="Five seconds of lost telemetry in the middle of the burst.",
        t0_met_s=_met_s(11, 6, 47, 30.0),
        pulses=(Pulse(-1.0, 2.0, 4.0), Pulse(12.0, 2.0, 5.0, 0.8)),
        spectrum=PhotonSpectrum(200.0, -0.8, -2.4),
        fluence_erg_cm2=2e-5,
        window_s=(-45.0, 80.0),
        orbit_phase=-2.0,
        width_index=0.0,
        cuts=(Cut(7.0, 12.0, "TLM"),),
    ),
    Burst(
        name="cut-end",
        burst_id="sb26111201",
        story="The data end while the burst goes on.",
        t0_met_s=_met_s(12, 19, 14, 5.0),
        pulses=(Pulse(-1.0, 3.0, 7.0),),
        spectrum=PhotonSpectrum(160.0, -0.9, -2.5),
        fluence_erg_cm2=2e-5,
        window_s=(-65.0, 9.0),
        width_index=0.0,
    ),
    Burst(
        name="no-burst",
        burst_id="sb26111401",
        story="A false trigger: background only.",
        t0_met_s=_met_s(14, 11, 11, 11.0),
        pulses=(),
        spectrum=None,
        fluence_erg_cm2=0.0,
        window_s=(-45.0, 45.0),
        orbit_phase=-1.2,
    ),
    Burst(
        name="extended",
        burst_id="sb26111501",
        story="A short hard spike with soft extended emission; light curves and spectra only.",
        t0_met_s=_met_s(15, 3, 50, 59.5),
        pulses=(Pulse(-0.05, 0.05, 0.1), Pulse(3.0, 20.0, 8.0, 1.0)),
        spectrum=PhotonSpectrum(110.0, -1.1, -2.5),
        fluence_erg_cm2=1e-5,
        window_s=(-80.0, 220.0),
        events=False,
    ),
    Burst(
        name="soft",
        burst_id="sb26111601",
        story="An X-ray flash: only ECLAIRs has data.",
        t0_met_s=_met_s(16, 8, 2, 44.0),
        pulses=(Pulse(-2.0, 5.0, 5.0),),
        spectrum=PhotonSpectrum(26.0, -1.0, -2.6),
        fluence_erg_cm2=2e-6,
        window_s=(-60.0, 125.0),
        orbit_phase=-0.5,
        grm=False,
    ),
    Burst(
        name="hard",
        burst_id="sb26111701",
        story="A hard burst outside the field of view of ECLAIRs.",
        t0_met_s=_met_s(17, 15, 27, 8.0),
        pulses=(Pulse(-0.3, 0.5, 1.5), Pulse(4.0, 1.0, 1.5, 0.6)),
        spectrum=PhotonSpectrum(900.0, -0.4, -2.8),
        fluence_erg_cm2=3e-5,
        window_s=(-40.0, 55.0),
        theta_deg=55.0,
        phi_deg=60.0,
        eclairs=False,
    ),
    Burst(
        name="hour",
        burst_id="sb26111801",
        story="A burst across a full hour: two GRM event files, and a worse older version of each.",
        t0_met_s=_met_s(18, 20, 30, 0.0),
        pulses=(Pulse(-1.0, 2.0, 2.0),),
        spectrum=PhotonSpectrum(140.0, -0.8, -2.4),
        fluence_erg_cm2=1e-5,
        window_s=(-45.0, 70.0),
        orbit_phase=2.8,
        traps=(Trap.HOUR, Trap.VERSIONS),
    ),
    Burst(
        name="odd-files",
        burst_id="sb26111901",
        story="A clear burst in files with every oddity that readers must put right.",
        t0_met_s=_met_s(19, 2, 9, 17.0),
        pulses=(Pulse(-0.5, 0.6, 1.5), Pulse(4.0, 0.6, 1.0, 0.6)),
        spectrum=PhotonSpectrum(210.0, -0.9, -2.3),
        fluence_erg_cm2=2.5e-5,
        window_s=(-45.0, 65.0),
        orbit_phase=1.8,
        traps=(
            Trap.UNSORTED, Trap.UNDECLARED_GAP, Trap.DEPLETED, Trap.TIME_STEPS, Trap.MJDREFF,
        ),
    ),
    Burst(
        name="saa",
        burst_id="sb26112001",
        story="The satellite enters the South Atlantic Anomaly during the burst.",
        t0_met_s=_met_s(20, 10, 36, 21.0),
        pulses=(Pulse(-1.0, 2.0, 5.0),),
        spectrum=PhotonSpectrum(230.0, -0.7, -2.4),
        fluence_erg_cm2=2e-5,
        window_s=(-65.0, 30.0),
        width_index=0.0,
        traps=(Trap.SAA,),
    ),
    Burst(
        name="cutoff",
        burst_id="sb26112101",
        story="A burst whose spectrum is a cutoff power law; light curves and spectra only.",
        t0_met_s=_met_s(21, 23, 18, 55.0),
        pulses=(Pulse(-1.0, 1.5, 3.0), Pulse(9.0, 2.0, 3.0, 0.9)),
        spectrum=PhotonSpectrum(120.0, -1.1),
        fluence_erg_cm2=1.2e-5,
        window_s=(-100.0, 150.0),
        events=False,
    ),
    Burst(
        name="faint-short",
        burst_id="sb26112201",
        story="A short burst close to the threshold.",
        t0_met_s=_met_s(22, 16, 44, 3.0),
        pulses=(Pulse(-0.1, 0.1, 0.15),),
        spectrum=PhotonSpectrum(300.0, -0.6),
        fluence_erg_cm2=3e-7,
        window_s=(-25.0, 30.0),
        orbit_phase=1.6,
    ),
)  # fmt: skip


def burst_named(name: str) -> Burst:
    """Return the burst of DC-0 with a name or burst id.

    Raises
    ------
    KeyError
        If there is none; the message lists all names.
    """
    for burst in DC0_BURSTS:
        if name in (burst.name, burst.burst_id):
            return burst
    names = ", ".join(burst.name for burst in DC0_BURSTS)
    raise KeyError(f"no burst is called {name}: must be one of {names}")
