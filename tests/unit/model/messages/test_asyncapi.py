"""The AsyncAPI document is what the messages are, and what AsyncAPI wants."""

import json
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import jsonschema
import pytest
from pydantic import BaseModel

from eclgrmd.model.messages.asyncapi import asyncapi_document
from eclgrmd.model.messages.facts import Origin, burst_uuid, message_uuid
from eclgrmd.model.messages.version1 import SUBJECTS, subject_of
from eclgrmd.model.messages.version1 import StatusMessage as Status
from eclgrmd.model.messages.version1 import TaskMessage as Task
from eclgrmd.model.task import TaskState, TaskType


def model() -> type[BaseModel]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # fields called `schema` shadow one of pydantic's
        from asyncapi3.models import AsyncAPI3  # noqa: PLC0415 - only here is it quiet
    untyped: type[BaseModel] = AsyncAPI3
    return untyped


def test_it_is_a_valid_asyncapi_document() -> None:
    model().model_validate(asyncapi_document())


@pytest.mark.parametrize(
    "spoil",
    [
        lambda doc: doc["operations"]["incoming"].update(action="eat"),
        lambda doc: doc.update(chanels={}),
        lambda doc: doc["info"].pop("title"),
    ],
)
def test_the_validator_sees_what_is_wrong(spoil: Callable[[dict[str, Any]], object]) -> None:
    document = asyncapi_document()
    spoil(document)
    with pytest.raises(ValueError, match="validation error"):
        model().model_validate(document)


def test_every_reference_leads_somewhere() -> None:
    document = asyncapi_document()

    def references(node: object) -> Iterator[str]:
        if isinstance(node, dict):
            if "$ref" in node:
                yield node["$ref"]
            for each in node.values():
                yield from references(each)
        if isinstance(node, list):
            for each in node:
                yield from references(each)

    found = list(references(document))
    assert found
    for reference in found:
        at = document
        for step in reference.removeprefix("#/").split("/"):
            at = at[step]


def test_every_schema_is_one_of_draft_7() -> None:
    for schema in asyncapi_document()["components"]["schemas"].values():
        jsonschema.Draft7Validator.check_schema(schema)
        assert "prefixItems" not in json.dumps(schema)


def test_every_message_of_version_1_has_its_channel() -> None:
    addresses = {each["address"] for each in asyncapi_document()["channels"].values()}
    assert set(SUBJECTS.values()) | {"data.bandx", "data.vhf", "activity.eclgrm"} == addresses


def test_points_in_a_bursts_id_do_not_part_the_subject() -> None:
    id_, at = message_uuid("x"), "2026-11-22T10:00:00Z"
    assert subject_of(Status(id=id_, at=at, info="ready")) == "eclgrm.v1.status"
    task = Task(
        id=id_,
        at=at,
        burst_id="sb.1",
        correlation_id=burst_uuid("sb.1"),
        task_id="t",
        analysis=TaskType.BURST,
        origin=Origin("sent", "", 1, ""),
        state=TaskState.DONE,
        reason="",
        number=1,
        link="",
    )
    assert subject_of(task) == "eclgrm.v1.task.sb%2E1.done"


def test_a_messages_uuid_is_the_same_each_time_and_its_own() -> None:
    assert message_uuid("task-a-1") == message_uuid("task-a-1")
    assert len({message_uuid("task-a-1"), message_uuid("task-a-2"), burst_uuid("a")}) == 3
