"""Turns a run into masked documents: results, messages, responses, tables and rows."""

import asyncio
import contextlib
import io
import json
import tempfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from eclgrmd.cli import main
from eclgrmd.model.rest import API

from .masks import masked, renamed
from .scenario import Scenario

__all__ = ["REAL_BURSTS", "daemon_documents", "real_documents"]

REAL_BURSTS: dict[str, tuple[str, ...]] = {
    "gbm-bn090217206": ("fermi-gbm/bn090217206",),
    "gbm-bayspec-10s": ("fermi-gbm/bayspec-10s",),
    "gbm-bn110721200": ("fermi-gbm/bn110721200",),
    "gbm-bat-bn110731465": ("fermi-gbm/bn110731465",),
    "bat-090424": ("swift-bat/lightcurves/grb_090424",),
    "batse-3770": ("cgro-batse/3770",),
}
"""Files of each real burst, relative to the folder of real data."""
_QUICK = {"products": {"figures": False, "tables": False}}
"""Products switched off: only `result.json` is compared."""


def daemon_documents(bursts: tuple[str, ...] | None = None) -> dict[str, Any]:
    """Play the scenario and return its documents; `bursts` of DC-0, None: all."""
    with tempfile.TemporaryDirectory(prefix="eclgrmd-golden-") as folder:
        scenario = Scenario(Path(folder), bursts)
        asyncio.run(scenario.run())
        return _documents(scenario)


def real_documents(data: Path) -> dict[str, Any]:
    """Analyse the real bursts and return their results."""
    return {
        name: _analysed([str(data / file) for file in files], data)
        for name, files in REAL_BURSTS.items()
    }


def _analysed(files: list[str], data: Path) -> Any:
    with tempfile.TemporaryDirectory(prefix="eclgrmd-golden-") as folder:
        quick = Path(folder, "quick.json")
        quick.write_text(json.dumps(_QUICK), encoding="utf-8")
        output = Path(folder, "output")
        with contextlib.redirect_stdout(io.StringIO()):
            status = main(["analyze", *files, "--output", str(output), "--config", str(quick)])
        path = output / "result.json"
        found = json.loads(path.read_bytes()) if path.exists() else {}
        return _plain({"exit status": status, **found}, {str(data): "{data}", folder: "{output}"})


def _documents(scenario: Scenario) -> dict[str, Any]:
    announced = [(subject, body) for subject, body in scenario.messages if not _of_load(body)]
    founding = [body for subject, body in announced if subject == "activity.eclgrm"]
    typed = [(subject, body) for subject, body in announced if subject != "activity.eclgrm"]
    documents: dict[str, Any] = {
        "messages/founding": _keyed((_founding_key(each), each) for each in founding),
        "messages/version-1": _keyed((_typed_key(*each), each[1]) for each in typed),
        "rest": {name: _answer(name, each) for name, each in scenario.answers.items()},
        "tables": {name: text.splitlines() for name, text in scenario.tables.items()},
    }
    for name, rows in scenario.rows.items():
        documents[f"rows/{name}"] = rows
    plain = {name: _plain(each, scenario.names) for name, each in documents.items()}
    _refer(plain)  # before rows are sorted by their final content
    for name in scenario.rows:
        rows = [masked(row, name) for row in plain[f"rows/{name}"]]
        plain[f"rows/{name}"] = sorted(rows, key=lambda row: json.dumps(row, sort_keys=True))
    for name, result in scenario.results.items():
        plain[f"dc0/{name}"] = _plain(result, scenario.names)
    return plain


def _refer(documents: dict[str, Any]) -> None:
    """Replace rows of the outbox by references to the messages with the same content.

    A row has more fields than its message in the founding form; the other fields are in its
    message of version 1.
    """
    activities = [each["activity"] for each in documents["messages/founding"].values()]
    announced = {_said(each) for each in activities if each}
    fields = {each["type"]: each.keys() for each in activities if each}
    for row in documents["rows/outbox"]:
        fact = row["activity"]
        names = fields.get(fact["type"], ()) if isinstance(fact, dict) else ()
        if names and _said({name: fact.get(name) for name in names}) in announced:
            row["activity"] = "as announced"


def _said(message: Any) -> str:
    """Return the body of a message without fields that are added when it is published."""
    return json.dumps(message, sort_keys=True).replace(f"{{rest}}{API}", "")


def _plain(document: Any, names: dict[str, str]) -> Any:
    return masked(json.loads(renamed(json.dumps(document), names)))


def _of_load(message: dict[str, Any]) -> bool:
    """Return whether a status only shows a busy machine: degraded, or well again."""
    activity = message["activity"] if "activity" in message else message.get("schema")
    return activity in (None, "eclgrm.status") and not message["info"].endswith("is ready")


def _keyed(messages: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Return messages by key: tasks that run at the same time are announced in any order."""
    seen: Counter[str] = Counter()
    found = {}
    for key, message in messages:
        seen[key] += 1
        found[key if seen[key] == 1 else f"{key} #{seen[key]}"] = message
    return found


def _founding_key(message: dict[str, Any]) -> str:
    activity = message["activity"] or {"type": "status"}
    return _key(activity["type"], activity, ("burst_id", "task_id", "name", "number", "version",
                "proc_ver", "state", "change", "received"))  # fmt: skip


def _typed_key(subject: str, message: dict[str, Any]) -> str:
    return _key(subject, message, ("task_id", "name", "number", "proc_ver", "change", "received"))


def _key(first: str, message: dict[str, Any], fields: tuple[str, ...]) -> str:
    return " ".join([first, *(str(message[name]) for name in fields if name in message)])


def _answer(name: str, answer: dict[str, Any]) -> dict[str, Any]:
    if (
        name == "GET /metrics"
    ):  # names, kinds and help texts only: the numbers differ from run to run
        return {**answer, "body": sorted(line for line in answer["body"] if line[:1] == "#")}
    return answer
