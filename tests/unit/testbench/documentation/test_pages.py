"""Pages name what exists: tests, pages and keys; their words are spelled right."""

import ast
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

import eclgrmd
from eclgrmd.model.task import TaskState
from testbench.documentation.blocks import PAGES, Block, parts_of, what_it_needs
from testbench.documentation.explained import guarantees
from testbench.documentation.pictures import PICTURES
from testbench.documentation.pictures.coverage import Covered, coverage_rows
from testbench.documentation.reference import REFERENCE
from testbench.documentation.reference.glossary import terms
from tests.support.checkout import CHECKOUT

FILE = re.compile(r"(?:tests/[\w/]+/)?test_\w+\.py")
CASE = re.compile(r"`?\b(test_\w+)\b(?!\.py)")
TABLE = re.compile(r"/_tables/(\S+?\.txt)")
NUMBER = re.compile(r"[-+]?\d[\d,]*(?:\.\d+)?")
CODE = re.compile(r"```.*?```|`[^`]*`", re.DOTALL)
PATH = re.compile(r"`((?:eclgrmd|etc|packaging|testbench|tests)/[\w./-]*[\w])`")


def pages() -> list[Path]:
    return sorted(PAGES.rglob("*.md"))


def cases_of(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {
        node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def sections(name: str) -> list[str]:
    """Return the sections of a page that show a table."""
    parts = (PAGES / name).read_text(encoding="utf-8").split("\n## ")
    return [part for part in parts if TABLE.search(part)]


def is_among(number: str, known: list[float]) -> bool:
    """Return whether a number is a known one, rounded to its digits, or such a share in %."""
    step = 10.0 ** -len(number.partition(".")[2])
    values = (scale * each for each in known for scale in (1.0, 100.0))
    return any(abs(value - abs(float(number))) < 0.501 * step for value in values)


def test_the_tests_that_prove_a_guarantee_exist() -> None:
    every = defaultdict(list)
    for path in (CHECKOUT / "tests").rglob("test_*.py"):
        every[path.name].append(path)
    promised = guarantees()
    assert len(promised) > 12
    for promise, reason in promised.items():
        files = FILE.findall(reason)
        assert files or "chaos" in reason or "tests/" in reason, promise
        for file in files:
            assert file.rpartition("/")[2] in every, f"{promise}: {file}"
            assert "/" not in file or (CHECKOUT / file).is_file(), f"{promise}: {file}"
        places = [path for file in files for path in every[file.rpartition("/")[2]]]
        known = set().union(*map(cases_of, places))
        for case in CASE.findall(reason):
            assert case in known, f"{promise}: {case}"


@pytest.mark.parametrize("page", pages(), ids=lambda path: str(path.relative_to(PAGES)))
def test_every_path_that_a_page_names_exists(page: Path) -> None:
    named = PATH.findall(page.read_text(encoding="utf-8"))
    assert [path for path in named if not (CHECKOUT / path).exists()] == []


@pytest.mark.parametrize("page", pages(), ids=lambda path: str(path.relative_to(PAGES)))
def test_a_block_runs_or_says_why_not(page: Path) -> None:
    """The tutorial of the daemon is run by `tests/system/client/test_first_hour.py`."""
    text = page.read_text(encoding="utf-8")
    blocks = [part for part in parts_of(text) if isinstance(part, Block)]
    left_over = [block.line for block in blocks if block.is_run]
    assert what_it_needs(text) or not left_over or page.name == "daemon.md"


@pytest.mark.parametrize("name", REFERENCE)
def test_a_reference_says_something_in_each_row(name: str) -> None:
    page = REFERENCE[name]()
    assert page.startswith("# ")
    rows = [line for line in page.splitlines() if line.startswith("| ")]
    assert [row for row in rows if not row.strip("| ")] == []


def test_the_glossary_is_that_of_the_package() -> None:
    assert terms()["burst"].startswith("A gamma-ray burst")
    assert (eclgrmd.__doc__ or "").count("\n    ") > len(terms()) > 20


def test_pictures_show_what_the_code_has() -> None:
    assert all(f">{state.value}<" in PICTURES["task-states"]() for state in TaskState)
    assert ">pipeline<" in PICTURES["layers"]()
    table = CHECKOUT / "testbench" / "accuracy" / "temporal_coverage.txt"
    rows = coverage_rows(table.read_text(encoding="utf-8"))
    assert rows[0] == Covered("all", "t90", 1994, (0.709, 0.980))
    assert PICTURES["coverage"]().count("<circle") == 2 * len(rows) + 2
    for picture in PICTURES.values():
        assert picture().count("<text") > 3


@pytest.mark.parametrize("section", sections("explanation/accuracy.md"))
def test_numbers_of_the_text_are_in_the_table_below_it(section: str) -> None:
    tables = [CHECKOUT / "testbench" / "accuracy" / name for name in TABLE.findall(section)]
    known = [
        abs(float(number.replace(",", "")))
        for table in tables
        for number in NUMBER.findall(table.read_text(encoding="utf-8"))
    ]
    text = CODE.sub("", section)
    said = [number.replace(",", "") for number in NUMBER.findall(text)]
    assert [number for number in said if not is_among(number, known)] == []


def test_words_are_spelled_right() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "codespell_lib", "--ignore-words", PAGES / "words.txt",
         PAGES, CHECKOUT / "README.md", CHECKOUT / "CHANGELOG.md", CHECKOUT / "etc"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout + done.stderr == ""
