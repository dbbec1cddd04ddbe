"""The life of an installation on a real systemd: what an operator does, and what goes wrong.

The tests stand in the order of that life and share one installation.
"""

import json
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from pathlib import Path

import pytest

from tests.support.limits import LIMIT_S, RUN_LIMIT_S
from tests.support.systemd.booted import Box
from tests.support.systemd.installation import NEWER, Packages, Rest, inside

pytestmark = pytest.mark.timeout(2 * RUN_LIMIT_S)

CONFIGURATION = "/etc/eclgrmd/eclgrmd.toml"
PAUSE_S = 0.02
"""Between two questions of one client: the machine has other work, too."""
DROP_IN = "/etc/systemd/system/eclgrmd.service.d/test.conf"


def lines(box: Box, *matches: str) -> list[dict[str, str]]:
    """Read the journal of the unit."""
    text = box.out("journalctl", "-u", "eclgrmd", "-o", "json", "--no-pager", *matches)
    return [json.loads(line) for line in text.splitlines()]


def reload(box: Box, text: str) -> dict[str, str]:
    """Write the settings and reload them; return what the journal says of it."""

    def told() -> list[dict[str, str]]:
        return [line for line in lines(box) if line["MESSAGE"] == "settings reloaded"]

    before = len(told())
    box.write(CONFIGURATION, text)
    box.run("systemctl", "reload", "eclgrmd")
    box.until(lambda: len(told()) > before)
    (new,) = told()[before:]
    return new


def main_pid(box: Box) -> str:
    return box.shown("MainPID")


def computing(box: Box) -> list[str]:
    """Return the workers, and the process from which they are forked."""
    return box.out("pgrep", "-f", "eclgrmd.compute.(worker|nursery)", check=False).split()


def test_it_is_up_after_its_installation(box: Box, rest: Rest, serving: Callable[[], None]) -> None:
    serving()
    assert box.shown("SubState") == "running"
    assert box.shown("NRestarts") == "0"
    assert box.shown("UnitFileState") == "enabled"
    box.until(lambda: box.shown("StatusText").startswith("ready; 0 of 2 workers busy"))
    assert "active" in box.out("systemctl", "is-active", "eclgrmd.socket")
    status, report = rest.get("/health/ready")
    assert (status, report["ready"]) == (200, True)


def test_the_package_lets_nobody_in_without_a_token(box: Box, rest: Rest) -> None:
    stranger = Rest(box, "")
    assert box.call(lambda: stranger.ask("/api/v1/status"))[0] == 401
    assert box.call(lambda: rest.ask("/api/v1/status"))[0] == 200


def test_the_package_shows_its_documentation_to_everybody(box: Box) -> None:
    stranger = Rest(box, "")
    status, page = box.call(lambda: stranger.ask("/docs/tutorials/first-burst.html"))
    assert status == 200
    assert b"A public burst: T90 and a Band fit" in page


def test_the_acceptance_table_passes_against_it(
    box: Box,
    rest: Rest,
    tmp_path: Path,
    serving: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    serving()
    # The test serves its files itself, on this machine.
    listed = 'allow = ["http://127.0.0.1:*"]'
    reload(box, box.out("cat", CONFIGURATION).replace("allow = []", listed))
    monkeypatch.setenv("ECLGRMCTL_TOKEN", rest.token)
    endpoints = json.loads(box.out("cat", "/run/eclgrmd/endpoints.json"))
    found = tmp_path / "report.json"
    command = [sys.executable, "-m", "testbench.acceptance", "--burst", "short"]
    where = ["--url", endpoints["rest"], "--nats", endpoints["nats"]]
    done = box.connected(
        *command, *where, "--output", tmp_path, "--json", found, limit_s=RUN_LIMIT_S
    )
    assert done.returncode == 0, done.stdout + done.stderr + box.journal()
    steps = json.loads(found.read_bytes())["steps"]
    assert {step["status"] for step in steps} == {"PASS", "SKIP"}
    skipped = [step for step in steps if step["status"] == "SKIP"]
    assert [step["name"] for step in skipped] == [
        "logging",
        "stop and start under load",
        "kill -9 and start",
    ]


def test_the_journal_tells_the_story_of_one_task(box: Box, rest: Rest) -> None:
    box.until(lambda: not rest.draws())
    task = rest.get("/api/v1/task?state=done&limit=1")[1]["tasks"][0]
    story = lines(box, f"TASK_ID={task['id']}")
    said = [line["MESSAGE"] for line in story]
    assert said[0] == "task started"
    assert said.index("task ended") < said.index("drawing started")
    assert said[-1] == "drawing ended"
    assert {line["BURST_ID"] for line in story} == {task["burst_id"]}
    computed = [line for line in story if "WORKER" in line]
    assert {"read", "temporal", "products"} <= {line.get("STAGE") for line in computed}
    assert all(int(line["WORKER"]) != int(line["_PID"]) for line in computed)
    assert all(line["PRIORITY"] in {"4", "6"} for line in story)
    assert {line["SYSLOG_IDENTIFIER"] for line in story} == {"eclgrmd"}


def test_a_good_file_is_taken_over_without_a_restart(box: Box) -> None:
    before = main_pid(box)
    text = box.out("cat", CONFIGURATION)
    told = reload(box, text.replace('level = "info"', 'level = "debug"'))
    box.until(lambda: box.shown("SubState") == "running")
    assert told["CHANGED"] == "['log.level']"
    assert main_pid(box) == before


def test_a_bad_file_changes_nothing_and_says_so(box: Box, rest: Rest) -> None:
    before, text = main_pid(box), box.out("cat", CONFIGURATION)
    box.write(CONFIGURATION, text + "\nnonsense = 1\n")
    done = box.run("systemctl", "reload", "eclgrmd", check=False)
    assert done.returncode != 0
    assert "unknown field `nonsense`" in box.journal()
    # One who goes round the check is told the same.
    box.run("systemctl", "kill", "--kill-whom=main", "-s", "HUP", "eclgrmd")
    box.until(
        lambda: (
            "settings not reloaded" in box.shown("StatusText") or "not reloaded" in box.journal()
        )
    )
    assert main_pid(box) == before
    assert rest.ready()
    box.write(CONFIGURATION, text)
    box.run("systemctl", "reload", "eclgrmd")


def test_it_comes_back_after_kill_9(box: Box, rest: Rest, serving: Callable[[], None]) -> None:
    rest.order("waits-for-ever")
    before, known = main_pid(box), rest.kept()
    box.run("systemctl", "kill", "--kill-whom=main", "-s", "KILL", "eclgrmd")
    box.until(lambda: main_pid(box) not in {before, "0"})
    serving()
    assert [task for task in rest.kept() if task in known] == known
    assert box.shown("NRestarts") == "1"
    box.until(lambda: not rest.draws())


def test_a_daemon_that_stands_still_is_restarted(
    box: Box, watched: None, serving: Callable[[], None]
) -> None:
    before = main_pid(box)
    box.run("kill", "-STOP", before)
    box.until(lambda: main_pid(box) not in {before, "0"})
    serving()
    assert box.out("journalctl", "-u", "eclgrmd", "-g", "Watchdog timeout")


def test_a_daemon_whose_workers_never_come_back_is_restarted(
    box: Box, watched: None, serving: Callable[[], None]
) -> None:
    before = main_pid(box)
    program = "/usr/lib/eclgrmd/lib/python3.11/site-packages/eclgrmd/compute"
    box.run("mv", program, program + ".away")
    try:
        # The nursery, too, which has its program in memory; one may just have ended by itself.
        box.run("kill", "-KILL", *computing(box), check=False)
        box.until(lambda: main_pid(box) != before)
    finally:
        box.run("mv", program + ".away", program)
    box.run("systemctl", "reset-failed", "eclgrmd")
    box.run("systemctl", "start", "eclgrmd")
    serving()
    assert any(line["MESSAGE"] == "workers do not answer" for line in lines(box))


@pytest.fixture(scope="module")
def watched(box: Box) -> None:
    """Let the watchdog bite sooner than an operator wants it to."""
    box.write(DROP_IN, "[Service]\nWatchdogSec=6\n")
    box.run("systemctl", "daemon-reload")
    box.run("systemctl", "restart", "eclgrmd")


class Load:
    """Asks every few milliseconds, on a new connection each time, and counts."""

    def __init__(self, rest: Rest) -> None:
        self.answers: list[int] = []
        self.faults: list[str] = []
        self._rest = rest
        self._over = threading.Event()

    def end(self) -> None:
        self._over.set()

    def run(self) -> None:
        while not self._over.wait(PAUSE_S):
            try:
                self.answers.append(self._rest.ask("/api/v1/status")[0])
            except (OSError, HTTPException) as error:
                self.faults.append(repr(error))


def under_load(box: Box, rest: Rest, command: Callable[[], object]) -> Load:
    load = Load(rest)
    with ThreadPoolExecutor(4) as pool:
        asking = [pool.submit(box.call, load.run) for _ in range(4)]
        box.until(lambda: len(load.answers) > 50)
        try:
            command()
            seen = len(load.answers)
            box.until(lambda: len(load.answers) > seen + 50)
        finally:
            load.end()
        for each in asking:
            each.result()
    return load


def test_a_restart_under_load_refuses_nobody(
    box: Box, rest: Rest, serving: Callable[[], None]
) -> None:
    box.run("rm", "-r", str(Path(DROP_IN).parent))  # from here on the usual watchdog
    box.run("systemctl", "daemon-reload")
    before = main_pid(box)
    load = under_load(box, rest, lambda: box.run("systemctl", "restart", "eclgrmd"))
    assert not load.faults
    assert set(load.answers) == {200}
    assert main_pid(box) != before
    serving()


def test_a_backup_of_the_running_daemon_comes_back(
    box: Box, rest: Rest, serving: Callable[[], None]
) -> None:
    known = rest.kept()
    assert known
    state, folder = "/var/lib/eclgrmd", "/var/lib/eclgrmd/backup-of-today"
    as_daemon = ("runuser", "-u", "eclgrmd", "--", "eclgrmd")
    box.run(*as_daemon, "backup", folder, "--settings", CONFIGURATION)
    box.run("systemctl", "stop", "eclgrmd.socket", "eclgrmd.service")
    box.run("rm", "-r", f"{state}/mariadb", f"{state}/files")
    box.run(*as_daemon, "restore", folder, "--settings", CONFIGURATION)
    box.run("systemctl", "start", "eclgrmd.socket", "eclgrmd.service")
    serving()
    assert [task for task in rest.kept() if task in known] == known


def test_an_upgrade_under_load_keeps_all_and_refuses_nobody(
    box: Box, rest: Rest, packages: Packages, serving: Callable[[], None]
) -> None:
    known = rest.kept()
    assert known
    command = ("dpkg", "--force-unsafe-io", "-i", inside(packages.newer))
    load = under_load(box, rest, lambda: box.run(*command, limit_s=LIMIT_S))
    assert not load.faults
    serving()
    assert [task for task in rest.kept() if task in known] == known
    backups = box.out("find", "/var/lib/eclgrmd/backups", "-name", "backup.json")
    assert len(backups.splitlines()) == 1
    assert box.out("eclgrmd", "--version") == f"eclgrmd {NEWER}"


def test_changed_settings_survive_an_upgrade(box: Box) -> None:
    assert 'level = "debug"' in box.out("cat", CONFIGURATION)


def test_a_purge_leaves_nothing_behind(box: Box) -> None:
    box.run("dpkg", "--purge", "eclgrmd")
    left = box.out(
        *("find", "/usr/lib/eclgrmd", "/etc/eclgrmd", "/var/lib/eclgrmd", "/var/cache/eclgrmd"),
        *(
            "/lib/systemd/system/eclgrmd.service",
            "/run/eclgrmd",
            "/usr/bin/eclgrmd",
            "/usr/bin/eclgrmctl",
        ),
        check=False,
    )
    assert left == ""
    assert box.out("pgrep", "-u", "eclgrmd", check=False) == ""
    assert box.out("find", "/etc/systemd/system", "-name", "eclgrmd*") == ""
