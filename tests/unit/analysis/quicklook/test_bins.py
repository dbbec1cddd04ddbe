"""The finest bins of each time are used once, in whatever order packets arrive."""

import numpy as np
import pytest
from msgspec import structs

from eclgrmd.analysis.quicklook.bins import BinStore
from eclgrmd.errors import InputError
from tests.support.quicklook.packets import T0, light_curve


def test_packets_in_any_order_give_the_same_bins() -> None:
    parts = [light_curve(start, 0.5, [int(start), 1, 2, 3]) for start in (0.0, 2.0, 4.0, 6.0)]
    forward, backward = BinStore(T0), BinStore(T0)
    for first, second in zip(parts, reversed(parts), strict=True):
        forward.add(first)
        backward.add(second)
    assert np.array_equal(forward.merged().start_s, backward.merged().start_s)
    assert np.array_equal(forward.merged().counts, backward.merged().counts)
    assert len(forward.merged().start_s) == 16


def test_a_repeated_packet_changes_nothing() -> None:
    store = BinStore(T0)
    assert store.add(light_curve(0.0, 0.5, [1, 2, 3]))
    assert not store.add(light_curve(0.0, 0.5, [1, 2, 3]))
    assert store.add(light_curve(1.0, 0.5, [9, 4]))
    assert store.merged().counts[:, 0, 0].tolist() == [1.0, 2.0, 3.0, 4.0]


def test_fine_bins_replace_a_coarse_one_once_they_cover_it() -> None:
    store = BinStore(T0)
    store.add(light_curve(0.0, 1.0, [10, 20, 30]))
    store.add(light_curve(1.0, 0.25, [5, 6]))
    assert store.merged().counts[:, 0, 0].tolist() == [10.0, 20.0, 30.0]
    store.add(light_curve(1.5, 0.25, [4, 5]))
    assert store.merged().counts[:, 0, 0].tolist() == [10.0, 5.0, 6.0, 4.0, 5.0, 30.0]


def test_a_gap_stays_a_gap() -> None:
    store = BinStore(T0)
    store.add(light_curve(0.0, 1.0, [1, 2]))
    store.add(light_curve(5.0, 1.0, [3]))
    merged = store.merged()
    assert merged.start_s.tolist() == [0.0, 1.0, 5.0]
    assert merged.stop_s.tolist() == [1.0, 2.0, 6.0]


def test_neighbours_touch_exactly_in_spite_of_the_rounding_of_mission_times() -> None:
    store = BinStore(T0)
    for number in range(40):
        store.add(light_curve(0.1 + 0.064 * 7 * number, 0.064, [1] * 7))
    merged = store.merged()
    assert len(merged.start_s) == 280
    assert np.array_equal(merged.stop_s[:-1], merged.start_s[1:])


def test_more_counts_than_any_stream_has_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eclgrmd.analysis.quicklook.bins._MOST_COUNTS", 12)
    wide = structs.replace(
        light_curve(0.0, 1.0, [1, 2, 3]), detectors=("A", "B"), counts=(((1, 2, 3),), ((4, 5, 6),))
    )
    store = BinStore(T0)
    assert store.add(wide)
    assert store.add(structs.replace(wide, start_s=T0 + 3.0))
    with pytest.raises(InputError, match="more than 12 counts"):
        store.add(structs.replace(wide, start_s=T0 + 6.0))
