"""Table `burst`: one row for every burst that a message, file or task named."""

from datetime import datetime

from eclgrmd.clock import microseconds, utc_now
from eclgrmd.errors import InputError
from eclgrmd.model.mission_time import read_utc
from eclgrmd.model.pipeline import Summary
from eclgrmd.model.quicklook.updates import QuickLookUpdate
from eclgrmd.store.sql.transaction import Transaction

from .standing import STANDING, Standing

__all__ = [
    "BurstRow",
    "burst",
    "lock_burst",
    "replace_main_results",
    "set_expectations",
    "set_main_results",
    "set_quick_results",
]


class BurstRow(Standing, frozen=True, kw_only=True):
    """A burst as REST shows it."""

    id: str
    """Id that the senders use."""
    t0_utc: str | None
    """Reference time of the last analysis, ISO-8601 UTC; None: unknown."""
    t0_met_s: float | None
    """The same, seconds of the mission's clock; None: unknown."""
    trigger_utc: str | None
    """Trigger time that a notification gave, ISO-8601 UTC; None: none did."""
    expected: str
    """Instruments that a notification announced data of, separated by commas."""
    ask_reason: str
    """Why the last query of the mission database failed; empty: it succeeded, or there was none."""
    created_at: datetime
    """When the burst was first named, UTC without zone."""


def lock_burst(transaction: Transaction, burst_id: str) -> None:
    """Create the burst if it is new, and lock it, so that data and tasks are added one by one."""
    # This statement locks the row exclusively even if it changes nothing.
    transaction.later(
        "INSERT INTO burst (burst_id, created_at) VALUES (%(burst)s, %(now)s) "
        "ON DUPLICATE KEY UPDATE burst_id = burst_id",
        burst=burst_id,
        now=utc_now(),
    )


def set_main_results(transaction: Transaction, burst_id: str, summary: Summary) -> None:
    """Store reference time and main results of an analysis; what it lacks stays as it was.

    Results of the quick look do not stay. Nothing changes if the burst has a result of record,
    which stands for it.
    """
    transaction.later(
        "UPDATE burst SET instrument = NULL, t90_s = NULL, significance = NULL, epeak_kev = NULL, "
        "class = NULL WHERE burst_id = %(burst)s AND record_task IS NULL AND stream = 'vhf'",
        burst=burst_id,
    )
    transaction.later(
        "UPDATE burst SET t0_utc = COALESCE(%(utc)s, t0_utc), "
        "t0_us = COALESCE(%(us)s, t0_us), t0_met_s = COALESCE(%(met)s, t0_met_s), "
        "instrument = COALESCE(%(instrument)s, instrument), t90_s = COALESCE(%(t90)s, t90_s), "
        "significance = COALESCE(%(significance)s, significance), "
        "epeak_kev = COALESCE(%(epeak)s, epeak_kev), "
        "fluence_erg = COALESCE(%(fluence)s, fluence_erg), class = COALESCE(%(class)s, class), "
        "stream = 'xband' WHERE burst_id = %(burst)s AND record_task IS NULL",
        **_main_results(summary),
        burst=burst_id,
    )


def set_quick_results(transaction: Transaction, burst_id: str, update: QuickLookUpdate) -> None:
    """Store the main results of the quick look, unless the full data have been analysed."""
    seen, named, fits = update.of(update.reference), update.classification, update.spectrum
    epeak = fits.models[0].parameters.get("epeak_kev") if fits and fits.models else None
    transaction.later(
        "UPDATE burst SET t0_utc = %(utc)s, t0_us = %(us)s, t0_met_s = %(met)s, "
        "instrument = %(instrument)s, t90_s = %(t90)s, significance = %(significance)s, "
        "epeak_kev = %(epeak)s, class = %(class)s, stream = 'vhf' WHERE burst_id = %(burst)s "
        "AND record_task IS NULL AND (stream IS NULL OR stream = 'vhf')",
        **{
            "utc": update.t0_utc,
            "us": _microseconds(update.t0_utc),
            "met": update.t0_met_s,
            "instrument": update.reference,
            "t90": None if seen is None else seen.duration.t90.value_s,
            "significance": None if seen is None else seen.duration.significance,
            "epeak": None if epeak is None else epeak.value,
            "class": None if named is None else named.name,
            "burst": burst_id,
        },
    )


def replace_main_results(transaction: Transaction, burst_id: str, summary: Summary) -> None:
    """Store the main results of a chosen analysis; what it lacks becomes unknown, but no time."""
    transaction.later(
        "UPDATE burst SET t0_utc = COALESCE(%(utc)s, t0_utc), "
        "t0_us = COALESCE(%(us)s, t0_us), t0_met_s = COALESCE(%(met)s, t0_met_s), "
        "instrument = %(instrument)s, t90_s = %(t90)s, significance = %(significance)s, "
        "epeak_kev = %(epeak)s, fluence_erg = %(fluence)s, class = %(class)s, stream = 'xband' "
        "WHERE burst_id = %(burst)s",
        **_main_results(summary),
        burst=burst_id,
    )


def _main_results(summary: Summary) -> dict[str, object]:
    """Return the main results by their names in statements."""
    return {
        "utc": summary.t0_utc,
        "us": _microseconds(summary.t0_utc),
        "met": summary.t0_met_s,
        "instrument": summary.instrument,
        "t90": summary.t90_s,
        "significance": summary.significance,
        "epeak": summary.parameters.get("epeak_kev", (None,))[0],
        "fluence": summary.fluence_erg,
        "class": summary.classification,
    }


def set_expectations(
    transaction: Transaction, burst_id: str, trigger_utc: str | None, expected: tuple[str, ...]
) -> None:
    """Store the trigger time and the expected instruments of a burst; unknown parts stay.

    The trigger time is that of the burst in lists until an analysis has found its reference time.
    """
    transaction.later(
        "UPDATE burst SET trigger_utc = COALESCE(%(utc)s, trigger_utc), "
        "t0_us = IF(t0_utc IS NULL, COALESCE(%(us)s, t0_us), t0_us), "
        "expected = IF(%(expected)s = '', expected, %(expected)s) WHERE burst_id = %(burst)s",
        utc=trigger_utc,
        us=_microseconds(trigger_utc),
        expected=",".join(expected),
        burst=burst_id,
    )


async def burst(transaction: Transaction, burst_id: str) -> BurstRow | None:
    """Return one burst; None if there is no such burst."""
    return await transaction.row(
        BurstRow,
        "SELECT burst_id AS id, t0_utc, t0_met_s, trigger_utc, expected, ask_reason, created_at, "
        f"{STANDING} FROM burst WHERE burst_id = %(burst)s",
        burst=burst_id,
    )


def _microseconds(utc: str | None) -> int | None:
    """Return a time as microseconds since 1970; None if there is no such day."""
    try:
        return None if utc is None else microseconds(read_utc(utc).replace(tzinfo=None))
    except InputError:
        return None
