"""FSC-2041, the service is ready; FSC-1585, it can be reached."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from testbench.acceptance.report.table import StepSkippedError, require
from testbench.tts.clients import NatsClient, RestClient
from testbench.tts.watch import ActivityWatch, Received

__all__ = [
    "form_of_status",
    "health",
    "logging",
    "nats_ping",
    "status_form",
    "status_seen",
    "workers",
]

READY = "Service eclgrm is ready"
_ENVELOPE = ["descriptor", "activity", "date", "info"]
_DESCRIPTOR = {
    "name": str,
    "uri": str,
    "instrument": str,
    "mode": str,
    "creation_date": str,
    "version": str,
    "links": list,
}
_DATE = re.compile(r"(\w+) (\d\d) (\w+) (\d{4}) (\d\d):(\d\d):(\d\d)")
_DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


async def status_seen(watch: ActivityWatch, *, after: int = 0, limit_s: float = 30.0) -> Received:
    """Return the first ServiceStatus that says ready after a stream number; wait for it."""
    try:
        return await watch.wait_for(
            lambda: next(
                (m for m in watch.service_messages(after=after) if m.message.info == READY), None
            ),
            limit_s=limit_s,
        )
    except TimeoutError:
        seen = [m.message.info for m in watch.service_messages(after=after)]
        require(False, f"no {READY!r} on activity.eclgrm within {limit_s:g} s, only {seen}")
        raise


async def status_form(watch: ActivityWatch) -> str:
    """Check that every ServiceStatus has the form of the founding document."""
    statuses = watch.service_messages()
    require(statuses, "no ServiceStatus was seen")
    wrong = [text for m in statuses for text in form_of_status(m.raw)] + watch.malformed
    require(not wrong, "; ".join(wrong))
    return f"fields, nesting, order and dates are right in {len(statuses)} message(s)"


def form_of_status(raw: dict[str, Any]) -> list[str]:
    """List the differences from the founding document's form (empty: none)."""
    if list(raw) != _ENVELOPE:
        return [f"fields are {list(raw)}, must be {_ENVELOPE}"]
    descriptor = raw["descriptor"]
    if not isinstance(descriptor, dict) or list(descriptor) != list(_DESCRIPTOR):
        return [f"descriptor is {descriptor!r}, must have the fields {list(_DESCRIPTOR)}"]
    wrong = [
        f"descriptor.{key} is {descriptor[key]!r}, must be a {kind.__name__}"
        for key, kind in _DESCRIPTOR.items()
        if not isinstance(descriptor[key], kind)
    ]
    if raw["activity"] is not None:
        wrong.append(f"activity is {raw['activity']!r}, must be null")
    for name, text in (("creation_date", descriptor["creation_date"]), ("date", raw["date"])):
        if not _is_founding_date(str(text)):
            wrong.append(f"{name} is {text!r}, must look like 'Friday 18 January 2019 10:33:16'")
    if not isinstance(raw["info"], str):
        wrong.append(f"info is {raw['info']!r}, must be a text")
    return wrong


def _is_founding_date(text: str) -> bool:
    found = _DATE.fullmatch(text)
    if found is None or found[1] not in _DAYS or found[3] not in _MONTHS:
        return False
    day, year, hour, minute, second = (int(found[i]) for i in (2, 4, 5, 6, 7))
    month = _MONTHS.index(found[3]) + 1
    try:
        at = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return False
    return _DAYS[at.weekday()] == found[1]


async def health(rest: RestClient) -> str:
    """Check both health addresses and `/api/v1/status`."""
    live = await rest.get("/health/live")
    require(live.status == 200, f"/health/live answered {live.status}")
    ready = await rest.get("/health/ready")
    require(ready.status == 200, f"/health/ready answered {ready.status}: {ready.body}")
    require(ready.body.get("ready") is True, f"/health/ready says {ready.body}")
    reported = [part for part in ("database", "nats", "workers") if part in ready.body]
    require(len(reported) == 3, f"/health/ready reports only {reported}")
    status = await rest.get("/api/v1/status")
    require(status.status == 200, f"/api/v1/status answered {status.status}")
    wrong = form_of_status(status.body)
    require(not wrong, f"/status: {'; '.join(wrong)}")
    return (
        "live and ready by REST; database, NATS and workers up; /status as in the founding document"
    )


async def nats_ping(nats: NatsClient) -> str:
    """Discover the service as standard NATS tools do, and ping it."""
    ping = msgspec.json.decode(await nats.ask("$SRV.PING.eclgrm"))
    kind = "io.nats.micro.v1.ping_response"
    require(ping.get("type") == kind, f"$SRV.PING answered {ping}")
    require(ping.get("name") == "eclgrm", f"the service's name is {ping.get('name')!r}")
    info = msgspec.json.decode(await nats.ask("$SRV.INFO.eclgrm"))
    endpoints = {endpoint["subject"] for endpoint in info.get("endpoints", [])}
    require({"eclgrm.ping", "eclgrm.status"} <= endpoints, f"endpoints are {endpoints}")
    stats = msgspec.json.decode(await nats.ask("$SRV.STATS.eclgrm"))
    require(stats.get("name") == "eclgrm", f"$SRV.STATS answered {stats}")
    await nats.ask("eclgrm.ping")
    status = msgspec.json.decode(await nats.ask("eclgrm.status"))
    wrong = form_of_status(status)
    require(not wrong, f"eclgrm.status: {'; '.join(wrong)}")
    return f"PING, INFO, STATS, ping and status answered by eclgrm {ping.get('version')}"


async def logging(rest: RestClient, log: Path | None) -> str:
    """Check the daemon's own log, and the address of the log of a task."""
    unknown = await rest.get("/api/v1/task/no-such-task/logs")
    require(unknown.status == 404, f"logs of an unknown task: answer {unknown.status}, not 404")
    require(
        unknown.media_type == "application/problem+json",
        f"logs of an unknown task: {unknown.media_type}, not a problem document",
    )
    if log is None:
        raise StepSkippedError(
            "the daemon was not started by this test, so its log file is unknown"
        )
    number = _check_lines(log)
    return f"{number} JSON lines in the daemon's log; task logs are served by REST"


def _check_lines(log: Path) -> int:
    lines = log.read_text(encoding="utf-8").splitlines()
    require(lines, f"{log} is empty")
    for number, line in enumerate(lines, 1):
        try:
            fields = msgspec.json.decode(line)
        except msgspec.DecodeError:
            fields = {}
        require(
            isinstance(fields, dict) and "event" in fields and "level" in fields,
            f"{log}, line {number} is not a JSON line with level and event: {line[:200]}",
        )
    return len(lines)


async def workers(rest: RestClient) -> str:
    """Check that the state of the worker processes is reported."""
    ready = await rest.get("/health/ready")
    state = ready.body.get("workers")
    require(ready.status == 200 and state, f"/health/ready says {ready.body}")
    return f"workers: {msgspec.json.encode(state).decode()}"
