"""The quick look goes on without a response that is named in the settings but unreadable."""

from pathlib import Path

import pytest
from msgspec import structs

from eclgrmd.analysis.quicklook.burst import GrowingBurst
from eclgrmd.model.flags import texts
from eclgrmd.model.quicklook.binary import packet_to_binary
from eclgrmd.model.quicklook.packet import LightCurvePacket, Packet, TriggerPacket
from eclgrmd.model.quicklook.updates import QuickLookAnswer, QuickLookRequest
from eclgrmd.pipeline.quicklook.analyse import analyse
from tests.support.quicklook.packets import box_sequence


@pytest.mark.parametrize("damaged", [True, False])
def test_a_burst_is_followed_without_responses_that_cannot_be_read(
    tmp_path: Path, *, damaged: bool
) -> None:
    folder = tmp_path if damaged else tmp_path / "nowhere"
    (tmp_path / "grd01.rsp").write_text("no FITS file")
    sent = box_sequence(1.0, 21.0, 800.0)[:100]
    bodies = tuple(packet_to_binary(each.packet) for each in sent)
    answer = analyse(
        QuickLookRequest(
            burst_id="sb26010101", after=0, packets=tuple(enumerate(bodies, start=1)),
            t0_met_s=None, final=False, calibration_dir=str(folder),
        )
    )  # fmt: skip
    assert answer.update is not None
    assert answer.update.reference == "GRM"
    assert answer.update.spectrum is None


def asked(packets: list[Packet], after: int = 0) -> QuickLookAnswer:
    bodies = tuple(packet_to_binary(each) for each in packets)
    return analyse(
        QuickLookRequest(
            burst_id="sb26010102", after=after, packets=tuple(enumerate(bodies, start=after + 1)),
            t0_met_s=None, final=False, calibration_dir="",
        )
    )  # fmt: skip


def test_a_packet_that_cannot_be_analysed_is_left_out_and_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sent = [each.packet for each in box_sequence(1.0, 21.0, 800.0)[:60]]
    plain = asked(sent).update
    assert plain is not None
    curve = next(each for each in sent if isinstance(each, LightCurvePacket))
    bad = structs.replace(curve, number=900)
    add = GrowingBurst.add

    def failing(stream: GrowingBurst, packet: Packet) -> bool:
        if packet == bad:
            raise FloatingPointError("made up")
        return add(stream, packet)

    monkeypatch.setattr(GrowingBurst, "add", failing)
    assert not asked([bad], after=60).known
    update = asked([*sent[:30], bad, *sent[30:]]).update
    assert update is not None
    assert update.instruments == plain.instruments
    assert any("light_curve 900 was left out" in flag for flag in texts(update.flags))


def test_more_widths_than_any_stream_has_are_left_out_and_named() -> None:
    sent = [each.packet for each in box_sequence(1.0, 21.0, 800.0)[:60]]
    curve = next(each for each in sent if isinstance(each, LightCurvePacket))
    odd = [structs.replace(curve, number=900 + i, bin_s=1.0 + i * 1e-3) for i in range(600)]
    update = asked([*sent, *odd]).update
    assert update is not None
    assert update.set_aside == {"too many widths or bins": 600 - 6}
    (flag,) = (each for each in texts(update.flags) if "left out" in each)
    assert flag.startswith("packets GRM light_curve 906, GRM light_curve 907, ")
    assert flag.endswith(" and 589 more were left out: bins of more than 8 widths")


def test_a_stored_packet_that_is_not_taken_any_more_is_named() -> None:
    sent = [each.packet for each in box_sequence(1.0, 21.0, 800.0)[:60]]
    curve = next(each for each in sent if isinstance(each, LightCurvePacket))
    update = asked([*sent, structs.replace(curve, number=900, bin_s=1e-300)]).update
    assert update is not None
    assert update.reference == "GRM"
    assert any("a packet was left out" in flag and "bin_s" in flag for flag in texts(update.flags))


@pytest.mark.parametrize("number", [1000, 65535])
def test_a_stray_number_opens_no_gap_and_is_named(number: int) -> None:
    sent = [each.packet for each in box_sequence(1.0, 21.0, 800.0)[:60]]
    *others, last = sent
    update = asked([*others, structs.replace(last, number=number)]).update
    assert update is not None
    assert update.missing == 0
    assert update.set_aside == {}
    assert any(f" {number}: number far from the others" in flag for flag in texts(update.flags))


def test_a_packet_from_the_future_is_not_the_newest() -> None:
    sent = [each.packet for each in box_sequence(1.0, 21.0, 800.0)[:60]]
    plain = asked(sent).update
    assert plain is not None
    late = structs.replace(sent[-1], number=150, time_s=sent[-1].time_s + 80_000.0)
    update = asked([*sent, late]).update
    assert update is not None
    assert update.newest_met_s == plain.newest_met_s
    assert any("made more than an hour from the others" in flag for flag in texts(update.flags))


def test_a_stray_trigger_is_named_in_what_is_known() -> None:
    sent = [each.packet for each in box_sequence(1.0, 21.0, 800.0)[:60]]
    trigger = next(each for each in sent if isinstance(each, TriggerPacket))
    stray = structs.replace(trigger, number=1, trigger_time_s=trigger.trigger_time_s - 5000.0)
    plain, update = asked(sent).update, asked([stray, *sent]).update
    assert plain is not None
    assert update is not None
    assert update.instruments == plain.instruments
    assert update.set_aside == {"stray time": 1}
    assert update.packets == plain.packets + 1
    flag = "packet GRM trigger 1 was left out: its trigger time lies 5000 s before t0"
    assert flag in texts(update.flags)
