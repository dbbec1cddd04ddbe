"""The page is small, complete, loads nothing from elsewhere, and its libraries are unchanged."""

import gzip
import hashlib
import re

import pytest

from eclgrmd.page.assets import INDEX, POLICY, Site, load_site
from tests.support.checkout import CHECKOUT

STATIC = CHECKOUT / "eclgrmd" / "page" / "static"
ROW = re.compile(
    r"^\| `(?P<file>[^`]+)` \| (?P<package>\w+)@(?P<version>[\d.]+).*"
    r"`(?P<sha256>[0-9a-f]{64})` \|$",
    re.MULTILINE,
)
FIRST_VIEW_BYTES = 150_000
"""Most compressed bytes of the first view."""
CLASSIC = {"vendor/preact.umd.js", "vendor/hooks.umd.js", "vendor/htm.umd.js"}
"""Libraries that leave globals, from which `preact.js` takes what the modules import."""
IMPORT = re.compile(r"""(?:from|import\() ?"(\.[^"]+)"|^import "(\.[^"]+)";""", re.MULTILINE)


@pytest.fixture(scope="module")
def site() -> Site:
    return load_site()


def linked(name: str, site: Site) -> set[str]:
    """Return the files that a script imports."""
    folder = name.rpartition("/")[0].split("/") if "/" in name else []
    found = set()
    for match in IMPORT.finditer(site.assets[name].plain.decode()):
        parts = list(folder)
        for part in (match[1] or match[2]).split("/"):
            if part == "..":
                parts.pop()
            elif part != ".":
                parts.append(part)
        found.add("/".join(parts))
    return found


def test_the_libraries_are_what_their_checksums_say() -> None:
    readme = (STATIC / "vendor" / "README.md").read_text(encoding="utf-8")
    stated = {row["file"]: row["sha256"] for row in ROW.finditer(readme)}
    files = [p for p in (STATIC / "vendor").iterdir() if p.suffix in {".js", ".css"}]
    assert stated == {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def test_the_first_view_is_small(site: Site) -> None:
    index = site.assets[INDEX].plain.decode()
    names = re.findall(rf'"/page/{site.version}/([^"]+)"', index)
    assert len(names) > 5
    total = sum(len(site.assets[name].compressed) for name in (INDEX, *names))
    assert total < FIRST_VIEW_BYTES


def test_every_import_leads_to_a_file_and_the_first_view_names_its_own(site: Site) -> None:
    modules = [n for n in site.assets if n.endswith(".js") and not n.startswith("vendor/")]
    for name in modules:
        assert linked(name, site) <= site.assets.keys(), name
    index = site.assets[INDEX].plain.decode()
    first = {"main.js"}
    waiting = ["main.js"]
    while waiting:
        text = site.assets[waiting[-1]].plain.decode()
        dynamic = set(re.findall(r'import\("\./([^"]+)"\)', text))
        for each in linked(waiting.pop(), site) - dynamic - first:
            first.add(each)
            waiting.append(each)
    scripts = re.findall(rf'<script defer src="/page/{site.version}/([^"]+)"', index)
    assert set(scripts) == CLASSIC
    named = set(re.findall(rf'"/page/{site.version}/([^"]+\.js)"', index))
    assert named - CLASSIC == first, "index.html must preload exactly what the first view imports"


def test_nothing_is_inline_or_from_elsewhere(site: Site) -> None:
    index = site.assets[INDEX].plain.decode()
    assert not re.search(
        r"<style|<script(?! (?:defer|type=\"module\") src=)|\son\w+=|style=", index
    )
    assert "unsafe" not in POLICY
    for name, each in site.assets.items():
        if name.endswith((".js", ".css", ".html")) and not name.startswith("vendor/"):
            assert not re.search(r"https?://(?!www\.w3\.org)", each.plain.decode()), name


def test_the_version_depends_on_the_content_and_both_forms_agree(site: Site) -> None:
    assert load_site() == site
    assert re.fullmatch(r"[0-9a-f]{16}", site.version)
    for each in site.assets.values():
        assert gzip.decompress(each.compressed) == each.plain
