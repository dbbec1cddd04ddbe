"""The same fits by other codes; each module is run by the Python of `testbench/bench/peers`.

Nothing here may import eclgrmd: it is not installed in the peers' environment.
"""
