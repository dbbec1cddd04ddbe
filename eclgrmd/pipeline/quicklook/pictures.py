"""Data for pictures of a burst that only the quick look has measured, from its stored packets.

The packets are measured at once, not one after the other as they came: light curves are the same,
and backgrounds may differ in their last fit. Durations are stated as the update stated them.
"""

from collections import OrderedDict
from hashlib import blake2b
from typing import assert_never

import msgspec
from msgspec import Struct

from eclgrmd.analysis.quicklook.burst import GrowingBurst
from eclgrmd.analysis.quicklook.results import BurstSoFar
from eclgrmd.errors import PermanentError
from eclgrmd.model.flags import texts
from eclgrmd.model.names import BurstId
from eclgrmd.model.observation import Observation
from eclgrmd.model.quicklook.replays import PacketReplay
from eclgrmd.model.quicklook.updates import InstrumentUpdate, QuickLookUpdate
from eclgrmd.model.rest.pictures import PictureForm, PictureKind
from eclgrmd.model.rest.replays import QuickCurveQuery
from eclgrmd.model.result import Duration, SpectrumFits
from eclgrmd.products.pictures.curves import light_curves
from eclgrmd.products.pictures.durations import measured_durations
from eclgrmd.products.pictures.encoding import encode_picture
from eclgrmd.products.pictures.measured import MeasuredBurst
from eclgrmd.products.pictures.spectra import fitted_spectra
from eclgrmd.products.result import published

from .bad_packets import measure_without_bad, read_stored
from .responses import read_responses

__all__ = ["encoded_quick_picture", "measured_packets"]

_MOST_KEPT = 32
"""Measured parts of bursts that are kept: a page asks for several pictures of one."""


def encoded_quick_picture(
    kind: PictureKind, replay: PacketReplay, query: bytes, form: PictureForm
) -> bytes:
    """Return the data for a picture of the first packets of a burst, encoded.

    Parameters
    ----------
    kind
        What to return.
    replay
        The packets.
    query
        The query as JSON, of the type that belongs to the kind.
    form
        Encoding.

    Raises
    ------
    InputError
        If the query does not fit the data.
    PermanentError
        If the packets cannot be measured.
    """
    return encode_picture(_picture(kind, replay, query), form)


def measured_packets(replay: PacketReplay) -> MeasuredBurst:
    """Return the light curves of packets with what was measured in them.

    Raises
    ------
    PermanentError
        If there is no light curve.
    """
    return _measured_burst(replay.update, _so_far(replay))


def _picture(kind: PictureKind, replay: PacketReplay, query: bytes) -> Struct:
    update, found = replay.update, _so_far(replay)
    match kind:
        case PictureKind.LIGHT_CURVES:
            wanted = msgspec.json.decode(query, type=QuickCurveQuery)
            return light_curves(_measured_burst(update, found), wanted)
        case PictureKind.DURATIONS:
            burst = _measured_burst(update, found)
            return measured_durations(burst, [_stated(update, each) for each in burst.durations])
        case PictureKind.SPECTRA:
            if found.spectrum is None:
                raise PermanentError(_no_spectrum(found))
            stated = published(found.spectrum, SpectrumFits)
            return fitted_spectra(update.burst_id, (found.spectrum,), (stated,), 0)
        case PictureKind.EVOLUTION:
            raise NotImplementedError("the quick look fits one spectrum")
        case _:
            assert_never(kind)


def _no_spectrum(found: BurstSoFar) -> str:
    reasons = "; ".join(texts(found.flags))
    return f"the quick look has fitted no spectrum{f': {reasons}' if reasons else ''}"


def _measured_burst(update: QuickLookUpdate, found: BurstSoFar) -> MeasuredBurst:
    """Return the data and measurements, the reference first."""
    instruments = sorted(found.instruments, key=lambda each: each.instrument != found.reference)
    return MeasuredBurst(
        observation=Observation(
            BurstId(update.burst_id),
            update.t0_utc,
            update.t0_met_s,
            histories=tuple(curve for each in instruments for curve in each.histories),
        ),
        durations=tuple(each.measurement for each in instruments),
        backgrounds=(),
    )


def _stated(update: QuickLookUpdate, measured: Duration) -> Duration:
    """Return a duration as the update states it; as it was measured now if it does not."""
    seen: InstrumentUpdate | None = update.of(measured.instrument)
    return published(measured, Duration) if seen is None else seen.duration


_kept: OrderedDict[bytes, BurstSoFar] = OrderedDict()
"""What was measured, by the digest of the packets and the reference time, the latest last."""


def _so_far(replay: PacketReplay) -> BurstSoFar:
    key = _digest(replay)
    found = _kept.pop(key, None) or _measured(replay)
    _kept[key] = found
    while len(_kept) > _MOST_KEPT:
        _kept.popitem(last=False)
    return found


def _measured(replay: PacketReplay) -> BurstSoFar:
    packets, _ = read_stored(replay.packets)
    responses = read_responses(replay.calibration_dir)

    def measure(burst: GrowingBurst) -> BurstSoFar | None:
        burst.use_t0(replay.update.t0_met_s)
        return burst.measure()

    found = measure_without_bad(packets, lambda: GrowingBurst(responses), measure).found
    if found is None or not found.instruments:
        raise PermanentError("these packets have no light curve that can be measured")
    return found


def _digest(replay: PacketReplay) -> bytes:
    digest = blake2b(repr((replay.update.t0_met_s, replay.calibration_dir)).encode())
    for body in replay.packets:
        digest.update(len(body).to_bytes(8, "big") + body)
    return digest.digest()
