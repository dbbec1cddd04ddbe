"""The locked requirements hold all that the project asks for, in one version."""

import re
import tomllib

from tests.support.checkout import CHECKOUT

AGAIN = (
    "uv pip compile --generate-hashes --no-emit-index-url --no-header --python-version 3.11 "
    "--universal pyproject.toml -c packaging/requirements-test.lock -o packaging/requirements.lock"
)


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def locked(name: str) -> dict[str, set[str]]:
    text = (CHECKOUT / "packaging" / name).read_text(encoding="utf-8")
    found: dict[str, set[str]] = {}
    for package, version in re.findall(r"^([a-z0-9_.-]+)==([^ ;]+)", text, re.MULTILINE):
        found.setdefault(plain(package), set()).add(version)
    return found


def test_everything_that_runs_is_locked() -> None:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = {plain(re.match(r"[\w.-]+", each)[0]) for each in project["dependencies"]}
    assert wanted <= locked("requirements.lock").keys(), f"run: {AGAIN}"


def test_what_is_tested_is_what_runs() -> None:
    tested = locked("requirements-test.lock")
    for package, versions in locked("requirements.lock").items():
        assert versions == tested[package], f"{package} differs; run: {AGAIN}"


def test_the_peers_of_the_bench_are_locked() -> None:
    groups = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))
    peers = groups["dependency-groups"]["peers"]
    wanted = {plain(re.match(r"[\w.-]+", each)[0]) for each in peers}
    assert wanted <= locked("requirements-peers.lock").keys()
