"""A fact has a message in each form, and the fields of its messages are those of the fact."""

from typing import TypedDict, get_args

import pytest

from eclgrmd.announce.envelope import Envelope
from eclgrmd.announce.founding import activity_of
from eclgrmd.clock import utc_now
from eclgrmd.model.messages.facts import (
    BurstFact,
    DataFact,
    ErrorFact,
    Fact,
    Origin,
    ProductLink,
    ProductsFact,
    QuickLookFact,
    QuickLookProductsFact,
    TaskFact,
    burst_uuid,
    message_uuid,
)
from eclgrmd.model.messages.founding import Activity
from eclgrmd.model.messages.version1 import SUBJECTS, StatusMessage
from eclgrmd.model.quicklook.updates import QuickLookState
from eclgrmd.model.rest.decisions import DecisionKind
from eclgrmd.model.task import TaskState, TaskType
from tests.support.settings import live

AT = "2026-11-22T00:00:00Z"


class About(TypedDict):
    """The fields that all facts about a burst share."""

    at: str
    burst_id: str
    causes: tuple[str, ...]


ABOUT: About = {"at": AT, "burst_id": "sb1", "causes": (message_uuid("cause"),)}
SENT = Origin("sent", "", 1, "")
LINKS = (ProductLink("a.fits", "result", "application/fits", 5, "0" * 64, "/products/t1/a.fits"),)
FACTS: list[Fact] = [
    DataFact(
        **ABOUT, name="a", sha256="0" * 64, size=5, state="accepted", reason="", kind="events",
        instrument="GRM", notifications=("n1",),
    ),
    TaskFact(
        **ABOUT, task_id="t1", analysis=TaskType.BURST, origin=SENT, state=TaskState.DONE,
        reason="1 products", number=4, link="/task/t1",
    ),
    ProductsFact(
        **ABOUT, task_id="t1", analysis=TaskType.BURST, origin=SENT, supersedes=("t0",),
        superseded_by=None, products=LINKS, summary={"t90_s": 3.0}, notifications=(),
    ),
    QuickLookFact(
        **ABOUT,
        version=7,
        state=QuickLookState.FINAL,
        why="new",
        headline={},
        link="/bursts/sb1/vhf",
    ),
    QuickLookProductsFact(**ABOUT, version=7, proc_ver=2, products=LINKS),
    BurstFact(
        **ABOUT, change=DecisionKind.ACCEPTED, task_id="t1", who="ann", reason="better",
        link="/bursts/sb1",
    ),
    ErrorFact(at=AT, subject="data.bandx", reason="no JSON", received="x"),
]  # fmt: skip
MADE_ELSEWHERE = {"version", "id", "correlation_id", "source", "number"}
"""Fields of version 1 that the fact does not have under the same name."""


@pytest.fixture
def envelope() -> Envelope:
    return Envelope(live(rest={"public_url": "http://here"}), utc_now())


def test_every_fact_and_every_message_is_tried_here(envelope: Envelope) -> None:
    assert {type(fact) for fact in FACTS} == set(get_args(Fact))
    assert {type(activity_of(fact)) for fact in FACTS} == set(get_args(Activity))
    assert {type(envelope.typed("x", fact)) for fact in FACTS} == set(SUBJECTS) - {StatusMessage}


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: type(fact).__name__)
def test_both_forms_say_what_the_fact_says(envelope: Envelope, fact: Fact) -> None:
    activity, typed = activity_of(fact), envelope.typed("an-id", fact)
    for name in activity.__struct_fields__:
        assert getattr(activity, name) == getattr(fact, name)
    for name in set(typed.__struct_fields__) - MADE_ELSEWHERE - {"link", "products"}:
        assert getattr(typed, name) == getattr(fact, name)
    assert (typed.version, typed.id) == ("1.1", message_uuid("an-id"))
    assert typed.source is not None
    if not isinstance(fact, ErrorFact):
        assert getattr(typed, "correlation_id", None) == burst_uuid("sb1")


def test_the_update_of_a_quick_look_is_called_number_in_version_1(envelope: Envelope) -> None:
    numbers = [
        getattr(envelope.typed("x", fact), "number", None)
        for fact in FACTS
        if isinstance(fact, QuickLookFact | QuickLookProductsFact)
    ]
    assert numbers == [7, 7]


@pytest.mark.parametrize("form", ["founding", "version 1"])
def test_links_are_complete_in_both_forms(envelope: Envelope, form: str) -> None:
    links = []
    for fact in FACTS:
        if form == "founding":
            said: object = envelope.founding(fact, "", utc_now()).activity
        else:
            said = envelope.typed("x", fact)
        links += [getattr(said, "link", None)]
        links += [product.link for product in getattr(said, "products", ())]
    assert [link for link in links if link] == [
        "http://here/api/v1/task/t1",
        "http://here/api/v1/products/t1/a.fits",
        "http://here/api/v1/bursts/sb1/vhf",
        "http://here/api/v1/products/t1/a.fits",
        "http://here/api/v1/bursts/sb1",
    ]
