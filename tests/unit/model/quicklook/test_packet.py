"""Packets: both forms say the same, and damage is noticed."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eclgrmd.errors import InputError
from eclgrmd.model.names import Instrument
from eclgrmd.model.quicklook.binary import packet_from_binary, packet_to_binary, read_packet
from eclgrmd.model.quicklook.packet import (
    AlertPacket,
    AttitudePacket,
    DescriptorPacket,
    LightCurvePacket,
    Packet,
    Pointing,
    TriggerPacket,
    packet_from_json,
    packet_to_json,
)

POINTING = Pointing((6998.0, 0.5, -12.25), (0.0, 0.0, 0.6, 0.8))
CURVE = LightCurvePacket(
    burst_id="sb26010101",
    obs_id="1234",
    number=3,
    time_s=3.1e8 + 0.25,
    instrument=Instrument.GRM,
    priority="high",
    start_s=3.1e8,
    bin_s=0.064,
    bands_kev=((8.54, 17.08), (17.08, 51.24)),
    detectors=("GRD01", "GRD02"),
    counts=(((1, 2, 3), (4, 5, 6)), ((7, 8, 65535), (10, 11, 12))),
    live=(1.0, 0.5, 0.25),
)
PACKETS: tuple[Packet, ...] = (
    CURVE,
    AlertPacket(
        burst_id="sb1", number=4, time_s=3e8, trigger_time_s=3e8 - 5, slew_request=True,
        ra_deg=10.0, dec_deg=-5.5, error_deg=0.1, criterion=12, detector_counts=4000,
        detector_background=3900.5, pointing=POINTING,
    ),
    AlertPacket(burst_id="sb1", number=0, time_s=3e8, trigger_time_s=3e8, slew_request=False),
    TriggerPacket(
        burst_id="sb1", number=0, time_s=3e8, trigger_time_s=3e8, timescale_s=1.0,
        band_kev=(17.08, 51.24), snr=9.5, detectors=("GRD03",),
    ),
    DescriptorPacket(
        burst_id="sb1", number=0, time_s=3e8, start_s=1.0, stop_s=2.0,
        light_curves={Instrument.ECLAIRS: 60, Instrument.GRM: 70},
    ),
    AttitudePacket(burst_id="sb1", number=7, time_s=3e8, pointing=POINTING, slewing=True),
)  # fmt: skip


@pytest.mark.parametrize("packet", PACKETS, ids=lambda packet: type(packet).__name__)
def test_both_forms_give_the_packet_back(packet: Packet) -> None:
    assert read_packet(packet_to_json(packet)) == packet
    assert read_packet(packet_to_binary(packet)) == packet


def test_the_binary_form_is_half_as_long() -> None:
    many = msgspec.structs.replace(CURVE, counts=(((100,) * 64,) * 2,) * 2, live=())
    assert len(packet_to_binary(many)) < 0.5 * len(packet_to_json(many))


@given(st.integers(0, len(packet_to_binary(CURVE)) * 8 - 1))
def test_any_flipped_bit_is_noticed(bit: int) -> None:
    frame = bytearray(packet_to_binary(CURVE))
    frame[bit // 8] ^= 1 << bit % 8
    with pytest.raises(InputError):
        read_packet(bytes(frame))


@given(st.integers(0, len(packet_to_binary(CURVE)) - 1))
def test_any_cut_is_noticed(length: int) -> None:
    with pytest.raises(InputError):
        packet_from_binary(packet_to_binary(CURVE)[:length])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"bands_kev": ((17.0, 8.0), (17.0, 51.0))}, "rising"),
        ({"bands_kev": ((8.0, 18.0), (17.0, 51.0))}, "not overlap"),
        ({"detectors": ("GRD01",)}, "of 1 detectors and 2 bands"),
        ({"counts": (((1,), (1, 2)), ((1,), (1,)))}, "same 1 to"),
        ({"counts": (((), ()), ((), ()))}, "same 1 to"),
        ({"live": (1.0,)}, "live has 1 bins"),
        ({"counts": (((-1,), (1,)), ((1,), (1,))), "live": ()}, "counts"),
        ({"bin_s": 0.0}, "bin_s"),
        ({"time_s": float("nan")}, "time_s"),
        ({"number": 70000}, "number"),
        ({"burst_id": "a b"}, "burst_id"),
        ({"live": (1.0, float("nan"), 1.0)}, "live"),
    ],
)
def test_what_does_not_fit_is_refused_in_both_forms(change: dict[str, object], said: str) -> None:
    wrong = msgspec.structs.replace(CURVE, **change)
    for write, read in (
        (packet_to_json, packet_from_json),
        (packet_to_binary, packet_from_binary),
    ):
        with pytest.raises(InputError, match=said):
            read(write(wrong))


@pytest.mark.parametrize(
    ("packet", "change", "said"),
    [
        (CURVE, {"bands_kev": ((8.0, 17.0), (17.0, float("inf")))}, "bands_kev"),
        (CURVE, {"bands_kev": ((float("-inf"), 17.0), (17.0, 50.0))}, "bands_kev"),
        (PACKETS[1], {"ra_deg": float("nan")}, "ra_deg"),
        (PACKETS[1], {"detector_background": float("inf")}, "detector_background"),
        (PACKETS[3], {"timescale_s": float("inf")}, "timescale_s"),
        (PACKETS[3], {"snr": float("nan")}, "snr"),
    ],
)
def test_numbers_that_json_cannot_give_back_are_refused(
    packet: Packet, change: dict[str, object], said: str
) -> None:
    wrong = msgspec.structs.replace(packet, **change)
    with pytest.raises(InputError, match=said):
        packet_from_binary(packet_to_binary(wrong))
