"""Gamma-ray burst prompt-emission analysis service for SVOM's ECLAIRs and GRM.

Architecture
------------
Data flow in one direction: `ingest -> store -> tasks -> analysis -> products -> store -> announce`.
Stages never call each other. A stage hands work over as a row in the store; a wake-up (`hints`)
saves the next stage the wait until it polls.

`daemon` is the only package that builds objects (`daemon.components`) and that opens and closes
them (`daemon.run`). Its event loop computes nothing: files are inspected and tasks are analysed in
worker processes (`compute`), which run the functions of the modules `worker_functions`. The
daemon's own process never imports the numerics: the process from which workers are forked does so
once for all of them (`compute.nursery`).

`pipeline` turns files into products, for tasks and for `eclgrmd analyze` alike: files become one
observation (`formats`), the observation is analysed (`analysis`, pure functions), and the analysis
becomes products (`products`, pure functions). The quick look does the same with the packets of the
VHF network while they arrive: `quicklook` is its stage, `pipeline.quicklook` what its workers run,
`analysis.quicklook` makes an observation of the packets. Only the search for the burst is special
(`analysis.quicklook.growing`); everything else is measured by the functions of the full analysis.

`offline` is the same without a daemon: what `eclgrmd.analyze` and the command `analyze` share, and
the `Burst` that a notebook works with.

`client` is the other side of `api`: both use the structs of `model.rest`. `cli.control` is the
program `eclgrmctl`, made of the client's calls.

Where to find
    the way from a light curve to T90: `analysis.temporal.measure`, then `analysis.temporal.width`;
    the end of a task: `store.tasks.endings`, called by `tasks.work`;
    the form of a message: `announce.founding` and `announce.version1`.

`model.configuration.steps` is the one table of the steps of an analysis: which keys of the
configuration and which other steps each one depends on. A step gets no other keys
(`analysis.burst`), so that a re-run can reuse its stored outcome (`pipeline.memory`).

An announcement is a fact (`model.messages.facts`) in a row that is written in the same transaction
as the fact itself (`store.intake.outbox`). `announce.relay` publishes it in both forms, always
under the same message id, until NATS has acknowledged it. Results are also handed to the relay in
memory, so that it need not read them from the table first. `announce.feed` reads the same rows, of
all daemons, for clients that follow live events.

The class of an error says what to do (`errors`): FatalError stops the daemon, PermanentError ends
one thing with its reason (InputError: the sender's mistake), TransientError is retried. Every stage
that runs for ever is a step that `aio.polling.poll` repeats, with one policy for errors, pauses,
hints and the stop. Stages read the settings where they use them (`settings.live`), so that a reload
changes everything except the settings marked `AT_START` in `settings.daemon`.

Guarantees
----------
Acknowledged input is in the database, and survives the death of the daemon and of its servers:
    nothing is acknowledged before its commit, and nothing committed is accepted twice
    (`tests/system/chaos/test_chaos.py`, `test_crash_points.py`; `testbench/chaos` for as long as
    wanted).
A task ends once, has one result, and its state changes follow one table (`model.task`), in the
database and in the messages. Its figures are drawn and announced once after that, from the stored
result, under claims of their own (`tests/store/tasks/test_figures.py`,
`tests/system/daemon/test_figures.py`):
    the number of a claim is the fencing token that the transaction of a result checks
    (`tests/store/tasks/test_state_machine.py`, `test_endings.py`; `test_tasks.py`
    test_a_lost_claim_cannot_record_anything).
A fact is announced at least once, under one message id, and those of a task in order:
    the outbox row is written together with the fact; announcements of different tasks are published
    concurrently (`tests/store/test_relay.py`, `test_state_machine.py`, chaos). An announcement that
    NATS refuses for good becomes a dead letter, which is announced (`test_relay.py`
    test_what_nats_never_takes_is_told_of_and_the_rest_goes).
Several daemons on one database and NATS share the work, and no two run the same task:
    a claim must be renewed; its owner stops working one lease after its last renewal, and others
    take the claim over when they have seen no renewal for a lease (`tasks.leases`,
    `tests/store/test_clocks.py`). If the daemon's process is suspended, its workers stop by
    themselves (`tests/unit/compute/test_workers.py`
    test_a_stopped_daemon_leaves_no_computation_beyond_its_deadline). Chaos locks each analysis
    to detect two at a time. The daemons need a common `storage.files_dir`.
No wall clock decides that a claim is lost, that a file is old, or that something waits for ever:
    (`tests/store/test_clocks.py`, `test_cleaner.py` test_a_clock_that_is_set_ahead_cleans_nothing).
A file or task that crashes, hangs or kills a worker fails alone, with its reason, after few tries:
    (`tests/system/daemon/test_limits.py`, `tests/unit/compute/test_workers.py`).
An input that reveals a fault of eclgrmd fails alone, with its reason; no input ends the daemon:
    (`tests/store/test_own_faults.py`, `tests/store/quicklook/test_faults.py`,
    `tests/store/test_acknowledger.py`).
Dependencies may stop and return, hang, refuse to write, be unreachable or lose their data:
    (`tests/bus/test_faults.py`, `tests/store/sql/test_database.py`,
    `tests/system/daemon/test_life.py`, chaos). Messages that only NATS had when it lost its data
    must be sent again.
Overload is refused in time: 429 for uploads and open tasks, 507 for a disk without reserve; NATS
keeps messages that are not accepted yet:
    (`tests/system/daemon/test_limits.py`).
VHF goes before X-band and X-band before repeated analyses, but a task never waits for one that came
more than an hour later; figures are drawn while no task is queued:
    (`tests/store/tasks/test_turns.py`).
Due analyses are decided from rows, once, by whichever daemon looks first, and again after a crash:
    burst, decision and tasks are one transaction, and the id of a task is derived from its inputs
    (`tests/store/tasks/test_automatic.py`, `tests/unit/tasks/test_planner.py`).
A re-run and a replay give the results of a full run, bit for bit, and a preview those of a re-run:
    (`tests/unit/pipeline/test_reruns.py`, `test_replay.py`, `test_preview.py`).
The quick look of a burst comes to the same final result whatever the order of its packets, and
whatever happens to a worker or a daemon meanwhile; a retracted burst is marked as such until a
later notice revives it:
    all packets are in the store, a worker's state can be rebuilt from them, and a version number
    fences each update (`tests/store/quicklook`, `tests/system/quicklook`,
    `tests/unit/analysis/quicklook`).
Old files, and files beyond a size limit, are removed, with separate limits for X-band and VHF:
announced products first, never the input of an open task, nor packets of a burst that still
receives some:
    (`tests/store/test_cleaner.py`).

Glossary
--------
announcement
    A message that eclgrmd publishes about a fact, on `activity.eclgrm` and below `eclgrm.v1`.
background
    Counts that do not come from the burst; modelled as a curve in time per energy channel.
block
    A time interval of constant rate (Bayesian block).
burst
    A gamma-ray burst, or another source that triggered as one; has an id and a reference time t0.
claim
    The right of one daemon to run a task, as long as its lease is renewed.
data file
    A received file, accepted or refused.
duration
    T90, T50 or T100: the time in which the middle 90, 50 or 100 % of a burst's counts arrive.
event
    A photon.
history
    Counts per time bin and energy channel.
layer
    A part of a task's configuration: the built-in values, the site's, or the task's own.
light curve
    Counts per time bin in one energy band.
notice
    A VOEvent of the mission about a burst: trigger, position, slew or retraction.
notification
    A message that announces data files with their links.
observation
    All data of one burst in one value, independent of stream and format.
packet
    A message that the satellite sends through the VHF network while a burst lasts.
product
    A file that an analysis produced.
quick look
    The results for a burst from its packets so far, version by version.
response
    The matrix from photons per cm2 in energy bins to counts in channels.
series
    The versions of one automatic analysis of a burst, for example temporal-GRM or joint.
spectrum
    Counts per channel in one time interval.
step
    A part of an analysis whose outcome is stored for re-runs.
stream
    X-band (full event data, hours later) or VHF (packets within seconds).
task
    An analysis to be done: waiting, queued or running, then done, failed or cancelled.
worker
    A process that computes.
"""

from importlib import import_module
from typing import Any

from .caches import use_writable_caches

__all__ = ["Burst", "Value", "__version__", "analyze", "load"]

__version__ = "0.2.0-dev"
"""Semantic version (semver.org), as NATS requires of a service; `-dev` before the release."""

_HOMES = {
    "Burst": "eclgrmd.offline.burst",
    "Value": "eclgrmd.offline.values",
    "analyze": "eclgrmd.offline.analyze",
    "load": "eclgrmd.offline.analyze",
}
"""Module of each name that is imported when it is first used: numerics take seconds to import."""


def __getattr__(name: str) -> Any:
    """Import a name when it is first used."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    use_writable_caches()
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    """Return all names, also those that are not imported yet."""
    return sorted({*globals(), *_HOMES})
