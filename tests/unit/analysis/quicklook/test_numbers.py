"""Missing packets are counted by packet numbers, and wrong numbers are ignored."""

import pytest

from eclgrmd.analysis.quicklook.numbers import count_missing


@pytest.mark.parametrize(
    ("seen", "set_aside", "missing", "wrong"),
    [
        ([], [], 0, ()),
        ([0, 1, 2], [], 0, ()),
        ([0, 2, 5], [], 3, ()),
        ([4], [], 4, ()),
        ([0, 1, 3], [2], 0, ()),
        ([0, 1, 3], [3, 900], 1, ()),
        ([*range(150), 65535], [], 0, (65535,)),
        ([*range(0, 150, 2), 65535], [], 74, (65535,)),
        ([*range(150), 40000, 65535], [], 0, (40000, 65535)),
        ([0, *range(5000, 5150)], [], 0, (0,)),
        ([*range(50), *range(350, 400)], [], 300, ()),
        ([*range(50), *range(351, 400)], [], 0, tuple(range(351, 400))),
    ],
)
def test_a_number_far_from_the_others_opens_no_gap(
    seen: list[int], set_aside: list[int], missing: int, wrong: tuple[int, ...]
) -> None:
    assert count_missing(seen, set_aside) == (missing, wrong)
    assert count_missing(seen[::-1], set_aside) == (missing, wrong)
