"""Injects faults into processes, servers and connections."""
