"""Pictures of a burst that only the quick look has seen, after any of its packets."""

import xml.etree.ElementTree as ET

import msgspec
import numpy as np
import pytest

from eclgrmd.errors import PermanentError
from eclgrmd.model.quicklook.binary import packet_to_binary
from eclgrmd.model.quicklook.replays import PacketReplay
from eclgrmd.model.quicklook.updates import QuickLookRequest, QuickLookUpdate
from eclgrmd.model.rest.pictures import LightCurves, MeasuredDurations, PictureForm, PictureKind
from eclgrmd.model.rest.thumbnails import Thumbnail, ThumbnailForm
from eclgrmd.pipeline.quicklook.analyse import analyse
from eclgrmd.pipeline.quicklook.pictures import encoded_quick_picture, measured_packets
from eclgrmd.products.pictures.thumbnails import encode_thumbnail
from tests.support.quicklook.packets import box_sequence, packets

SENT = packets(box_sequence(1.0, 21.0, 800.0, burst_id="pictured"))
BODIES = tuple(map(packet_to_binary, SENT))


def replay(number: int) -> PacketReplay:
    """Return the replay of the first packets, with what the quick look said then."""
    request = QuickLookRequest(
        burst_id="pictured", after=0, packets=tuple(enumerate(BODIES[:number], 1)), t0_met_s=None,
        final=False, calibration_dir="",
    )  # fmt: skip
    update = analyse(request).update
    assert update is not None
    return PacketReplay(update=update, packets=BODIES[:number], calibration_dir="")


@pytest.fixture(scope="module")
def whole() -> PacketReplay:
    return replay(len(BODIES))


def curves(of: PacketReplay, query: bytes = b"{}") -> LightCurves:
    found = encoded_quick_picture(PictureKind.LIGHT_CURVES, of, query, PictureForm.JSON)
    return msgspec.json.decode(found, type=LightCurves)


def test_the_light_curve_has_the_counts_of_the_packets(whole: PacketReplay) -> None:
    (curve,) = curves(whole, b'{"points": 20000}').curves
    assert curve.background_counts is not None
    columns = curve.start_s, curve.counts, curve.background_counts, curve.exposure_s
    inside = np.array([row for row in zip(*columns, strict=True) if 2.0 < row[0] < 20.0])
    net = (inside[:, 1] - inside[:, 2]).sum() / inside[:, 3].sum()
    assert net == pytest.approx(0.9 * 800.0, rel=0.03), "the lowest band is left out"


def test_earlier_packets_show_less(whole: PacketReplay) -> None:
    half = replay(len(BODIES) // 2)
    early, late = curves(half).curves[0], curves(whole).curves[0]
    assert early.stop_s[-1] < late.stop_s[-1]
    found = encoded_quick_picture(PictureKind.DURATIONS, half, b"{}", PictureForm.JSON)
    durations = msgspec.json.decode(found, type=MeasuredDurations)
    stated = half.update.instruments[0].duration
    assert durations.instruments[0].duration == stated, "as the update states it"


def test_bands_are_those_of_the_packets(whole: PacketReplay) -> None:
    bands = curves(whole, b'{"band_kev": ["17.08-51.24", "51.24-264.7"]}').curves
    assert [each.band_kev for each in bands] == [(17.08, 51.24), (51.24, 264.7)]


def test_a_thumbnail_has_sixty_bins_around_the_burst(whole: PacketReplay) -> None:
    burst = measured_packets(whole)
    small = msgspec.json.decode(
        encode_thumbnail("pictured", burst, ThumbnailForm.JSON), type=Thumbnail
    )
    assert len(small.rates_per_s) == len(small.background_per_s) == 60
    assert small.start_s < 1.0
    assert small.stop_s > 21.0
    assert small.t90_s is not None
    middle = [rate for rate in small.rates_per_s[25:35] if rate is not None]
    assert np.mean(middle) == pytest.approx(750.0 + 720.0, rel=0.05)
    levels = [level for level in small.background_per_s if level is not None]
    assert np.mean(levels) == pytest.approx(750.0, rel=0.05)

    image = encode_thumbnail("a<b", burst, ThumbnailForm.SVG)
    root = ET.fromstring(image)  # noqa: S314 - our own
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert "a<b" in "".join(root.itertext())
    assert len(image) < 3000


def test_packets_without_a_light_curve_cannot_be_drawn(whole: PacketReplay) -> None:
    update: QuickLookUpdate = whole.update
    nothing = PacketReplay(update=update, packets=(), calibration_dir="")
    with pytest.raises(PermanentError, match="no light curve"):
        curves(nothing)
