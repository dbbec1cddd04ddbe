"""Which updates are announced: what matters, and not every packet."""

from typing import Any

import msgspec
import pytest

from eclgrmd.model.pipeline import Summary
from eclgrmd.model.quicklook.announcing import why_announce
from eclgrmd.model.quicklook.updates import (
    InstrumentUpdate,
    QuickLookUpdate,
    compare_with_quick_look,
)
from eclgrmd.model.result import Classification, Duration, Width


def update(
    t90: float | None, error: float = 1.0, progress: str = "quiet", name: str = "long", **more: Any
) -> QuickLookUpdate:
    width = Width(t90, error, error, 0.0, t90)
    duration = Duration("GRM", ("GRD01",), (15.0, 5000.0), "", width, width, ())
    seen = InstrumentUpdate(
        instrument="GRM", progress=progress, until_s=1.0, bins=9, duration=duration,
        hardness=None, peak_rates=(), restarts=0,
    )  # fmt: skip
    classification = Classification(name, 0.5, "", ())  # type: ignore[arg-type]  # by the table
    base = QuickLookUpdate(
        burst_id="sb1", t0_utc="", t0_met_s=0.0, packets=1, missing=0, newest_met_s=0.0,
        instruments=(seen,), reference=None if t90 is None else "GRM",
        classification=classification,
    )  # fmt: skip
    return msgspec.structs.replace(base, **more)


@pytest.mark.parametrize(
    ("announced", "now", "why"),
    [
        (None, update(None), ""),
        (None, update(3.0), "first significant excess"),
        (update(None), update(3.0), "first significant excess"),
        (update(3.0), update(None), "the excess is gone"),
        (update(10.0), update(10.9), ""),
        (update(10.0), update(11.1), "T90 has changed"),
        (update(10.0, progress="rising"), update(11.5, progress="rising"), ""),
        (update(10.0, progress="rising"), update(12.5, progress="rising"), "T90 has changed"),
        (update(10.0), update(10.0, name="unsure"), "class is now unsure"),
        (update(10.0), update(10.0, progress="ended"), "the burst has ended"),
        (update(10.0, progress="ended"), update(10.2), ""),
        (update(10.0, progress="ended"), update(10.2, progress="rising"), "the burst goes on"),
        (update(10.0), update(10.0, final=True), "final"),
        (update(10.0, final=True), update(10.0, final=True), ""),
        (update(10.0, final=True), update(10.1, final=True), "final"),
    ],
)
def test_the_rule(announced: QuickLookUpdate | None, now: QuickLookUpdate, why: str) -> None:
    assert why_announce(announced, now) == why


def test_the_quick_look_is_compared_with_the_errors_that_face_each_other() -> None:
    summary = Summary(instrument="GRM", t90_s=14.0, t90_err_minus_s=3.0, t90_err_plus_s=9.0)
    found = compare_with_quick_look(update(9.0, 4.0), "t-1", summary)
    assert found is not None
    assert found.difference_s == -5.0
    assert found.sigma == pytest.approx(-1.0)  # 4 upwards and 3 downwards: 5
    assert found.same_instrument
    assert compare_with_quick_look(update(9.0), "t-1", Summary()) is None
    never = compare_with_quick_look(None, "t-1", summary)
    assert never is not None
    assert never.difference_s is None
