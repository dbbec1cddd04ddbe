"""Plays the VHF network: bursts as sequences of packets, and eclgrmd's quick look at them."""
