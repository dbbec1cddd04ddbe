"""Injects faults into working daemons, by a seed, and checks that nothing is lost or doubled."""
