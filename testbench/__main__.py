"""`python -m testbench NAME [options]`: the one entry to all commands of the testbench."""

import sys
from collections.abc import Sequence
from difflib import get_close_matches
from importlib import import_module

from eclgrmd.threads import use_one_thread

__all__ = ["COMMANDS", "main"]

COMMANDS = {
    "dc0": ("testbench.acceptance.__main__", "play simulated bursts through a daemon and judge it"),
    "simulate": ("testbench.simulate.__main__", "write the files of simulated bursts"),
    "tts": ("testbench.tts.__main__", "send data and tasks to a running daemon"),
    "deliver": ("testbench.tts.deliver", "deliver real bursts to a daemon as X-band data"),
    "vhf": ("testbench.quicklook.__main__", "play VHF packets and measure when T90 converges"),
    "compare": ("testbench.comparison.__main__", "compare real bursts with published values"),
    "cases": ("testbench.casebook.__main__", "analyse small inputs with known answers"),
    "golden": ("testbench.golden_set.__main__", "compare all output with the golden set"),
    "generated": ("testbench.generated_files.__main__", "compare generated files with the sources"),
    "docs": ("testbench.documentation.__main__", "build the documentation as HTML pages"),
    "keywords": ("testbench.keywords.__main__", "read files with unusual FITS keywords"),
    "fuzz": ("testbench.fuzz.__main__", "feed damaged documents to the parsers"),
    "chaos": ("testbench.faults.__main__", "inject faults under load and look for losses"),
    "page": ("testbench.walk.__main__", "walk through the web page, and measure what it costs"),
    "load": ("testbench.bench.load", "send many small tasks and measure throughput and memory"),
    "bench/latency": ("testbench.bench.latency", "measure the daemon's own time per task"),
    "bench/answer": ("testbench.bench.answer", "measure the time to the first answer"),
    "bench/campaign": ("testbench.bench.campaign", "measure what engine and ledger cost"),
    "bench/door": ("testbench.bench.door", "measure what the checks of requests cost"),
    "bench/growth": ("testbench.bench.growing.growth", "measure how the cost of a burst grows"),
    "bench/clone": ("testbench.bench.clone", "measure the time from a clone to the first result"),
    "bench/events": ("testbench.bench.events", "measure what clients of the live events cost"),
    "bench/hour": ("testbench.bench.hour", "analyse one full-size hour of GRM events"),
    "bench/pictures": ("testbench.bench.pictures", "measure the wait for pictures and previews"),
    "bench/spectral": ("testbench.bench.spectral", "measure the speed of spectral fits"),
    "bench/temporal": ("testbench.bench.temporal", "measure the speed of blocks and T90"),
    "accuracy/temporal": (
        "testbench.accuracy.temporal",
        "measure the coverage of the errors of T90 and T50",
    ),
    "accuracy/shapes": (
        "testbench.accuracy.shapes",
        "the same for each shape of burst on each kind of background",
    ),
    "accuracy/orbit": (
        "testbench.accuracy.orbit",
        "the same over the background of an orbit, with and without its files",
    ),
    "accuracy/orbit_background": (
        "testbench.accuracy.orbit_background",
        "measure how well a simulated orbital background is predicted",
    ),
    "accuracy/temporal_resegmented": (
        "testbench.accuracy.temporal_resegmented",
        "the same, with every replica segmented again",
    ),
    "accuracy/photons": (
        "testbench.accuracy.photons",
        "measure the coverage of the errors of the photon durations",
    ),
    "accuracy/spectral": (
        "testbench.accuracy.spectral",
        "measure coverage and robustness of spectral fits",
    ),
    "accuracy/character": (
        "testbench.accuracy.character",
        "measure the coverage of peak rates, hardness, lag and variability",
    ),
    "accuracy/background": (
        "testbench.accuracy.background",
        "measure how well the background of real data is predicted",
    ),
    "accuracy/block_prior": (
        "testbench.accuracy.block_prior",
        "calibrate or check the prior of Bayesian blocks",
    ),
    "accuracy/tail_prior": (
        "testbench.accuracy.tail_prior",
        "measure the burst's tails beyond its first and last block",
    ),
    "accuracy/undetected": (
        "testbench.accuracy.undetected",
        "derive the errors that stand for undetected tails",
    ),
}
"""Module whose `main` is called, and one line for the list, by the name of the command."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command, or list all of them; return the exit status."""
    name, *options = (sys.argv[1:] if arguments is None else arguments) or ["--help"]
    if name in {"-h", "--help"}:
        print(_listed())
        return 0
    if name not in COMMANDS:
        print(f"testbench: {_unknown(name)}", file=sys.stderr)
        return 2
    use_one_thread()
    module, _ = COMMANDS[name]
    status: int = import_module(module).main(options)
    return status


def _listed() -> str:
    width = max(map(len, COMMANDS))
    lines = [f"  {name:{width}}  {summary}" for name, (_, summary) in COMMANDS.items()]
    return "\n".join(
        [
            "usage: python -m testbench NAME [options]  (or testbench/run NAME [options])",
            "",
            *lines,
            "",
            "NAME --help shows the options of a command.",
        ]
    )


def _unknown(name: str) -> str:
    close = get_close_matches(name, COMMANDS, n=1)
    meant = f"did you mean {close[0]}?" if close else "python -m testbench lists the commands"
    return f"no command {name!r}; {meant}"


if __name__ == "__main__":
    sys.exit(main())
