"""Columns about the burst and the making of the result."""

from collections.abc import Iterator

from astropy.time import Time

from eclgrmd.products.summary import headline_flags

from .entry import Column, Entry, number, text, whole

__all__ = ["burst_columns", "process_columns"]


def burst_columns() -> Iterator[Column]:
    """Yield the columns that say which burst it is."""
    yield text("name", "meta.id;meta.main", "Name of the burst", lambda e: e.result.burst.id)
    yield number(
        "trigger_time",
        "d",
        "time.epoch",
        "Reference time t0, MJD (UTC), precise to 10 microseconds",
        _mjd,
    )
    yield text("trigger_utc", "time.epoch", "Reference time t0, ISO-8601 UTC", _utc)
    yield number(
        "trigger_met",
        "s",
        "time.epoch",
        "Reference time t0 in mission elapsed time",
        lambda e: e.result.burst.t0_met_s,
    )


def process_columns() -> Iterator[Column]:
    """Yield the columns that say how the result was made, and what is doubtful about it."""
    yield text("flags", "meta.code.qual", "Codes of all flags, separated by spaces", _flags)
    yield text(
        "stream",
        "meta.code",
        "Stream of the data: VHF or XBand",
        lambda e: e.result.process.dstream,
    )
    yield whole(
        "proc_ver",
        "meta.version",
        "Processing version, raised on each re-processing",
        lambda e: e.result.process.proc_ver,
    )
    yield text(
        "software",
        "meta.version;meta.software",
        "Version of eclgrmd that made the result",
        lambda e: e.result.software.get("eclgrmd"),
    )
    yield text(
        "date",
        "time.creation",
        "When the result was made, ISO-8601 UTC",
        lambda e: e.result.process.created_utc,
    )
    yield text(
        "configuration_sha256",
        "meta.checksum",
        "Checksum of the task's configuration",
        lambda e: e.result.process.configuration_sha256,
    )
    yield text(
        "task", "meta.id;meta.software", "Task of the result", lambda e: e.result.process.task_id
    )
    yield text("source", "meta.ref", "Folder or task of result.json", lambda e: e.source)


def _utc(entry: Entry) -> str | None:
    return entry.result.burst.t0


def _mjd(entry: Entry) -> float | None:
    t0 = entry.result.burst.t0
    return None if t0 is None else float(Time(t0.removesuffix("Z"), format="isot", scale="utc").mjd)


def _flags(entry: Entry) -> str:
    codes = (str(flag.code.value) for flag in headline_flags(entry.result))
    return " ".join(dict.fromkeys(codes))
