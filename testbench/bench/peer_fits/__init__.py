"""The same fits by other codes; each module is run by the Python of `testbench/bench/peers`.

Nothing here may import anything of eclgrmd: the peers' environment does not hold it.
"""
