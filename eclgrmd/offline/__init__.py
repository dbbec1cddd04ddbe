"""Analyses without a daemon, for programs and for the command `eclgrmd analyze`.

Programs use the names that `eclgrmd` itself has (`analyze`, `load`, `Burst`). They are imported
from here when they are first used.
"""
