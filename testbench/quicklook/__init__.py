"""Plays the alert network: bursts as sequences of packets, and what eclgrmd makes of them."""
