"""A packet with a wrong time, or wrong detectors or bands, does not affect the others."""

from collections.abc import Callable

import pytest
from msgspec import structs

from eclgrmd.analysis.quicklook.burst import GrowingBurst
from eclgrmd.analysis.quicklook.majority import choose_trigger, main_group
from eclgrmd.analysis.quicklook.results import BurstSoFar
from eclgrmd.model.flags import texts
from eclgrmd.model.quicklook.packet import AlertPacket, LightCurvePacket, Packet, TriggerPacket
from tests.support.quicklook.packets import T0, box_sequence, packets

DATA = (0.0, 150.0)
SEQUENCE = packets(box_sequence(1.0, 9.0, 600.0))
CURVE = next(each for each in SEQUENCE if isinstance(each, LightCurvePacket))
TRIGGER = next(each for each in SEQUENCE if isinstance(each, AlertPacket | TriggerPacket))
STRAY = "stray time"
OTHER = "other detectors or bands"


def followed(sequence: list[Packet]) -> BurstSoFar:
    stream = GrowingBurst()
    for number, packet in enumerate(sequence):
        stream.add(packet)
        if number % 50 == 1:
            stream.measure()
    found = stream.measure()
    assert found is not None
    return found


@pytest.fixture(scope="module")
def plain() -> BurstSoFar:
    return followed(SEQUENCE)


@pytest.mark.parametrize(
    ("values", "main"),
    [
        ([1.0], slice(0, 1)),
        ([1.0, 2.0, 9.0], slice(0, 2)),
        ([-9.0, 1.0, 2.0], slice(1, 3)),
        ([1.0, 9.0], slice(0, 1)),
        ([0.0, 2.0, 4.0, 6.0], slice(0, 4)),
    ],
)
def test_the_main_group_is_the_largest_without_a_gap(values: list[float], main: slice) -> None:
    assert main_group(values, 2.0) == main


@pytest.mark.parametrize(
    ("times", "chosen"),
    [
        ([], None),
        ([5.0], 5.0),
        ([5.0, 4.0, 6.0], 4.0),
        ([5.0, 5.0, -5000.0], 5.0),
        ([5.0, 5.0, 5000.0], 5.0),
        ([-1000.0, 5.0, 5.5], 5.0),
        ([-1000.0, 5.0], 5.0),
        ([-1000.0], -1000.0),
        ([-1310.0, -1310.0, 5.0], -1310.0),
        ([5.0, 90.0, 90.0], 5.0),
        ([-4000.0], None),
        ([-4000.0, -4000.0, 5.0], 5.0),
    ],
)
def test_the_earliest_trigger_that_most_agree_with_is_used(
    times: list[float], chosen: float | None
) -> None:
    assert choose_trigger(times, DATA) == chosen
    assert choose_trigger(times[::-1], DATA) == chosen


@pytest.mark.parametrize("away", [-80_000.0, -7200.0, -600.0])
@pytest.mark.parametrize("place", [0, 40, 150])
def test_a_stray_trigger_does_not_move_t0_and_is_named(
    plain: BurstSoFar, away: float, place: int
) -> None:
    stray = structs.replace(TRIGGER, number=77, trigger_time_s=T0 + away)
    found = followed([*SEQUENCE[:place], stray, *SEQUENCE[place:]])
    assert found.t0_met_s == plain.t0_met_s == T0
    assert plain.left_out == ()
    assert [(each.number, each.cause) for each in found.left_out] == [(77, STRAY)]
    assert found.left_out[0].reason == f"its trigger time lies {-away:.0f} s before t0"
    t90s = [each.instruments[0].measurement.t90 for each in (found, plain)]
    assert t90s[0].value_s == t90s[1].value_s
    assert t90s[0].start_s == t90s[1].start_s


def test_of_two_triggers_the_one_far_from_the_data_is_wrong() -> None:
    rest = [each for each in SEQUENCE if not isinstance(each, AlertPacket | TriggerPacket)]
    stray = structs.replace(TRIGGER, number=77, trigger_time_s=T0 - 900.0)
    assert followed([stray, TRIGGER, *rest]).t0_met_s == T0


def test_where_no_trigger_is_near_the_data_times_count_from_the_data() -> None:
    rest = [each for each in SEQUENCE if not isinstance(each, AlertPacket | TriggerPacket)]
    stray = structs.replace(TRIGGER, trigger_time_s=T0 - 7200.0)
    first = next(each for each in rest if isinstance(each, LightCurvePacket))
    found = followed([stray, *rest])
    assert found.t0_met_s == float(int(first.start_s))
    assert [each.cause for each in found.left_out] == [STRAY]


def test_a_time_of_notices_far_from_the_data_is_not_used() -> None:
    stream = GrowingBurst()
    for packet in SEQUENCE:
        stream.add(packet)
    stream.use_t0(T0 - 86_400.0)
    found = stream.measure()
    assert found is not None
    assert found.t0_met_s == T0
    assert "t0 of the notices not taken: 86400 s before that of the packets" in texts(found.flags)
    stream.use_t0(T0 - 3.0)
    found = stream.measure()
    assert found is not None
    assert found.t0_met_s == T0 - 3.0
    assert not any("notices" in flag for flag in texts(found.flags))


def moved(packet: LightCurvePacket, by_s: float) -> LightCurvePacket:
    return structs.replace(
        packet, number=77, start_s=packet.start_s + by_s, time_s=packet.time_s + by_s
    )


@pytest.mark.parametrize("by_s", [-4e7, -30_000.0, 7200.0, 4e7])
@pytest.mark.parametrize("place", [0, 40, 150])
def test_bins_far_from_the_others_are_left_out_wherever_they_come(
    plain: BurstSoFar, by_s: float, place: int
) -> None:
    found = followed([*SEQUENCE[:place], moved(CURVE, by_s), *SEQUENCE[place:]])
    assert found.t0_met_s == T0
    assert [(each.number, each.cause) for each in found.left_out] == [(77, STRAY)]
    one, other = (each.instruments[0] for each in (found, plain))
    assert one.bins == other.bins
    assert one.measurement.t90.value_s == pytest.approx(other.measurement.t90.value_s, rel=1e-6)


def without_triggers() -> list[Packet]:
    return [each for each in SEQUENCE if not isinstance(each, AlertPacket | TriggerPacket)]


def test_without_triggers_a_stray_first_packet_does_not_set_the_time() -> None:
    plain = followed(without_triggers())
    found = followed([moved(CURVE, -30_000.0), *without_triggers()])
    assert found.t0_met_s == plain.t0_met_s


def other_bands(packet: LightCurvePacket) -> LightCurvePacket:
    low = tuple((float(i), float(i + 1)) for i in range(1, 5))
    return structs.replace(packet, number=77, bands_kev=low)


def other_detectors(packet: LightCurvePacket) -> LightCurvePacket:
    return structs.replace(packet, number=77, detectors=("GRD09",))


@pytest.mark.parametrize("wrong", [other_bands, other_detectors])
@pytest.mark.parametrize("place", [0, 40, 150])
def test_most_packets_decide_on_detectors_and_bands(
    plain: BurstSoFar, wrong: Callable[[LightCurvePacket], LightCurvePacket], place: int
) -> None:
    found = followed([*SEQUENCE[:place], wrong(CURVE), *SEQUENCE[place:]])
    assert [(each.number, each.cause) for each in found.left_out] == [(77, OTHER)]
    one, other = (each.instruments[0] for each in (found, plain))
    assert one.measurement.curve.detectors == other.measurement.curve.detectors
    assert one.bins == other.bins
    assert one.measurement.t90.value_s == pytest.approx(other.measurement.t90.value_s, rel=1e-6)


def test_many_shapes_of_one_packet_each_do_not_veto_the_others(plain: BurstSoFar) -> None:
    wrong: list[Packet] = [
        structs.replace(CURVE, number=500 + i, detectors=(f"X{i}",)) for i in range(30)
    ]
    found = followed([*wrong, *SEQUENCE])
    assert found.instruments[0].measurement.curve.detectors == CURVE.detectors
    assert {each.number for each in found.left_out} == set(range(500, 530))
    assert found.instruments[0].bins == plain.instruments[0].bins
