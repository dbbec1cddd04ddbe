"""People take bursts and accept results, by the client, by `eclgrmctl`, and as live events."""

import json
from pathlib import Path

import pytest

from eclgrmd.client import Client, RefusedError
from eclgrmd.model.catalogue import CatalogueFormat
from tests.system.client.test_eclgrmctl import TINY, Shell


@pytest.fixture
def shell(url: str, tmp_path: Path) -> Shell:
    return Shell(url, tmp_path)


def test_a_burst_is_taken_and_released(url: str, shell: Shell, light_curve: Path) -> None:
    shell.text("upload", "d-1", light_curve)
    who = json.loads(shell.text("claim", "d-1", "--note", "on it", "--json"))["by"]
    with Client(url) as client:
        claim = client.burst("d-1").claim
        assert claim is not None
        assert (claim.by, claim.note) == (who, "on it")
        assert [each.claim for each in client.bursts() if each.id == "d-1"] == [claim]
        assert client.claim("d-1", "still on it").note == "still on it"
        event = next(client.events(kinds=("burst",), burst_id="d-1", mark="0"))
    assert event.kind == "burst"
    assert getattr(event.message, "change", "") == "claimed"
    assert "on it" in shell.text("burst", "d-1")
    assert "claimed" in shell.first_line(
        "events", "--kind", "burst", "--burst", "d-1", "--after", "0"
    )
    for _ in range(2):
        assert shell.text("release", "d-1") == "nobody has burst d-1\n"
    assert shell.json("burst", "d-1")["claim"] is None
    done = shell.run("claim", "nosuch")
    assert done.returncode == 2
    assert "no burst 'nosuch'" in done.stderr
    actions = [entry["action"] for entry in shell.json("audit") if entry["subject"] == "d-1"]
    assert actions[-3:] == ["decisions_claim", "decisions_claim", "decisions_release"]


def test_a_run_is_accepted_and_withdrawn(url: str, shell: Shell, light_curve: Path) -> None:
    shell.text("upload", "d-2", light_curve)
    for name in ("d-2-a", "d-2-b"):
        shell.text("submit", "d-2", "--analysis", "temporal", *TINY, "--id", name, "--wait")
    reason = ("--reason", "the background is right")
    assert shell.text("accept", "d-2", "d-2-a", *reason).endswith("it is that of task d-2-a\n")
    with Client(url) as client:
        record = client.burst("d-2").record
        assert record is not None
        assert (record.task_id, record.reason) == ("d-2-a", "the background is right")
        client.catalogue(shell.folder / "one.csv", CatalogueFormat.CSV, burst_id="d-2")
        with pytest.raises(RefusedError, match="burst 'd-2' has no task 'nosuch'"):
            client.accept("d-2", "nosuch", "why not")
    rows = (shell.folder / "one.csv").read_text(encoding="utf-8")
    assert ("d-2-a" in rows, "d-2-b" in rows) == (True, False)
    assert "accepted by" in shell.text("burst", "d-2")
    assert "d-2-a" in shell.text("bursts", "--text", "d-2")
    words = ("accept", "d-2", "--withdraw", "--reason", "a gap in the data")
    assert shell.text(*words).endswith("there is none\n")
    assert shell.json("burst", "d-2")["record"] is None
    history = shell.json("accept", "d-2", "--history")
    assert [each["kind"] for each in history] == ["accepted", "withdrawn"]
    assert "a gap in the data" in shell.text("accept", "d-2", "--history")


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("accept", "d-3", "task"), "--reason is missing"),
        (("accept", "d-3", "--reason", "x"), "name a task, or give --withdraw"),
        (("accept", "d-3", "task", "--withdraw", "--reason", "x"), "name a task, or give"),
    ],
)
def test_half_a_decision_is_refused(shell: Shell, words: tuple[str, ...], complaint: str) -> None:
    done = shell.run(*words)
    assert done.returncode == 2
    assert complaint in done.stderr
