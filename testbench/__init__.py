"""Everything that stands around eclgrmd in tests: the mission, the faults, the judges.

`python -m testbench` lists the commands; `python -m testbench NAME --help` shows options of one.
`testbench/run NAME` does the same after it has prepared the checkout. A script that is named after
a command (`testbench/dc0`, `testbench/bench/temporal`) is one line that calls `run`.

A folder cannot have the name of a script beside it. Packages are therefore named after what they
hold, and `__main__.COMMANDS` says which module runs a command. Such a module has
`main(arguments) -> exit status` and can also be run by its own name
(`python -m testbench.acceptance`). `bench/peers` is not a command: it installs other programs in an
environment of their own.
"""
