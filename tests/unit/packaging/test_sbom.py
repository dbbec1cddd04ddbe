"""The list of libraries is that of the lock, and their licences allow what we do."""

import hashlib
import json
import re
import subprocess
import sys
import zipfile
from typing import Any

import pytest

from tests.support.checkout import CHECKOUT
from tests.unit.packaging.conftest import Distribution

SBOM = CHECKOUT / "packaging" / "sbom.cdx.json"
ALLOWED = re.compile(
    r"(0BSD|Apache-2\.0|Apache Software License|BSD( License)?|BSD-[23]-Clause|CC0-1\.0|MIT"
    r"|MIT License|MIT-0"
    r"|MIT-CMU|PSF-2\.0|Python Software Foundation License|The Unlicense \(Unlicense\)|Zlib"
    r"|LGPL-2\.1-or-later|Apache-2\.0 WITH LLVM-exception)"
)
"""Licences that do not bind a program which uses the library unchanged; LGPL is Minuit's, a library
that a user can replace. partd states "BSD"; its file has the three clauses."""


@pytest.fixture(scope="module")
def components() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(SBOM.read_text(encoding="utf-8"))["components"]
    return found


def test_the_list_is_that_of_the_lock() -> None:
    program = (
        "import json, runpy, sys; "
        "print(json.dumps(runpy.run_path(sys.argv[1])['document'](), indent=1))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, CHECKOUT / "packaging" / "sbom.py"],
        capture_output=True,
        text=True,
        check=True,
    )
    again = "run: .venv/bin/python packaging/sbom.py"
    assert done.stdout == SBOM.read_text(encoding="utf-8"), again


def test_every_licence_is_known_and_allowed(components: list[dict[str, Any]]) -> None:
    for each in components:
        (licence,) = each["licenses"]
        stated = licence.get("expression") or licence["license"]["name"]
        parts = re.split(r" AND | OR | and ", stated)
        assert all(ALLOWED.fullmatch(part) for part in parts), f"{each['name']}: {stated}"


def test_the_vendored_libraries_are_what_their_checksums_say(
    components: list[dict[str, Any]],
) -> None:
    stated = {
        each["name"]: {digest["content"] for digest in each["hashes"]}
        for each in components
        if each["purl"].startswith("pkg:npm/")
    }
    vendored = {
        "rapidoc": ["api/viewer/rapidoc-min.js"],
        "preact": ["page/static/vendor/preact.umd.js", "page/static/vendor/hooks.umd.js"],
        "htm": ["page/static/vendor/htm.umd.js"],
        "uplot": ["page/static/vendor/uPlot.iife.min.js", "page/static/vendor/uPlot.min.css"],
    }
    assert stated == {
        name: {
            hashlib.sha256((CHECKOUT / "eclgrmd" / file).read_bytes()).hexdigest() for file in files
        }
        for name, files in vendored.items()
    }


def test_the_wheel_contains_the_list(distribution: Distribution) -> None:
    with zipfile.ZipFile(distribution.wheel) as wheel:
        (name,) = (each for each in wheel.namelist() if each.endswith("/sboms/sbom.cdx.json"))
        assert wheel.read(name) == SBOM.read_bytes()
