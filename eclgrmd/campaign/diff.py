"""Two campaigns compared: which bursts moved, and what was changed."""

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from math import hypot
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from eclgrmd.errors import InputError
from eclgrmd.model.result import Input

from .parts import DATA_SET, Provenance

__all__ = ["Diff", "Moved", "compare_rows", "diff_csv", "read_rows"]

Row = dict[str, Any]
QUANTITIES = (
    ("T90", ("t90",)),
    ("Epeak", ("flnc_band_epeak", "flnc_comp_epeak")),
    ("flux", ("flux_1024",)),
)
"""Quantities that are compared, each with the columns of which the first with a value counts."""
_KEYS = ("name", "campaign_configuration", "burst_class", "provenance")


class Moved(Struct, frozen=True, kw_only=True):
    """A quantity of a burst that differs between the campaigns."""

    burst_id: str
    """Burst."""
    quantity: str
    """T90, Epeak, flux or class."""
    before: float | str | None
    """In the first campaign; None: no value."""
    after: float | str | None
    """In the second campaign; None: no value."""
    sigma: float | None
    """Difference over both errors in quadrature; None: for a class or a missing value. Both
    campaigns share the noise of the data: 1 sigma is much for a change of calibration."""
    cause: str
    """What differs: inputs, configuration or software, and the first step whose outcome does."""


class Diff(Struct, frozen=True, kw_only=True):
    """The comparison of two campaigns."""

    compared: int
    """Bursts in both."""
    only_before: int
    """Bursts that only the first has."""
    only_after: int
    """Bursts that only the second has."""
    moved: tuple[Moved, ...]
    """What moved by more than the limit, by burst."""
    pairs: dict[str, tuple[tuple[float, float], ...]]
    """Both values of every burst that has them, by quantity."""


def read_rows(path: Path, configuration: str | None) -> dict[str, Row]:
    """Return the rows of a campaign's data set by burst.

    Parameters
    ----------
    path
        The data set, or the folder with it.
    configuration
        Configuration whose rows are taken; None: there is only one.

    Raises
    ------
    InputError
        If there is no data set, or it has several configurations and none was named.
    """
    from pyarrow import ArrowException, parquet  # noqa: PLC0415 - an optional extra

    file = path / DATA_SET if path.is_dir() else path
    columns = [*_KEYS, *(name for column in _columns() for name in _with_errors(column))]
    try:
        rows: list[Row] = parquet.read_table(file, columns=columns).to_pylist()
    except (OSError, ArrowException) as error:
        raise InputError(
            f"{file}: no results of a campaign: {error}: `eclgrmd campaign report` writes them"
        ) from error
    names = sorted({row["campaign_configuration"] for row in rows})
    if configuration is None and len(names) > 1:
        raise InputError(f"{file} has the configurations {', '.join(names)}: name one of them")
    if configuration is not None and configuration not in names:
        raise InputError(
            f"{file} has no configuration {configuration}: must be one of {', '.join(names)}"
        )
    wanted = configuration or (names[0] if names else "")
    return {row["name"]: row for row in rows if row["campaign_configuration"] == wanted}


def compare_rows(before: Mapping[str, Row], after: Mapping[str, Row], sigma: float = 1.0) -> Diff:
    """Compare the rows of two campaigns, burst by burst.

    Parameters
    ----------
    before, after
        Rows by burst.
    sigma
        Least difference that is listed. A change of class, or a value that only one of them has,
        is always listed.
    """
    common = [name for name in before if name in after]
    moved: list[Moved] = []
    pairs: dict[str, list[tuple[float, float]]] = {name: [] for name, _ in QUANTITIES}
    for name in common:
        one, two = before[name], after[name]
        found = list(_moved(name, one, two, sigma, lambda q, pair: pairs[q].append(pair)))
        if found:
            cause = _cause(_provenance(one), _provenance(two))
            moved += [msgspec.structs.replace(each, cause=cause) for each in found]
    return Diff(
        compared=len(common),
        only_before=len(before) - len(common),
        only_after=len(after) - len(common),
        moved=tuple(moved),
        pairs={name: tuple(found) for name, found in pairs.items()},
    )


def diff_csv(moved: Sequence[Moved]) -> bytes:
    """Return the table of what moved as CSV."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(Moved.__struct_fields__)
    writer.writerows(msgspec.structs.astuple(each) for each in moved)
    return buffer.getvalue().encode()


def _moved(
    name: str,
    before: Row,
    after: Row,
    limit: float,
    on_pair: Callable[[str, tuple[float, float]], None],
) -> Iterator[Moved]:
    for quantity, columns in QUANTITIES:
        column = next(
            (c for c in columns if before[c] is not None or after[c] is not None), columns[0]
        )
        was, now = before[column], after[column]
        sigma = None
        if was is not None and now is not None:
            on_pair(quantity, (was, now))
            sigma = _sigma(column, before, after)
            if sigma <= limit:
                continue
        if was is not None or now is not None:
            yield Moved(
                burst_id=name, quantity=quantity, before=was, after=now, sigma=sigma, cause=""
            )
    was, now = before["burst_class"], after["burst_class"]
    if was != now:
        yield Moved(burst_id=name, quantity="class", before=was, after=now, sigma=None, cause="")


def _sigma(column: str, before: Row, after: Row) -> float:
    """Return a difference over the errors that face each other, in quadrature."""
    change = after[column] - before[column]
    facing = ("pos", "neg") if change > 0.0 else ("neg", "pos")
    sides = (before[f"{column}_{facing[0]}_err"], after[f"{column}_{facing[1]}_err"])
    error = hypot(*(side or 0.0 for side in sides))
    if change == 0.0:
        return 0.0
    return abs(change) / error if error > 0.0 else float("inf")


def _cause(before: Provenance, after: Provenance) -> str:
    """Return what differs between the origins of two results."""
    calibration = {file.name for file in (*before.calibration, *after.calibration)}
    files = _changed_files(before.inputs, after.inputs)
    said = []
    for what, names in (
        ("calibration", [name for name in files if name in calibration]),
        ("data", [name for name in files if name not in calibration]),
    ):
        if names:
            said.append(f"{what} {', '.join(names)}")
    if before.configuration_sha256 != after.configuration_sha256:
        said.append("configuration")
    software = {
        name
        for name in before.software.keys() | after.software.keys()
        if before.software.get(name) != after.software.get(name)
    }
    if software:
        said.append(f"software {', '.join(sorted(software))}")
    outcomes = {step.name: step.sha256 for step in before.steps}
    first = next(
        (step.name for step in after.steps if outcomes.get(step.name) != step.sha256), None
    )
    if first is not None:
        said.append(f"first in step {first}")
    return "; ".join(said) or "code of eclgrmd"


def _changed_files(before: Sequence[Input], after: Sequence[Input]) -> list[str]:
    """Return the names of the files that only one has, or that have another content."""
    old, new = ({(file.name, file.sha256) for file in each} for each in (before, after))
    return sorted({name for name, _ in old ^ new})


def _provenance(row: Row) -> Provenance:
    return msgspec.json.decode(row["provenance"], type=Provenance)


def _columns() -> Iterator[str]:
    for _, columns in QUANTITIES:
        yield from columns


def _with_errors(column: str) -> tuple[str, str, str]:
    return column, f"{column}_pos_err", f"{column}_neg_err"
