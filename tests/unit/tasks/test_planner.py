"""Tasks are due as soon as possible, once for files that arrive together, and again for better."""

from datetime import UTC, datetime, timedelta

import pytest

from eclgrmd.model.file_set import HeldFile, choose_files
from eclgrmd.model.names import FileKind, Instrument
from eclgrmd.model.task import TaskState, TaskType
from eclgrmd.settings.daemon import AutomaticSettings
from eclgrmd.tasks.planner import EarlierTask, Holdings, Order, Plan, plan
from tests.support.present import present

START = datetime(2026, 11, 22, 10, tzinfo=UTC).replace(tzinfo=None)
RULES = AutomaticSettings(debounce_s=2.0, patience_s=30.0, joint_wait_s=600.0)
ECL, GRM, GBM = Instrument.ECLAIRS, Instrument.GRM, Instrument.GBM


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


class Burst:
    """The files and tasks of a burst at successive times."""

    def __init__(self) -> None:
        self.files: list[HeldFile] = []
        self.made: list[EarlierTask] = []
        self.expected: frozenset[Instrument] = frozenset()

    def comes(
        self,
        name: str,
        kind: FileKind | None,
        instrument: Instrument | None,
        *,
        after_s: float = 0.0,
        content: str = "",
        version: int | None = None,
        reason: str = "",
    ) -> HeldFile:
        number = len(self.files) + 1
        file = HeldFile(
            data_id=number,
            name=name,
            sha256=content or f"{number:064d}",
            received_at=at(after_s),
            kind=kind,
            instrument=instrument,
            version=version,
            reason=reason,
        )
        self.files.append(file)
        return file

    def planned(
        self, after_s: float, *, arriving: bool = False, rules: AutomaticSettings = RULES
    ) -> Plan:
        burst = Holdings("sb1", self.files, self.made, self.expected, arriving)
        return plan(rules, burst, at(after_s))

    def due(
        self, after_s: float, *, arriving: bool = False, rules: AutomaticSettings = RULES
    ) -> dict[str, Order]:
        """Return the due series, and record their tasks as done."""
        orders = self.planned(after_s, arriving=arriving, rules=rules).orders
        for order in orders:
            self.become(order, TaskState.DONE)
        return {order.series: order for order in orders}

    def become(self, order: Order, state: TaskState) -> None:
        self.made = [m for m in self.made if m.task_id not in order.replaces]
        sums = frozenset(present(each.sha256) for each in order.request.inputs)
        self.made.append(EarlierTask(order.request.id, order.series, state, order.proc_ver, sums))


def grm(burst: Burst, after_s: float = 0.0, version: int = 1) -> None:
    burst.comes(f"svom_grm_evt_v{version:02d}.fits", FileKind.EVENTS, GRM, after_s=after_s)


def names(order: Order) -> list[str]:
    return [each.name for each in order.request.inputs]


def test_one_light_curve_is_enough_for_a_temporal_analysis() -> None:
    burst = Burst()
    burst.comes("lc.fits", FileKind.LIGHT_CURVE, ECL)
    due = burst.due(3)
    assert set(due) == {"temporal-ECL"}
    assert due["temporal-ECL"].request.analysis is TaskType.TEMPORAL
    assert due["temporal-ECL"].proc_ver == 1


def test_nothing_is_due_before_the_files_have_stopped_coming() -> None:
    burst = Burst()
    grm(burst, after_s=0)
    waiting = burst.planned(1)
    assert waiting.orders == ()
    assert waiting.again_at == at(2)


def test_files_that_come_together_make_one_task_a_series() -> None:
    burst = Burst()
    for number in range(3):
        burst.comes(f"grm{number}.fits", FileKind.EVENTS, GRM, after_s=number)
        burst.comes(f"grm{number}.rsp", FileKind.RESPONSE, GRM, after_s=number)
        assert burst.due(number + 0.5) == {}
    due = burst.due(4.1)
    assert set(due) == {"temporal-GRM", "spectral-GRM"}
    assert len(names(due["spectral-GRM"])) == 6
    assert burst.planned(5).orders == ()


def test_files_that_never_stop_coming_are_analysed_after_the_patience() -> None:
    burst = Burst()
    for second in range(40):
        burst.comes(f"lc{second}.fits", FileKind.LIGHT_CURVE, GRM, after_s=second)
        if due := burst.due(second + 0.5):
            break
    else:
        pytest.fail("never due")
    assert set(due) == {"temporal-GRM"}
    assert second == 30


def test_files_on_their_way_are_waited_for_as_long_as_the_patience() -> None:
    burst = Burst()
    grm(burst)
    assert burst.due(10, arriving=True) == {}
    assert burst.due(29.9, arriving=True) == {}
    assert set(burst.due(30, arriving=True)) == {"temporal-GRM"}


def test_spectra_need_a_response_and_where_ready_made_a_background() -> None:
    burst = Burst()
    burst.comes("grd01.pha", FileKind.SPECTRUM, GRM)
    burst.comes("grd01.rsp", FileKind.RESPONSE, GRM)
    assert burst.due(3) == {}
    burst.comes("grd01.bak", FileKind.BACKGROUND, GRM, after_s=3)
    assert set(burst.due(6)) == {"spectral-GRM"}


def test_another_instruments_response_is_of_no_use() -> None:
    burst = Burst()
    grm(burst)
    burst.comes("ecl.rsp", FileKind.RESPONSE, ECL)
    assert set(burst.due(3)) == {"temporal-GRM"}


def test_attitude_and_orbit_go_with_the_events_of_every_instrument() -> None:
    burst = Burst()
    grm(burst)
    burst.comes("att.fits", FileKind.ATTITUDE, Instrument.OTHER)
    burst.comes("orb.fits", FileKind.ORBIT, Instrument.OTHER)
    used = names(burst.due(3)["temporal-GRM"])
    assert set(used) == {"svom_grm_evt_v01.fits", "att.fits", "orb.fits"}


def test_the_joint_analysis_waits_for_the_instruments_expected() -> None:
    burst = Burst()
    grm(burst)
    burst.comes("grm.rsp", FileKind.RESPONSE, GRM)
    assert set(burst.due(3)) == {"temporal-GRM", "spectral-GRM"}
    burst.comes("ecl.fits", FileKind.EVENTS, ECL, after_s=100)
    burst.comes("ecl.gti", FileKind.GTI, ECL, after_s=100)
    burst.comes("ecl.rsp", FileKind.RESPONSE, ECL, after_s=100)
    due = burst.due(103)
    assert set(due) == {"temporal-ECL", "spectral-ECL", "joint"}
    assert len(names(due["joint"])) == 5
    assert due["joint"].incomplete == ""


def test_the_joint_analysis_is_made_of_what_is_there_when_the_wait_is_over() -> None:
    burst = Burst()
    grm(burst)
    burst.comes("grm.rsp", FileKind.RESPONSE, GRM)
    burst.due(3)
    assert burst.planned(3).again_at == at(600)
    due = burst.due(600)
    assert set(due) == {"joint"}
    assert due["joint"].incomplete == "no data for a spectrum of ECL"


def test_what_comes_after_an_incomplete_joint_analysis_makes_it_complete() -> None:
    burst = Burst()
    grm(burst)
    burst.comes("grm.rsp", FileKind.RESPONSE, GRM)
    burst.due(600)
    burst.comes("ecl.fits", FileKind.EVENTS, ECL, after_s=1000)
    burst.comes("ecl.rsp", FileKind.RESPONSE, ECL, after_s=1000)
    joint = burst.due(1003)["joint"]
    assert (joint.proc_ver, joint.incomplete) == (2, "")


def test_a_notification_may_tell_what_to_expect() -> None:
    burst = Burst()
    burst.expected = frozenset({GRM})
    grm(burst)
    burst.comes("grm.rsp", FileKind.RESPONSE, GRM)
    assert set(burst.due(3)) == {"temporal-GRM", "spectral-GRM", "joint"}


def test_a_burst_of_another_mission_waits_for_no_instrument_of_ours() -> None:
    burst = Burst()
    burst.comes("n3.fit", FileKind.EVENTS, GBM)
    burst.comes("n3.rsp", FileKind.RESPONSE, GBM)
    assert set(burst.due(3)) == {"temporal-GBM", "spectral-GBM", "joint"}


def test_a_higher_version_makes_the_next_processing_version_without_the_lower_file() -> None:
    burst = Burst()
    grm(burst)
    burst.due(3)
    grm(burst, after_s=50, version=2)
    order = burst.due(53)["temporal-GRM"]
    assert (order.proc_ver, names(order)) == (2, ["svom_grm_evt_v02.fits"])


def test_a_lower_version_that_comes_late_changes_nothing() -> None:
    burst = Burst()
    grm(burst, version=2)
    burst.due(3)
    grm(burst, after_s=50, version=1)
    assert burst.due(100) == {}
    assert [u.reason for u in choose_files(burst.files).unused] == [
        "is superseded by svom_grm_evt_v02.fits"
    ]


def test_better_calibration_makes_spectra_new_but_not_durations_of_light_curves() -> None:
    burst = Burst()
    burst.comes("lc.fits", FileKind.LIGHT_CURVE, GRM)
    for name, kind in (("a.pha", FileKind.SPECTRUM), ("a.bak", FileKind.BACKGROUND)):
        burst.comes(name, kind, GRM)
    burst.comes("a_v01.rsp", FileKind.RESPONSE, GRM)
    burst.due(3)
    burst.comes("a_v02.rsp", FileKind.RESPONSE, GRM, after_s=50)
    due = burst.due(53)
    assert set(due) == {"spectral-GRM"}
    assert due["spectral-GRM"].proc_ver == 2


def test_events_take_the_place_of_a_light_curve() -> None:
    burst = Burst()
    burst.comes("lc.fits", FileKind.LIGHT_CURVE, GRM)
    burst.due(3)
    grm(burst, after_s=50)
    order = burst.due(53)["temporal-GRM"]
    assert (order.proc_ver, names(order)) == (2, ["svom_grm_evt_v01.fits"])


def test_a_task_that_has_not_begun_is_replaced_and_keeps_its_version() -> None:
    burst = Burst()
    grm(burst)
    (first,) = burst.planned(3).orders
    burst.become(first, TaskState.QUEUED)
    grm(burst, after_s=4, version=2)
    (second,) = burst.planned(7).orders
    assert second.replaces == (first.request.id,)
    assert second.proc_ver == 1


def test_a_task_that_runs_is_let_run_and_the_next_version_follows() -> None:
    burst = Burst()
    grm(burst)
    (first,) = burst.planned(3).orders
    burst.become(first, TaskState.RUNNING)
    grm(burst, after_s=4, version=2)
    (second,) = burst.planned(7).orders
    assert second.replaces == ()
    assert second.proc_ver == 2


@pytest.mark.parametrize("state", [TaskState.FAILED, TaskState.CANCELLED])
def test_what_failed_or_was_cancelled_is_not_tried_again_without_new_data(state: TaskState) -> None:
    burst = Burst()
    grm(burst)
    (first,) = burst.planned(3).orders
    burst.become(first, state)
    assert burst.due(100) == {}
    grm(burst, after_s=200, version=2)
    assert burst.due(203)["temporal-GRM"].proc_ver == 1


def test_the_same_files_give_the_same_task_in_any_order_of_arrival() -> None:
    one, other = Burst(), Burst()
    one.comes("a.fits", FileKind.EVENTS, GRM, content="a" * 64)
    one.comes("b.fits", FileKind.EVENTS, GRM, content="b" * 64)
    other.comes("b.fits", FileKind.EVENTS, GRM, content="b" * 64)
    other.comes("a.fits", FileKind.EVENTS, GRM, content="a" * 64)
    assert one.planned(3).orders == other.planned(50).orders


def test_refused_and_auxiliary_files_are_named_and_make_nothing() -> None:
    burst = Burst()
    burst.comes("bad.fits", None, None, reason="is no FITS file")
    burst.comes("att.fits", FileKind.AUXILIARY, ECL, reason="is attitude or orbit: not used")
    assert burst.due(700) == {}
    assert {u.name: u.reason for u in choose_files(burst.files).unused} == {
        "bad.fits": "is no FITS file",
        "att.fits": "is attitude or orbit: not used",
    }


def test_of_two_files_of_one_name_the_later_one_counts() -> None:
    burst = Burst()
    burst.comes("ecl.fits", FileKind.EVENTS, ECL)
    later = burst.comes("ecl.fits", FileKind.EVENTS, ECL)
    assert choose_files(burst.files).used == (later,)


def test_a_higher_version_in_the_headers_wins_whatever_came_last() -> None:
    burst = Burst()
    better = burst.comes("ecl.fits", FileKind.EVENTS, ECL, version=2)
    burst.comes("ecl.fits", FileKind.EVENTS, ECL, version=1)
    assert choose_files(burst.files).used == (better,)


def test_only_the_analyses_asked_for_are_made() -> None:
    burst = Burst()
    grm(burst)
    burst.comes("grm.rsp", FileKind.RESPONSE, GRM)
    rules = AutomaticSettings(analyses=("joint",), expected=(GRM,))
    assert set(burst.due(3, rules=rules)) == {"joint"}


def test_identifiers_stay_within_their_limit_whatever_the_bursts_name() -> None:
    burst = Holdings("b" * 100, [])
    file = HeldFile(
        data_id=1,
        name="a.fits",
        sha256="a" * 64,
        received_at=START,
        kind=FileKind.EVENTS,
        instrument=GRM,
    )
    (order,) = plan(RULES, burst._replace(files=[file]), at(3)).orders
    assert len(order.request.id) <= 100
