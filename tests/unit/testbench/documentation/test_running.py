"""The code of pages runs as it stands there, on the page and in the notebook."""

import re
import subprocess
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import nbformat
import pytest
from nbclient import NotebookClient

from testbench.documentation.__main__ import main
from testbench.documentation.blocks import PAGES, Block, data_folder, parts_of, what_it_needs
from testbench.documentation.notebooks import encode_notebook
from testbench.documentation.running import PageError, run_page, with_outputs
from tests.support.checkout import CHECKOUT

RUN = {
    str(path.relative_to(PAGES).with_suffix("")): path.read_text(encoding="utf-8")
    for path in sorted(PAGES.rglob("*.md"))
    if what_it_needs(path.read_text(encoding="utf-8"))
}
"""Pages that run, by name."""


@pytest.mark.parametrize(
    "name", [name for name, page in RUN.items() if what_it_needs(page) == "nothing"]
)
def test_a_page_with_simulated_data_runs(name: str, tmp_path: Path) -> None:
    outputs = run_page(name, RUN[name], None, tmp_path)
    assert any(each and (each.text or each.html) for each in outputs)


@pytest.mark.data
def test_the_first_tutorial_runs_with_the_public_burst(shared_data: Path, tmp_path: Path) -> None:
    page = RUN["tutorials/first-burst"]
    data = data_folder(what_it_needs(page) or "")
    assert data is not None
    shown = with_outputs("tutorials/first-burst", page, tmp_path / "_figures", run=True)
    assert "Band function" in shown
    assert len(list((tmp_path / "_figures").iterdir())) == 4


def test_output_stands_below_its_block_and_figures_are_kept(tmp_path: Path) -> None:
    page = (
        "# Page\n\n<!-- runs with: nothing -->\n\n"
        "```sh\necho hello\n```\n\n```python\nx = 6\nx * 7\n```\n\n"
        "<!-- not run: no need -->\n```python\nraise SystemExit\n```\n\n"
        "```python\nfrom matplotlib import pyplot\npyplot.plot([x])\n```\n"
    )
    shown = with_outputs("some/page", page, tmp_path / "_figures", run=True)
    assert shown.index("echo hello") < shown.index("\nhello\n") < shown.index("\n42\n")
    assert "/_figures/some-page-0.png" in shown
    assert (tmp_path / "_figures" / "some-page-0.png").read_bytes().startswith(b"\x89PNG")


def test_a_failure_names_the_page_the_line_and_the_error(tmp_path: Path) -> None:
    page = "# Page\n\n```python\n1 / 0\n```\n"
    with pytest.raises(PageError, match=r"(?s)some: line 4:.*ZeroDivisionError"):
        run_page("some", page, None, tmp_path)


def test_a_page_without_its_data_says_so(tmp_path: Path) -> None:
    page = "# Page\n\n<!-- runs with: no/such -->\n\n```python\n1 / 0\n```\n"
    assert "were not there" in with_outputs("some", page, tmp_path, run=True)


def test_the_files_of_the_first_tutorial_are_fetched(tmp_path: Path) -> None:
    parts = parts_of(RUN["tutorials/first-burst"])
    (block,) = [each for each in parts if isinstance(each, Block) and "archive=" in each.code]
    archive, desk = tmp_path / "archive", tmp_path / "desk"
    archive.mkdir()
    desk.mkdir()
    wanted = [
        "glg_cspec_b0_bn080916009_v00.rsp2", "glg_cspec_n3_bn080916009_v02.rsp2",
        "glg_tte_b0_bn080916009_v01.fit.gz", "glg_tte_n3_bn080916009_v01.fit",
    ]  # fmt: skip
    others = ["glg_tte_n4_bn080916009_v01.fit", "glg_cspec_n3_bn080916009_v00.rsp", "tte.pdf"]
    for name in [*wanted, *others]:
        (archive / name).write_text(name, encoding="utf-8")
    handler = partial(SimpleHTTPRequestHandler, directory=str(archive))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        here = f"archive=http://127.0.0.1:{server.server_port}"
        code, changed = re.subn(r"archive=\S+", here, block.code)
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", code],
            capture_output=True, text=True, check=False, cwd=desk,
        )  # fmt: skip
        server.shutdown()
    assert (changed, done.returncode) == (1, 0), done.stderr
    assert done.stdout.split() == wanted
    assert [path.read_text("utf-8") for path in sorted((desk / "grb080916c").iterdir())] == wanted


def test_the_notebooks_are_written_and_valid(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--notebooks", str(tmp_path / "grb")]) == 0
    paths = [Path(line) for line in capsys.readouterr().out.splitlines()]
    assert {path.stem for path in paths} >= {"first-burst", "numbers", "background", "mission"}
    for path in paths:
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
        assert notebook.cells[0].source.startswith("# ")


def kinds(cell: nbformat.NotebookNode) -> set[str]:
    """Return the kinds of what a cell has shown."""
    return {kind for output in cell.get("outputs", ()) for kind in output.get("data", {})}


def test_a_notebook_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(CHECKOUT))
    notebook = nbformat.reads(encode_notebook(RUN["tutorials/mission"]), as_version=4)
    more = nbformat.v4.new_code_cell("burst.plot(window_s=(-10, 30))")
    notebook.cells.append(more)
    NotebookClient(notebook, resources={"metadata": {"path": str(tmp_path)}}).execute()
    plots = [cell for cell in notebook.cells if cell.source.startswith("burst.plot(")]
    assert plots[-1] is more
    assert [kinds(cell) >= {"image/png"} for cell in plots] == [True, True]
    assert any("text/html" in kinds(cell) for cell in notebook.cells)
