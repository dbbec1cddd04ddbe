"""The acceptance table as JUnit XML, as continuous integration reads it."""

from xml.etree import ElementTree as ET

from .table import CASES, Status, Step

__all__ = ["junit_xml"]

_ALLOWED_CONTROL = "\t\n\r"


def junit_xml(steps: tuple[Step, ...]) -> bytes:
    """Return a test suite for each test case, with a test for each step."""
    root = ET.Element("testsuites", {"name": "DC-0 acceptance", **_counts(steps)})
    for case, title in CASES.items():
        mine = tuple(step for step in steps if step.case == case)
        if mine:
            suite = ET.SubElement(root, "testsuite", {"name": f"{case} {title}", **_counts(mine)})
            for step in mine:
                _add(suite, step)
    ET.indent(root)
    text: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return text


def _counts(steps: tuple[Step, ...]) -> dict[str, str]:
    return {
        "tests": str(len(steps)),
        "failures": str(sum(s.status is Status.FAIL for s in steps)),
        "errors": "0",
        "skipped": str(sum(s.status is Status.SKIP for s in steps)),
        "time": f"{sum(s.seconds for s in steps):.3f}",
    }


def _add(suite: ET.Element, step: Step) -> None:
    attributes = {"classname": step.case, "name": step.name, "time": f"{step.seconds:.3f}"}
    test = ET.SubElement(suite, "testcase", attributes)
    detail = "".join(c for c in step.detail if c.isprintable() or c in _ALLOWED_CONTROL)
    match step.status:
        case Status.PASS:
            ET.SubElement(test, "system-out").text = detail
        case Status.FAIL:
            failure = ET.SubElement(test, "failure", {"message": detail.split("\n", 1)[0]})
            failure.text = detail
        case Status.SKIP:
            ET.SubElement(test, "skipped", {"message": detail})
