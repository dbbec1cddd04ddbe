"""The pages are built without a warning, load nothing from elsewhere, and link to what is there."""

import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag

import pytest

from tests.support.checkout import CHECKOUT


class Links(HTMLParser):
    """The links, the loaded files and the anchors of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.anchors: set[str] = {""}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect what an element refers to."""
        own = {name: value or "" for name, value in attrs}
        self.anchors.add(own.get("id", ""))
        if tag == "a" and "href" in own:
            self.links.append(own["href"])
        if tag in {"script", "img", "source", "iframe"} and "src" in own:
            self.loaded.append(own["src"])
        if tag == "link" and own.get("rel") in {"stylesheet", "preload", "icon"}:
            self.loaded.append(own["href"])


@pytest.fixture(scope="module")
def html(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("docs") / "html"
    done = subprocess.run(
        [sys.executable, "-m", "testbench", "docs", "--no-run", "--output", folder],
        capture_output=True, text=True, check=False, cwd=CHECKOUT,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def pages(html: Path) -> dict[Path, Links]:
    found = {}
    for path in html.rglob("*.html"):
        if "_static" in path.parts:  # templates of the theme
            continue
        found[path] = Links()
        found[path].feed(path.read_text(encoding="utf-8"))
    return found


def is_elsewhere(link: str) -> bool:
    return link.startswith(("http://", "https://", "mailto:", "data:", "//"))


def test_the_four_parts_are_there_and_can_be_searched(html: Path) -> None:
    for part in ("tutorials", "how-to", "explanation", "reference", "contributing"):
        assert (html / part / "index.html").is_file()
    assert (html / "searchindex.js").is_file()


def test_links_lead_somewhere(html: Path, pages: dict[Path, Links]) -> None:
    broken = []
    for path, page in pages.items():
        for link in page.links:
            file, anchor = urldefrag(link)
            target = (path.parent / unquote(file)).resolve() if file else path
            if is_elsewhere(link) or (target.suffix != ".html" and target.is_file()):
                continue
            if target not in pages or unquote(anchor) not in pages[target].anchors:
                broken.append(f"{path.relative_to(html)}: {link}")
    assert broken == []


def test_nothing_is_loaded_from_elsewhere(html: Path, pages: dict[Path, Links]) -> None:
    loaded = {(path, link) for path, page in pages.items() for link in page.loaded}
    assert [f"{path.name}: {link}" for path, link in loaded if is_elsewhere(link)] == []
    missing = [
        f"{path.relative_to(html)}: {link}"
        for path, link in loaded
        if not (path.parent / unquote(link.partition("?")[0])).is_file()
    ]
    assert missing == []


def test_formulas_need_no_script(html: Path, pages: dict[Path, Links]) -> None:
    page = (html / "explanation" / "spectra.html").read_text(encoding="utf-8")
    assert page.count("<math") > 10
    loaded = pages[html / "explanation" / "spectra.html"].loaded
    assert [link for link in loaded if "mathjax" in link.lower()] == []
