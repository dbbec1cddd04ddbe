"""Writes the list of all locked packages, with checksums and licences, as a CycloneDX document.

Run it in the environment of the tests after a new lock: ``.venv/bin/python packaging/sbom.py``.
"""

import json
import re
import sys
from importlib.metadata import Distribution, distribution
from pathlib import Path
from typing import Any

__all__ = ["document", "main"]

_HERE = Path(__file__).parent
_LOCK = _HERE / "requirements.lock"
_OUTPUT = _HERE / "sbom.cdx.json"
_LOCKED = re.compile(r"^([A-Za-z0-9_.-]+)==([^ ;\\]+)(.*(?:\\\n .*)*)", re.MULTILINE)
_VENDORED = re.compile(
    r"^\| `[^`]+` \| (?P<name>\w+)@(?P<version>[\d.]+)[^|]*\|[^|]*\| (?P<licence>[^|]+) "
    r"\| `(?P<sha256>[0-9a-f]{64})` \|$",
    re.MULTILINE,
)
"""A row of the table of the page's libraries."""
_CLASSIFIER = "License :: OSI Approved :: "


def document() -> dict[str, Any]:
    """Return the document; it depends only on the lock and on the metadata of its packages."""
    found = _LOCKED.finditer(_LOCK.read_text(encoding="utf-8"))
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "name": "eclgrmd",
                "bom-ref": "eclgrmd",
                "licenses": [{"expression": "BSD-3-Clause"}],
            }
        },
        "components": [_component(*each.groups()) for each in found] + _vendored(),
    }


def _component(name: str, version: str, rest: str) -> dict[str, Any]:
    purl = f"pkg:pypi/{name.lower().replace('_', '-')}@{version}"
    return {
        "type": "library",
        "bom-ref": purl,
        "name": name,
        "version": version,
        "purl": purl,
        "licenses": [_licence(distribution(name))],
        "properties": [
            {"name": "eclgrmd:sha256", "value": digest}
            for digest in re.findall(r"--hash=sha256:([0-9a-f]{64})", rest)
        ],
    }


def _licence(package: Distribution) -> dict[str, Any]:
    """Return the licence that a package declares, in the best of three ways."""
    declared = package.metadata
    if expression := declared.get("License-Expression"):
        return {"expression": expression}
    classified = [
        each.removeprefix(_CLASSIFIER)
        for each in declared.get_all("Classifier") or ()
        if each.startswith(_CLASSIFIER)
    ]
    text = " and ".join(classified) or (declared.get("License") or "").strip().partition("\n")[0]
    return {"license": {"name": text or "not declared"}}


def _vendored() -> list[dict[str, Any]]:
    """Return the libraries that lie in the package itself."""
    package = _HERE.parent / "eclgrmd"
    readme = (package / "api" / "viewer" / "README.md").read_text("utf-8")
    version = re.search(r"^# RapiDoc (\S+)", readme)
    digest = re.search(r"[0-9a-f]{64}", readme)
    if version is None or digest is None:
        sys.exit("eclgrmd/api/viewer/README.md: must name version and SHA-256 of RapiDoc")
    page = (package / "page" / "static" / "vendor" / "README.md").read_text("utf-8")
    found = [_of_npm("rapidoc", version[1], "MIT", [digest[0]])]
    files: dict[tuple[str, str, str], list[str]] = {}
    for row in _VENDORED.finditer(page):
        files.setdefault((row["name"], row["version"], row["licence"]), []).append(row["sha256"])
    if not files:
        sys.exit("eclgrmd/page/static/vendor/README.md: must list the libraries in a table")
    return found + [_of_npm(*package, digests) for package, digests in files.items()]


def _of_npm(name: str, version: str, licence: str, digests: list[str]) -> dict[str, Any]:
    purl = f"pkg:npm/{name}@{version}"
    return {
        "type": "library",
        "bom-ref": purl,
        "name": name,
        "version": version,
        "purl": purl,
        "licenses": [{"expression": re.sub(r" \(`[^`]+`\)", "", licence)}],
        "hashes": [{"alg": "SHA-256", "content": digest} for digest in digests],
    }


def main() -> None:
    """Write the document beside this script."""
    _OUTPUT.write_text(json.dumps(document(), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
