"""A made-up burst, with which the kernels are loaded or compiled before the first real one."""

from eclgrmd.analysis.quicklook.burst import GrowingBurst
from eclgrmd.model.names import Instrument
from eclgrmd.model.quicklook.packet import LightCurvePacket

__all__ = ["rehearse"]


def rehearse() -> None:
    """Analyse a made-up burst, so that kernels are compiled or loaded before the first real one."""
    burst = GrowingBurst()
    for first in range(0, 192, 64):
        counts = tuple(
            tuple(40 + 400 * (90 < i < 110) for i in range(first, first + 64)) for _ in range(4)
        )
        burst.add(
            LightCurvePacket(
                burst_id="rehearsal", number=first // 64, time_s=first, instrument=Instrument.GRM,
                priority="high", start_s=first * 0.064, bin_s=0.064, detectors=("GRD01",),
                bands_kev=((8.54, 17.08), (17.08, 51.24), (51.24, 264.7), (264.7, 5000.0)),
                counts=(counts,),
            )
        )  # fmt: skip
        burst.measure()
