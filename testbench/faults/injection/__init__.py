"""Breaks processes, servers and connections."""
