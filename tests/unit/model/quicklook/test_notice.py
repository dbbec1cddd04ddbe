"""The combined content of the notices of a burst does not depend on their order."""

from itertools import permutations
from random import Random

import pytest

from eclgrmd.model.quicklook.notice import (
    Detection,
    Notice,
    NoticeKind,
    Position,
    judge,
    says_the_same,
    superfluous,
)


def notice(kind: NoticeKind, second: int, **more: object) -> Notice:
    fields: dict[str, object] = {
        "ivorn": f"ivo://org.svom/fsc#sb1_{kind.name}-{second}",
        "kind": kind,
        "role": "observation",
        "burst_id": "sb1",
        "date_utc": f"2026-05-04T09:31:{second:02d}.000000Z",
        "instrument": "GRM",
    }
    return Notice(**{**fields, **more})  # type: ignore[arg-type]  # values of many types


TRIGGER = notice(NoticeKind.GRM_TRIGGER, 10)
WAKEUP = notice(NoticeKind.ECLAIRS_WAKEUP, 20, instrument="ECLAIRs")
RETRACTION = notice(NoticeKind.RETRACTION, 30)


@pytest.mark.parametrize("order", list(permutations([TRIGGER, WAKEUP, RETRACTION])))
def test_a_retraction_withdraws_in_any_order(order: tuple[Notice, ...]) -> None:
    found = judge([*order, RETRACTION])
    assert found.state == "withdrawn"
    assert RETRACTION.ivorn in found.reason
    assert found.instruments == ("GRM", "ECLAIRs")


def test_a_retraction_of_the_same_second_came_after_the_wakeup() -> None:
    same = notice(NoticeKind.RETRACTION, 20)
    assert judge([same, WAKEUP]).state == "withdrawn"
    assert judge([WAKEUP, same]).state == "withdrawn"


def test_a_later_notice_revives_the_burst() -> None:
    again = notice(NoticeKind.SLEWING, 40, slew="accepted")
    found = judge([again, RETRACTION, WAKEUP])
    assert found.state == "active"
    assert found.slew == "accepted"


def test_a_burst_known_only_by_its_retraction_is_withdrawn() -> None:
    assert judge([RETRACTION]).state == "withdrawn"


def test_t0_is_that_of_the_sequence_where_it_is_told() -> None:
    window = Detection(start_utc="2026-05-04T09:31:00.000000Z")
    told = "2026-05-04T09:31:05.500000Z"
    first = notice(NoticeKind.GRM_TRIGGER, 10, detection=window)
    second = notice(NoticeKind.ECLAIRS_WAKEUP, 20, sequence_t0_utc=told)
    assert judge([first]).t0_utc == window.start_utc
    assert judge([second, first]).t0_utc == told
    # 2026-05-04 is day 3410 after 2017-01-01
    assert judge([second]).t0_met_s == pytest.approx(3410 * 86400 + 9 * 3600 + 31 * 60 + 5.5)
    assert judge([TRIGGER]).t0_utc is None


def test_the_newest_position_with_a_known_error_is_taken() -> None:
    known = notice(NoticeKind.ECLAIRS_WAKEUP, 20, position=Position(1.0, 2.0, 0.1))
    unknown = notice(NoticeKind.GRM_TRIGGER, 25, position=Position(9.0, 9.0, None))
    assert judge([unknown, known]).position == known.position
    assert judge([unknown]).position == unknown.position
    assert judge([]).state == "active"


@pytest.mark.parametrize("seed", range(200))
def test_what_is_forgotten_changes_nothing_that_notices_say(seed: int) -> None:
    random = Random(seed)
    times = [None, *(f"2026-05-04T09:31:{n:02d}.000000Z" for n in range(9))]
    positions = [None, *(Position(float(n), 0.0, random.choice([None, 0.1])) for n in range(9))]
    told = [
        notice(
            random.choice([NoticeKind.RETRACTION, *4 * [NoticeKind.GRM_TRIGGER]]),
            random.randrange(60),
            ivorn=f"ivo://{number}",
            instrument=random.choice(["GRM", "ECLAIRs", "MXT", "VT"]),
            sequence_t0_utc=random.choice(times),
            detection=Detection(start_utc=random.choice(times)),
            time_utc=random.choice(times),
            position=random.choice(positions),
            slew=random.choice([None, "accepted", "rejected"]),
            source_name=random.choice([None, "Crab", "Vela"]),
        )
        for number in range(60)
    ]
    forgotten = superfluous(told, 20)
    left = [each for index, each in enumerate(told) if index not in forgotten]
    assert len(left) == 20
    assert says_the_same(judge(left), judge(told))
    assert says_the_same(judge(told), judge(left))


def test_the_oldest_are_forgotten_first() -> None:
    told = [notice(NoticeKind.SLEWING, second) for second in (5, 3, 1, 2, 4)]
    assert superfluous(told, 5) == []
    assert superfluous(told, 3) == [3, 1]  # 1 is the instrument's first


def test_notices_that_repeat_others_say_the_same() -> None:
    again = notice(NoticeKind.GRM_TRIGGER, 50)
    moved = notice(NoticeKind.GRM_TRIGGER, 50, position=Position(1.0, 2.0, 0.1))
    assert says_the_same(judge([TRIGGER]), judge([TRIGGER, again]))
    assert not says_the_same(judge([TRIGGER]), judge([TRIGGER, moved]))
    assert not says_the_same(judge([TRIGGER, RETRACTION]), judge([TRIGGER, RETRACTION, again]))
