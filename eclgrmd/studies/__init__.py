"""Studies of one burst: how far its stated errors can be trusted, and what the analyst adds.

`coverage` analyses simulated twins of the burst; `spread` analyses the burst by many configurations
that could be defended. Both write a file of their own beside `result.json`.
"""
