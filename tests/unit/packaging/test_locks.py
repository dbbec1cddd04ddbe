"""The locked requirements contain every requirement of the project, in one version."""

import re
import tomllib

import pytest

from tests.support.checkout import CHECKOUT

AGAIN = (
    "uv pip compile --generate-hashes --no-emit-index-url --no-header --python-version 3.11 "
    "--universal --extra parquet --extra campaign pyproject.toml "
    "-c packaging/requirements-test.lock -o packaging/requirements.lock"
)


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def names(requirements: list[str]) -> set[str]:
    """Return the names of the packages that are required."""
    return {plain(re.split(r"[^\w.-]", each, maxsplit=1)[0]) for each in requirements}


def locked(name: str) -> dict[str, set[str]]:
    text = (CHECKOUT / "packaging" / name).read_text(encoding="utf-8")
    found: dict[str, set[str]] = {}
    for package, version in re.findall(r"^([a-z0-9_.-]+)==([^ ;]+)", text, re.MULTILINE):
        found.setdefault(plain(package), set()).add(version)
    return found


def test_everything_that_runs_is_locked() -> None:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert names(project["dependencies"]) <= locked("requirements.lock").keys(), f"run: {AGAIN}"


def test_what_is_tested_is_what_runs() -> None:
    tested = locked("requirements-test.lock")
    for package, versions in locked("requirements.lock").items():
        assert versions == tested[package], f"{package} differs; run: {AGAIN}"


@pytest.mark.parametrize("group", ["peers", "readers"])
def test_dependency_groups_are_locked(group: str) -> None:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))
    assert names(project["dependency-groups"][group]) <= locked(f"requirements-{group}.lock").keys()


def test_readers_leave_what_is_tested_as_it_is() -> None:
    tested = locked("requirements-test.lock")
    for package, versions in locked("requirements-readers.lock").items():
        assert tested.get(package, versions) == versions, f"{package} differs"
