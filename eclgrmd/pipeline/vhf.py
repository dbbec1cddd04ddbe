"""The quick look at a burst, in a worker process that keeps its state from packet to packet."""

from collections import Counter, OrderedDict
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import structlog

from eclgrmd.analysis.vhf.results import BurstSoFar, InstrumentSoFar
from eclgrmd.analysis.vhf.stream import BurstStream
from eclgrmd.errors import InputError
from eclgrmd.formats import read_observation
from eclgrmd.model.mission_time import utc_of_met
from eclgrmd.model.names import BurstId, Instrument
from eclgrmd.model.observation import Response
from eclgrmd.model.packed_names import unpacked_name
from eclgrmd.model.pipeline import ProductFile
from eclgrmd.model.quicklook.aside import PacketAside, aside_flags
from eclgrmd.model.quicklook.packet import LightCurvePacket, Packet
from eclgrmd.model.quicklook.updates import (
    VhfAnswer,
    VhfInstrument,
    VhfProductsRequest,
    VhfRequest,
    VhfUpdate,
)
from eclgrmd.products.result.character import class_of, hardness_of, peak_of
from eclgrmd.products.result.durations import duration_of
from eclgrmd.products.result.spectra import spectrum_fits_of
from eclgrmd.products.vhf import make_products

from .deposit import deposit, disk_errors, sync_folder
from .vhf_aside import measure_without_bad, read_stored
from .vhf_tally import PacketTally

__all__ = ["deposit_products", "follow", "read_responses", "rehearse"]

_MOST_BURSTS = 100
_MOST_FLAGS = 20
_SUFFIXES = (".rsp", ".rsp2", ".rmf", ".arf")


@dataclass(slots=True, eq=False)
class _Held:
    """A burst as far as this process knows it."""

    stream: BurstStream
    last: int = 0
    """Number of the last packet, in the store."""
    tally: PacketTally = field(default_factory=PacketTally)
    set_aside: tuple[PacketAside, ...] = ()
    """Packets that cannot be read or analysed."""

    def add(self, packet: Packet) -> None:
        self.stream.add(packet)
        self.tally.add(packet)


_HELD: OrderedDict[str, _Held] = OrderedDict()
"""The bursts of this process, the least recent first; any can be made again from its packets."""


def follow(request: VhfRequest) -> VhfAnswer:
    """Add packets to a burst and tell what is known so far."""
    held = _HELD.pop(request.burst_id, None)
    if request.after != 0 and (held is None or held.last != request.after):
        return VhfAnswer(known=False)
    packets, unreadable = read_stored([body for _, body in request.packets])

    def measure(stream: BurstStream) -> BurstSoFar | None:
        stream.tell_t0(request.t0_met_s)
        return stream.measure(final=request.final)

    # Not kept while it changes: after an error the burst is made again.
    if request.after == 0 or held is None:
        responses = _responses(request.calibration_dir)
        measured = measure_without_bad(packets, lambda: BurstStream(responses), measure)
        held = _Held(measured.stream, set_aside=measured.set_aside)
        found = measured.found
        for packet in measured.packets:
            held.tally.add(packet)
    else:
        try:
            for packet in packets:
                held.add(packet)
            found = measure(held.stream)
        except Exception as error:  # noqa: BLE001 - with all packets the bad one is found
            structlog.get_logger("vhf").warning(
                "burst is followed anew",
                burst_id=request.burst_id,
                reason=f"{type(error).__name__}: {error}",
            )
            return VhfAnswer(known=False)
    held.set_aside += unreadable
    held.last = request.packets[-1][0] if request.packets else request.after
    _HELD[request.burst_id] = held
    while len(_HELD) > _MOST_BURSTS:
        _HELD.popitem(last=False)
    return VhfAnswer(
        known=True,
        update=None if found is None else _update(request, held, found),
    )


def deposit_products(request: VhfProductsRequest) -> tuple[ProductFile, ...]:
    """Make the products of a version and put them into their folder, safely on disk.

    Raises
    ------
    TransientError
        When the disk is full or not there.
    """
    packets, _ = read_stored(request.packets)

    def measure(stream: BurstStream) -> BurstSoFar | None:
        stream.tell_t0(request.update.t0_met_s)
        return stream.measure(final=request.update.final)

    found = measure_without_bad(packets, BurstStream, measure).found
    folder = Path(request.folder)
    products = make_products(
        request.update,
        () if found is None else found.instruments,
        request.told,
        proc_ver=request.proc_ver,
        date_utc=request.date_utc,
        program=request.program,
    )
    with disk_errors():
        folder.mkdir(parents=True, exist_ok=True)
        files = tuple(deposit(product, folder) for product in products)
        sync_folder(folder)
    return files


def rehearse() -> None:
    """Follow a made-up burst, so that kernels are compiled or loaded before the first real one."""
    stream = BurstStream()
    for first in range(0, 192, 64):
        counts = tuple(
            tuple(40 + 400 * (90 < i < 110) for i in range(first, first + 64)) for _ in range(4)
        )
        stream.add(
            LightCurvePacket(
                burst_id="rehearsal", number=first // 64, time_s=first, instrument=Instrument.GRM,
                priority="high", start_s=first * 0.064, bin_s=0.064, detectors=("GRD01",),
                bands_kev=((8.54, 17.08), (17.08, 51.24), (51.24, 264.7), (264.7, 5000.0)),
                counts=(counts,),
            )
        )  # fmt: skip
        stream.measure()


def read_responses(folder: str) -> dict[str, Response]:
    """Read the responses in a folder, by detector; files that changed are read again.

    Raises
    ------
    InputError
        When one cannot be read.
    OSError
        When there is no such folder.
    """
    if not folder:
        return {}
    files = sorted(p for p in Path(folder).iterdir() if unpacked_name(p.name).endswith(_SUFFIXES))
    return _read_responses(tuple((str(p), p.stat().st_mtime_ns) for p in files))


def _responses(folder: str) -> dict[str, Response]:
    """Read the responses in a folder; a burst is followed without those that nobody can read."""
    try:
        return read_responses(folder)
    except (InputError, OSError) as error:
        structlog.get_logger("vhf").error("no spectra: responses not read", reason=str(error))
        return {}


@lru_cache(maxsize=2)
def _read_responses(files: tuple[tuple[str, int], ...]) -> dict[str, Response]:
    if not files:
        return {}
    paths = [Path(path) for path, _ in files]
    read = read_observation(paths, burst_id=BurstId("calibration"), trigger_time_s=0.0)
    return {response.detector: response for response in read.responses}


def _update(request: VhfRequest, held: _Held, found: BurstSoFar) -> VhfUpdate:
    unused = (*request.set_aside, *held.set_aside)
    set_aside = (*unused, *found.left_out)
    missing, wrong = held.tally.missing(set_aside)
    newest_met_s, stray = held.tally.newest()
    flags = (*found.flags, *aside_flags(set_aside), *wrong, *stray)
    return VhfUpdate(
        burst_id=request.burst_id,
        obs_id=held.tally.obs_id,
        t0_utc=utc_of_met(found.t0_met_s),
        t0_met_s=found.t0_met_s,
        packets=held.tally.packets + len(unused),
        missing=missing,
        newest_met_s=newest_met_s,
        instruments=tuple(_instrument(each) for each in found.instruments),
        reference=found.reference,
        classification=None if found.classification is None else class_of(found.classification),
        spectrum=None if found.spectrum is None else spectrum_fits_of(found.spectrum),
        set_aside=dict(Counter(each.cause.value for each in set_aside)),
        flags=flags[:_MOST_FLAGS],
        final=request.final,
    )


def _instrument(found: InstrumentSoFar) -> VhfInstrument:
    return VhfInstrument(
        instrument=found.instrument,
        progress=found.progress,
        until_s=found.until_s,
        bins=found.bins,
        duration=duration_of(found.measurement),
        hardness=None if found.hardness is None else hardness_of(found.hardness),
        peak_rates=tuple(peak_of(each) for each in found.peak_rates),
        restarts=found.restarts,
        flags=found.flags,
    )
