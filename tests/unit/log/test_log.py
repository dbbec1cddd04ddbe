"""Log lines on a terminal, as JSON, in the journal."""

import io
import json
import logging
import warnings
from collections.abc import Iterator, Mapping

import pytest
import structlog

from eclgrmd.errors import InputError
from eclgrmd.log import relay, set_level, set_up, watch
from eclgrmd.log.processors import Repetitions, journal_fields, redact


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    handlers, level = logging.getLogger().handlers, logging.getLogger().level
    configuration = structlog.get_config()
    yield
    logging.captureWarnings(capture=False)
    logging.getLogger().handlers = handlers
    logging.getLogger().setLevel(level)
    structlog.configure(**configuration)


@pytest.fixture
def out() -> io.StringIO:
    stream = io.StringIO()
    set_up("info", stream=stream)
    return stream


def lines(out: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_elsewhere_than_on_a_terminal_a_line_is_json_with_its_fields(out: io.StringIO) -> None:
    with structlog.contextvars.bound_contextvars(burst_id="sb26112201", task_id="t1"):
        structlog.get_logger("eclgrmd.tasks").info("task done", elapsed_s=1.5)
    (line,) = lines(out)
    assert line["event"] == "task done"
    assert line["level"] == "info"
    assert (line["burst_id"], line["task_id"], line["elapsed_s"]) == ("sb26112201", "t1", 1.5)
    assert line["logger"] == "eclgrmd.tasks"
    assert str(line["timestamp"]).endswith("Z")


def test_a_line_that_cannot_be_written_ends_nothing() -> None:
    class Full(io.StringIO):
        def write(self, _text: str) -> int:
            raise OSError(28, "No space left on device")

    set_up("info", stream=Full())
    structlog.get_logger("eclgrmd.tasks").error("nobody reads this")
    logging.getLogger("aiohttp").error("nor this")


def test_a_terminal_shows_readable_lines() -> None:
    stream = io.StringIO()
    set_up(style="console", stream=stream)
    structlog.get_logger().warning("disk is filling", free_bytes=7)
    assert "disk is filling" in stream.getvalue()
    assert "free_bytes=7" in stream.getvalue()


def test_the_level_changes_while_running(out: io.StringIO) -> None:
    log = structlog.get_logger()
    log.debug("hidden")
    set_level("debug")
    log.debug("shown")
    set_level("error")
    log.warning("hidden")
    assert [line["event"] for line in lines(out)] == ["shown"]
    with pytest.raises(InputError, match="log level 'loud': must be one of debug, info"):
        set_level("loud")


def test_secrets_are_never_written(out: io.StringIO) -> None:
    structlog.get_logger().info(
        "connecting",
        url="nats://me:p2@host:4222",
        settings={"api_token": "p3", "port": 1, "db": {"password": "p1"}},
    )
    error = ValueError("no route to mysql://root:p4@host")
    structlog.get_logger().error("failed", exc_info=error)
    text = out.getvalue()
    assert not any(secret in text for secret in ("p1", "p2", "p3", "p4"))
    assert lines(out)[0]["settings"] == {
        "api_token": "[redacted]",
        "port": 1,
        "db": {"password": "[redacted]"},
    }
    assert "host:4222" in text


def test_a_number_is_no_secret() -> None:
    assert redact(None, "info", {"token_count": 3}) == {"token_count": 3}


def test_lines_of_libraries_and_warnings_come_along(out: io.StringIO) -> None:
    logging.getLogger("aiohttp").log(35, "odd %s", "level")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("old habit", stacklevel=1)
    assert lines(out)[0] | {"timestamp": ""} == {
        "event": "odd level",
        "level": "warning",
        "logger": "aiohttp",
        "timestamp": "",
    }
    assert "old habit" in str(lines(out)[1]["event"])


def test_a_workers_line_keeps_its_fields(out: io.StringIO) -> None:
    relay({"event": "folded", "level": "warning", "task_id": "t1", "worker": 7, "timestamp": "x"})
    (line,) = lines(out)
    assert (line["event"], line["level"], line["worker"]) == ("folded", "warning", 7)
    assert line["task_id"] == "t1"
    assert line["timestamp"] != "x"


def test_a_watcher_sees_what_is_written_until_it_has_enough(out: io.StringIO) -> None:
    seen: list[Mapping[str, object]] = []
    end = watch(lambda fields: seen.append(dict(fields)))
    structlog.get_logger().info("one", login={"token": "p"})
    structlog.get_logger().debug("too quiet")
    end()
    structlog.get_logger().info("two")
    assert [each["event"] for each in seen] == ["one"]
    assert seen[0]["login"] == {"token": "[redacted]"}


def test_the_journal_gets_fields_and_what_it_refuses_is_not_lost() -> None:
    records: list[Mapping[str, str]] = []
    stream = io.StringIO()

    def take(record: Mapping[str, str]) -> bool:
        records.append(record)
        return len(records) == 1

    set_up(journal=take, stream=stream)
    structlog.get_logger("eclgrmd").error("task failed", burst_id="b1", task_id="t1", stage="fit")
    structlog.get_logger("eclgrmd").info("second")
    assert records[0] == {
        "SYSLOG_IDENTIFIER": "eclgrmd",
        "PRIORITY": "3",
        "MESSAGE": "task failed",
        "BURST_ID": "b1",
        "TASK_ID": "t1",
        "STAGE": "fit",
        "LOGGER": "eclgrmd",
    }
    assert [line["event"] for line in lines(stream)] == ["second"]


def test_a_field_of_the_journal_has_a_name_that_the_journal_takes() -> None:
    record = journal_fields({"event": "x", "level": "info", "_9lives-ä": 1, "exception": "a\nb"})
    assert record["LIVES__"] == "1"
    assert record["TRACEBACK"] == "a\nb"


def test_a_fault_that_repeats_is_written_a_few_times_and_then_counted() -> None:
    now = 0.0
    repetitions = Repetitions(burst=2, period_s=10.0, clock=lambda: now)
    passed = []

    def say(event: str, level: str = "warning") -> None:
        try:
            passed.append(repetitions(None, level, {"event": event, "level": level}))
        except structlog.DropEvent:
            return

    for _ in range(5):
        say("no database")
        say("other", "info")
    assert [each["event"] for each in passed].count("no database") == 2
    assert [each["event"] for each in passed].count("other") == 5
    now = 11.0
    say("no database")
    assert passed[-1]["dropped"] == 3
    say("no database")
    assert "dropped" not in passed[-1]
