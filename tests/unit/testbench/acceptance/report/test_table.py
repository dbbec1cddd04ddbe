import asyncio
from xml.etree import ElementTree as ET

from testbench.acceptance.report.junit import junit_xml
from testbench.acceptance.report.table import Status, Step, StepSkippedError, Table, require
from tests.support.present import present


async def passes() -> str:
    return "seen"


async def fails() -> str:
    require(False, "answer 500\nwith a body")
    return "never"


async def skips() -> str:
    raise StepSkippedError("not ours")


async def breaks() -> str:
    empty: dict[str, str] = {}
    return empty["nothing"]


async def test_a_step_ends_in_the_status_of_its_check() -> None:
    table = Table()

    assert await table.step("FSC-1585", "one", passes)
    assert not await table.step("FSC-1585", "two", fails)
    await table.step("FSC-1585", "three", skips)
    await table.step("FSC-1585", "four", breaks)

    assert [s.status for s in table.steps] == ["PASS", "FAIL", "SKIP", "FAIL"]
    assert table.steps[1].detail.startswith("answer 500")
    assert "KeyError" in table.steps[3].detail


async def test_a_table_passes_when_no_step_failed_and_there_was_one() -> None:
    table = Table()
    assert not table.passed

    await table.step("FSC-1585", "one", passes)
    await table.step("FSC-1585", "two", skips)
    assert table.passed

    await table.step("FSC-1585", "three", fails)
    assert not table.passed


async def test_steps_are_listed_by_test_case() -> None:
    table = Table()
    for case in ("FSC-1590", "FSC-2041", "FSC-1588"):
        await table.step(case, "step", passes)

    assert [s.case for s in table.steps] == ["FSC-2041", "FSC-1588", "FSC-1590"]


async def test_every_step_is_reported_when_it_ends() -> None:
    told: list[Step] = []
    await Table(told.append).step("FSC-1585", "one", fails)

    assert [s.status for s in told] == [Status.FAIL]


async def test_junit_has_a_suite_a_test_case_and_a_test_a_step() -> None:
    table = Table()
    await table.step("FSC-2041", "ready", passes)
    await table.step("FSC-1585", "health & <workers>", fails)
    await table.step("FSC-1590", "restart", skips)

    root = ET.fromstring(junit_xml(table.steps))  # noqa: S314 (our own text)

    assert root.attrib["tests"] == "3"
    assert root.attrib["failures"] == root.attrib["skipped"] == "1"
    suites = root.findall("testsuite")
    assert [s.attrib["name"].split()[0] for s in suites] == ["FSC-2041", "FSC-1585", "FSC-1590"]
    failed = present(suites[1].find("testcase"))
    assert failed.attrib["name"] == "health & <workers>"
    assert present(failed.find("failure")).attrib["message"] == "answer 500"
    assert present(suites[2].find("testcase/skipped")).attrib["message"] == "not ours"


async def test_a_cancellation_that_a_step_swallowed_takes_effect_after_it() -> None:
    table = Table()

    async def swallows() -> str:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            return "gone on"
        return "never"

    async def steps() -> None:
        await table.step("FSC-1585", "one", swallows)
        await table.step("FSC-1585", "two", passes)

    async with asyncio.TaskGroup() as group:
        task = group.create_task(steps())
        await asyncio.sleep(0)
        task.cancel()

    assert task.cancelled()
    assert table.steps == ()
