"""What a client changes is in the audit: who, from where, what, when, before and after."""

import json
from typing import Any

from eclgrmd.model.access import Role, read_token
from testbench.tiny import tiny_light_curve
from tests.support.attack import Door

JSON = "application/json"
TASK = '{"id": "audited", "burst_id": "sbaudit", "inputs": [{"name": "a.fits"}]}'
NOTICE = """<?xml version="1.0"?><voe:VOEvent xmlns:voe="http://www.ivoa.net/xml/VOEvent/v2.0"
 ivorn="ivo://org.svom/fsc#sbaudit_retraction" role="observation" version="2.0"><Who><Date>
2026-11-22T10:00:00</Date></Who><What><Param name="Burst_Id" value="sbaudit"/>
<Param name="Packet_Type" value="219"/></What></voe:VOEvent>"""


def told(door: Door, operator: str, subject: str) -> list[dict[str, Any]]:
    entries = door.ask("GET", "/api/v1/audit?limit=1000", token=operator).json["audit"]
    return [entry for entry in entries if entry["subject"] == subject]


def test_a_task_from_its_submission_to_its_end(door: Door, tokens: dict[Role, str]) -> None:
    scientist, operator = tokens[Role.SCIENTIST], tokens[Role.OPERATOR]
    for _ in range(2):  # the second is the same one
        door.ask("POST", "/api/v1/task", TASK, token=scientist, Content_Type=JSON)
    door.ask("DELETE", "/api/v1/task/audited", token=scientist)
    sent, cancelled = told(door, operator, "audited")
    parts = read_token(scientist)
    assert parts is not None
    assert sent["who"] == cancelled["who"] == "the scientist"
    assert sent["token_id"] == parts.id
    assert sent["address"] == "127.0.0.1"
    assert sent["at"] <= cancelled["at"]
    assert (sent["action"], cancelled["action"]) == ("tasks_send", "tasks_cancel")
    assert json.loads(sent["after"])["burst_id"] == "sbaudit"
    assert json.loads(cancelled["before"]) == {"state": "waiting"}
    assert json.loads(cancelled["after"]) == {"state": "cancelled"}


def test_data_and_notices(door: Door, tokens: dict[Role, str]) -> None:
    operator, path = tokens[Role.OPERATOR], "/api/v1/data?burst_id=sbaudit&name=a.fits"
    content = tiny_light_curve(1)
    for _ in range(2):
        door.ask("POST", path, content, token=operator, Content_Type="application/fits")
    answer = door.ask(
        "POST", "/api/v1/notice", NOTICE, token=operator, Content_Type="application/xml"
    )
    assert answer.status == 201, answer.body
    entries = told(door, operator, "sbaudit")
    assert [entry["action"] for entry in entries] == ["data_bring", "quicklook_post_notice"]
    assert json.loads(entries[1]["after"])["kind"] == "RETRACTION"


def test_what_was_refused_changed_nothing(door: Door, tokens: dict[Role, str]) -> None:
    before = told(door, tokens[Role.OPERATOR], "refused")
    task = TASK.replace("audited", "refused")
    door.ask("POST", "/api/v1/task", task, token=tokens[Role.READER], Content_Type=JSON)
    assert told(door, tokens[Role.OPERATOR], "refused") == before == []


def test_decisions_about_a_burst(door: Door, tokens: dict[Role, str]) -> None:
    scientist, operator = tokens[Role.SCIENTIST], tokens[Role.OPERATOR]
    path, task = "/api/v1/bursts/sbdecided/claim", TASK.replace("sbaudit", "sbdecided")
    task = task.replace("audited", "decided")
    door.ask("POST", "/api/v1/task", task, token=scientist, Content_Type=JSON)
    refused = door.ask("POST", path, "{}", token=tokens[Role.READER], Content_Type=JSON)
    assert refused.status == 403
    taken = door.ask("POST", path, '{"note": "mine"}', token=scientist, Content_Type=JSON)
    assert taken.json["by"] == "the scientist"
    for method in ("POST", "DELETE"):
        other = door.ask(method, path, "{}", token=operator, Content_Type=JSON)
        assert other.status == 409
        assert "the scientist has burst 'sbdecided'" in other.json["detail"]
    over = door.ask("POST", path, '{"take_over": true}', token=operator, Content_Type=JSON)
    assert over.json["by"] == "the operator"
    entries = told(door, operator, "sbdecided")
    assert [(entry["who"], entry["action"]) for entry in entries] == [
        ("the scientist", "decisions_claim"),
        ("the operator", "decisions_claim"),
    ]
    assert json.loads(entries[1]["before"]) == {"by": "the scientist"}
