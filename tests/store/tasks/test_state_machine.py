"""The store agrees with a model after any sequence of submissions, claims, ends and crashes."""

import asyncio
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from eclgrmd.embedded import PrivateMariaDB
from eclgrmd.model.messages.incoming import TaskInput, TaskRequest
from eclgrmd.model.pipeline import PipelineOutcome, ProductFile, Summary
from eclgrmd.model.task import FINAL_STATES, TRANSITIONS, TaskState
from eclgrmd.store.intake.data import DataFile, record_data
from eclgrmd.store.intake.outbox import fresh_announcements, mark_published
from eclgrmd.store.sql.address import Address
from eclgrmd.store.sql.database import Database
from eclgrmd.store.sql.migrate import migrate
from eclgrmd.store.sql.transaction import Transaction
from eclgrmd.store.tasks.claims import (
    Claim,
    Lease,
    claim_task,
    recover_tasks,
    renew_claims,
    standing_claims,
    take_back_tasks,
)
from eclgrmd.store.tasks.endings import finish_task, give_back_task
from eclgrmd.store.tasks.products import products
from eclgrmd.store.tasks.task_views import task
from eclgrmd.store.tasks.tasks import (
    TaskConflictError,
    cancel_task,
    promote_tasks,
    submit_task,
)

W, Q, R = TaskState.WAITING, TaskState.QUEUED, TaskState.RUNNING
NAMES = ("a.fits", "b.fits")
PRODUCT = ProductFile("result.json", "result", "application/json", 10, "0" * 64)
OUTCOME = PipelineOutcome(products=(PRODUCT,), summary=Summary(), elapsed_s=1.0)


class PowerCutError(Exception):
    """The process dies before its commit."""


@dataclass
class Expected:
    """The expected state of a task."""

    burst: str
    """Burst that the task analyses."""
    inputs: tuple[str, ...]
    """Names of its inputs."""
    again: bool
    """Whether the burst had this analysis before."""
    order: int
    """Position in the order of submission."""
    states: list[TaskState] = field(default_factory=lambda: [W])
    """All states so far."""
    attempt: int = 0
    """Number of claims."""
    owner: str = ""
    """Daemon of the last claim."""
    renewals: int = 0
    """Number of renewals of the last claim."""

    @property
    def state(self) -> TaskState:
        return self.states[-1]


class StoreMachine(RuleBasedStateMachine):
    """Applies each step to the tables and to the model, and compares both."""

    address: Address
    """Database that the steps are applied to."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.database = Database(self.address, pool_size=2, timeout_s=10.0)
        self.run(self.database.open())
        self.prefix = uuid4().hex[:8]
        self.tasks: dict[str, Expected] = {}
        self.here: set[tuple[str, str]] = set()
        self.claims: list[Claim] = []
        self.seen: set[Lease] = set()
        self.wire: list[str] = []

    def run(self, coroutine: Any) -> Any:
        return self.runner.run(coroutine)

    def do(self, step: Any, *arguments: Any, crash: bool = False, **named: Any) -> Any:
        """Run a step in one transaction; a crash happens just before the commit."""

        async def once() -> Any:
            async with self.database.transaction() as transaction:
                done = await step(transaction, *arguments, **named)
                if crash:
                    raise PowerCutError
                return done

        try:
            return self.run(once())
        except PowerCutError:
            return None

    def teardown(self) -> None:
        async def cancel(transaction: Transaction) -> None:
            for name in self.tasks:
                await cancel_task(transaction, name, "end of the example")

        self.do(cancel)
        self.run(self.database.close())
        self.runner.close()

    @initialize()
    def begin(self) -> None:
        """Submit a task that can run: without one most steps would have no effect."""
        self.submit(number=0, burst=0, inputs=NAMES[:1], crash=False)
        self.bring(burst=0, name=NAMES[0], good=True)

    @rule(
        number=st.integers(0, 2),
        burst=st.integers(0, 1),
        inputs=st.sampled_from([NAMES[:1], NAMES[1:], NAMES]),
        crash=st.booleans(),
    )
    def submit(self, number: int, burst: int, inputs: tuple[str, ...], crash: bool) -> None:
        name, burst_id = f"{self.prefix}-t{number}", f"{self.prefix}-b{burst}"
        wanted = tuple(TaskInput(each) for each in inputs)
        request = TaskRequest(id=name, burst_id=burst_id, inputs=wanted)
        known = self.tasks.get(name)
        if known is not None and (known.burst, known.inputs) != (burst_id, inputs):
            with pytest.raises(TaskConflictError):
                self.do(submit_task, request)
            return
        new = self.do(submit_task, request, crash=crash)
        if crash:
            return
        assert new is (known is None)
        if new:
            again = any(
                each.burst == burst_id and each.state is TaskState.DONE
                for each in self.tasks.values()
            )
            self.tasks[name] = Expected(burst_id, inputs, again, len(self.tasks))
            self.promote()

    @rule(burst=st.integers(0, 1), name=st.sampled_from(NAMES), good=st.booleans())
    def bring(self, burst: int, name: str, good: bool) -> None:
        burst_id = f"{self.prefix}-b{burst}"
        reason = "" if good else "not a file that is known"
        file = DataFile(burst_id, name, "1" * 64, 10, f"{burst_id}/{name}", reason, "events")

        async def keep(transaction: Transaction) -> None:
            await record_data(transaction, file)
            await promote_tasks(transaction, burst_id)

        self.do(keep)
        if good:
            self.here.add((burst_id, name))
        self.promote()

    @rule(owner=st.sampled_from(["one", "two"]), crash=st.booleans())
    def claim(self, owner: str, crash: bool) -> None:
        due = [each for each in self.tasks.values() if each.state is Q]
        got = self.do(claim_task, owner, crash=crash)
        if crash:
            return
        assert (got is None) is (not due)
        if got is None:
            return
        mine = self.tasks[got.task_id]
        assert mine is min(due, key=lambda each: (each.again, each.order))
        mine.states.append(R)
        mine.attempt += 1
        mine.owner, mine.renewals = owner, 0
        assert got.attempt == mine.attempt
        self.claims.append(got)

    @precondition(lambda self: self.claims)
    @rule(data=st.data(), crash=st.booleans())
    def finish(self, data: st.DataObject, crash: bool) -> None:
        claim = data.draw(st.sampled_from(self.claims))
        mine = self.tasks[claim.task_id]
        ours = mine.attempt == claim.attempt
        written = self.do(finish_task, claim, OUTCOME, f"folder-{claim.attempt}", crash=crash)
        if crash:
            return
        assert written is (ours and mine.state in {R, TaskState.DONE})
        if ours and mine.state is R:
            mine.states.append(TaskState.DONE)

    @precondition(lambda self: self.claims)
    @rule(data=st.data(), state=st.sampled_from([Q, TaskState.FAILED]), crash=st.booleans())
    def give_back(self, data: st.DataObject, state: TaskState, crash: bool) -> None:
        claim = data.draw(st.sampled_from(self.claims))
        mine = self.tasks[claim.task_id]
        ours = mine.attempt == claim.attempt and mine.state is R
        written = self.do(give_back_task, claim, state, "a reason", crash=crash)
        if not crash:
            assert written is ours
            if ours:
                mine.states.append(state)

    @precondition(lambda self: self.tasks)
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self.tasks)))
        ended = self.tasks[name].state in FINAL_STATES
        assert self.do(cancel_task, name, "on request") is (not ended)
        if not ended:
            self.tasks[name].states.append(TaskState.CANCELLED)

    @rule()
    def look_at_claims(self) -> None:
        self.seen = self.do(standing_claims)
        assert self.seen == {
            Lease(name, each.attempt, each.renewals)
            for name, each in self.tasks.items()
            if each.state is R
        }

    @precondition(lambda self: self.claims)
    @rule(data=st.data(), crash=st.booleans())
    def renew(self, data: st.DataObject, crash: bool) -> None:
        claim = data.draw(st.sampled_from(self.claims))
        mine = self.tasks[claim.task_id]
        attempt = claim.task_id, claim.attempt
        standing = mine.state is R and mine.attempt == claim.attempt
        kept = self.do(renew_claims, {attempt}, crash=crash)
        if not crash:
            assert kept == ({attempt} if standing else set())
            mine.renewals += standing

    @rule()
    def recover(self) -> None:
        lost = {
            lease.task_id
            for lease in self.seen
            if self.tasks[lease.task_id].state is R
            and self.tasks[lease.task_id].attempt == lease.attempt
            and self.tasks[lease.task_id].renewals == lease.renewals
        }
        assert set(self.do(recover_tasks, self.seen)) == lost
        self.queue_again(lost)

    @rule(owner=st.sampled_from(["one", "two"]))
    def start_again(self, owner: str) -> None:
        lost = {n for n, each in self.tasks.items() if each.state is R and each.owner == owner}
        assert set(self.do(take_back_tasks, owner)) == lost
        self.queue_again(lost)

    def queue_again(self, names: set[str]) -> None:
        for name in names:
            self.tasks[name].states.append(Q)

    @rule(limit=st.integers(1, 5), crash=st.booleans())
    def publish(self, limit: int, crash: bool) -> None:
        async def relay(transaction: Transaction) -> None:
            some = await fresh_announcements(transaction, limit)
            self.wire += [each.message_id for each in some]
            if some:
                mark_published(transaction, tuple(each.message_id for each in some))

        self.do(relay, crash=crash)

    def promote(self) -> None:
        for each in self.tasks.values():
            if each.state is W and {(each.burst, name) for name in each.inputs} <= self.here:
                each.states.append(Q)

    @invariant()
    def tables_are_as_the_model(self) -> None:
        for name, mine in self.tasks.items():
            row = self.do(task, name)
            states = [TaskState(each.state) for each in row.changes]
            assert states == mine.states
            assert row.state == mine.state
            assert all(b in TRANSITIONS[a] for a, b in pairwise(states))
            done = mine.state is TaskState.DONE
            assert len(self.do(products, task_id=name)) == int(done)

    @invariant()
    def what_is_heard_is_in_order(self) -> None:
        heard = list(dict.fromkeys(self.wire))
        for name, mine in self.tasks.items():
            told = [each for each in heard if each.startswith(f"task-{name}-")]
            all_of_it = [f"task-{name}-{i + 1}" for i in range(len(mine.states))]
            assert told == all_of_it[: len(told)]
            assert f"products-{name}" not in heard or mine.state is TaskState.DONE


def test_the_store_does_as_the_model(mariadb: PrivateMariaDB) -> None:
    name = f"test_{uuid4().hex[:12]}"
    StoreMachine.address = Address(mariadb.user, name, unix_socket=str(mariadb.unix_socket))

    async def prepare() -> None:
        database = Database(StoreMachine.address, pool_size=1, timeout_s=10.0)
        await database.open()
        await migrate(database)
        await database.close()

    asyncio.run(prepare())
    StoreMachine.TestCase.settings = settings(
        max_examples=100,
        stateful_step_count=40,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    case = StoreMachine.TestCase()
    case.runTest()
