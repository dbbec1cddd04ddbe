"""Gamma-ray burst prompt-emission analysis service for SVOM's ECLAIRs and GRM.

Architecture
------------
Data flow one way: `ingest -> store -> tasks -> analysis -> products -> store -> announce`. Stages
never call each other: the hand-over is a row in the store, and a wake-up (`hints`) that is
only a hint. An announcement is a fact (`model.facts`), a row written in the same transaction as
what it tells of (`store.intake.outbox`). `announce.founding` and `announce.version1` encode it in
the two forms of the messages; `announce.relay` publishes it until NATS has acknowledged it, always
with the same message id. Results are handed to it besides, so that it need not ask the table first.

`daemon` alone builds things. The event loop computes nothing: untrusted files are recognised and
tasks are analysed in worker processes (`compute`), which run only the functions of
`ingest.worker_functions` and `tasks.worker_functions`. The daemon's own process never imports the
numerics.

`pipeline` is the way from files to products, used by a task and by `eclgrmd analyze` alike: files
become one observation (`formats`), the observation is analysed (`analysis`, pure), the analysis
becomes products (`products`, pure).

`model.steps` is the one table of the steps of an analysis: what each takes of the configuration and
of the others. A step is given nothing else of the configuration (`analysis.burst`), so that its
outcome can be kept and recalled by a re-run (`pipeline.memory`).

The class of an error says what to do about it (`errors`): FatalError stops the daemon,
PermanentError (InputError: somebody else's mistake) ends one thing with its reason,
TransientError is tried again. Every stage that runs for ever is a step that `polling.poll` repeats,
under one rule for errors, pauses, hints and the stop. Stages read the settings when they use them
(`live`), so that a reload changes all but those that are marked `AT_START` in `config`.

Guarantees
----------
What was acknowledged is in the database, and survives the death of daemon and servers:
    nothing is acknowledged before its commit, and nothing that is committed is taken twice
    (`tests/system/chaos/test_chaos.py`, `test_crash_points.py`; `testbench/chaos` for as long as
    wanted).
A task ends once, has one set of products, and its changes follow one table (`model.task`), in the
database as on the wire:
    a claim's attempt number is the fencing token that the transaction of a result checks
    (`tests/store/tasks/test_state_machine.py`, `test_endings.py`; `test_tasks.py`
    test_a_lost_claim_cannot_record_anything).
What is announced is announced at least once, under one message id, and each task's in order:
    the outbox row is written with what it tells of; announcements of different tasks go side by
    side (`tests/store/test_relay.py`, `test_state_machine.py`, chaos). What NATS can never take is
    given up and told of (`test_relay.py` test_what_nats_never_takes_is_told_of_and_the_rest_goes).
Several daemons on one database and NATS share the work, and none runs what another holds:
    a claim is kept by renewing it; its owner stops a lease after its last renewal, others wait for
    a lease in which they saw none (`tasks.leases`, `tests/store/test_clocks.py`). The worker of a
    daemon that is stopped itself knows when its time is over (`tests/unit/compute/test_workers.py`
    test_a_stopped_daemon_leaves_no_computation_beyond_its_permit). Chaos locks each analysis to see
    two at a time. They need a common `storage.files_dir`.
No clock decides that a claim is lost, that a file is old, or that something waits for ever:
    (`tests/store/test_clocks.py`, `test_cleaner.py` test_a_clock_that_is_set_ahead_cleans_nothing).
A file or task that crashes, hangs or eats a worker fails alone, with its reason, after few tries:
    (`tests/system/daemon/test_limits.py`, `tests/unit/compute/test_workers.py`).
What we fail on ourselves fails alone, with its reason; no input ends the daemon:
    (`tests/store/test_own_faults.py`, `tests/store/quicklook/test_faults.py`,
    `tests/unit/ingest/test_verdict.py`).
Dependencies may go and come, hang, refuse to write, be cut off or lose their memory:
    (`tests/bus/test_faults.py`, `tests/store/sql/test_database.py`,
    `tests/system/daemon/test_life.py`, chaos). What only NATS had when it loses its
    memory is the sender's to send again.
What is too much is refused in time: 429 for uploads and open tasks, 507 for a disk without reserve,
NATS keeps what is not yet taken:
    (`tests/system/daemon/test_limits.py`).
VHF goes before X-band before repeated analyses, and nothing waits behind what came an hour later:
    (`tests/store/tasks/test_turns.py`).
What is due is decided from rows, once, by whichever daemon looks first, and again after a crash:
    burst, decision and tasks are one transaction, and a task's id tells its inputs
    (`tests/store/tasks/test_automatic.py`, `tests/unit/tasks/test_planner.py`).
A re-run gives what a full run gives, to the bit, and so does a replay:
    (`tests/unit/pipeline/test_reruns.py`, `test_replay.py`).
A burst is followed to the same final answer whatever happens to the order of its packets, to a
worker or a daemon on the way; a retracted one says so until a later notice revives it:
    all packets are in the store, a worker's state can be made again, a version fences each answer
    (`tests/store/quicklook`, `tests/system/quicklook`, `tests/unit/analysis/quicklook`).
Old or too many files are cleaned, X-band and VHF by limits of their own: announced products first,
never the input of an open task or the packets of a burst that still receives some:
    (`tests/store/test_cleaner.py`).

Glossary
--------
announcement
    What eclgrmd says on `activity.eclgrm`.
background
    Counts that are not the burst's; a polynomial in time per energy channel.
block
    A stretch of constant rate (Bayesian block).
burst
    A gamma-ray burst, or what triggered as one; has an id and a reference time t0.
claim
    The right of one daemon to run a task, until its lease ends.
data file
    A file received, accepted or refused.
duration
    T90, T50, T100: the time in which the middle 90, 50, 100 % of a burst's counts arrive.
event
    A photon.
history
    Counts per time bin and energy channel.
layer
    Part of a task's configuration: built-in, the site's or the task's own.
light curve
    Counts per time bin in one band.
notice
    A VOEvent of the mission about a burst: trigger, position, slew or retraction.
notification
    A message that data are there to be fetched.
observation
    All data of one burst in one value, whatever stream and format they came by.
packet
    What the satellite sends while a burst goes on.
product
    A file that a task gave.
quick look
    What is known of a burst from its packets so far, version by version.
response
    From photons per cm2 to counts per channel.
series
    The versions of one automatic analysis of a burst: temporal-GRM, joint.
spectrum
    Counts per channel over one interval.
step
    Part of an analysis whose outcome is kept for re-runs.
stream
    X-band (full event data, hours later) or VHF (packets within seconds).
task
    Something to be analysed; waiting, queued, running, then done, failed or cancelled.
worker
    A process that computes.
"""

__all__ = ["__version__"]

__version__ = "0.1.0"
