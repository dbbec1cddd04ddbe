"""`python -m testbench.fuzz.guided PARSER`: fuzz a parser guided by coverage (atheris, libFuzzer).

The package is instrumented while it is imported, and libFuzzer ends the process itself: with status
0 after all runs, else with the input that failed in a file `crash-*`, `timeout-*` or `oom-*`.
"""

import argparse
import contextlib
import subprocess
import sys
import tempfile
from pathlib import Path

import atheris

__all__ = ["main"]

_LONGEST_S = 5
_MOST_MB = 2000
_WRITE_SEEDS = """
import sys
from pathlib import Path
from testbench.fuzz.parsers import PARSERS
for number, seed in enumerate(PARSERS[sys.argv[1]].seeds()):
    Path(sys.argv[2], f"seed-{number}").write_bytes(seed)
"""
"""Run by another process: what is instrumented is not compiled, so that analyses fail there."""


def main() -> None:
    """Run the command."""
    with atheris.instrument_imports(include=["eclgrmd"]):
        from testbench.fuzz.parsers import PARSERS  # noqa: PLC0415 - instrumented by this import

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parser", choices=PARSERS)
    parser.add_argument("--runs", type=int, default=100_000, help="default: %(default)s")
    parser.add_argument("--seed", type=int, default=1, help="default: %(default)s")
    parser.add_argument("--corpus", type=Path, help="folder that keeps what covers new code")
    options = parser.parse_args()
    chosen = PARSERS[options.parser]
    corpus = options.corpus or Path(tempfile.mkdtemp(prefix="eclgrmd-corpus-"))
    corpus.mkdir(parents=True, exist_ok=True)
    words = (sys.executable, "-c", _WRITE_SEEDS, options.parser, str(corpus))
    subprocess.run(words, check=True)

    def read(document: bytes) -> None:
        with contextlib.suppress(*chosen.refusals):
            chosen.read(document)

    limits = (f"-timeout={_LONGEST_S}", f"-rss_limit_mb={_MOST_MB}", "-max_len=65536")
    runs = (f"-runs={options.runs}", f"-seed={options.seed}")
    atheris.Setup([sys.argv[0], *runs, *limits, str(corpus)], read)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
