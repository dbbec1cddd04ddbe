"""Incoming messages, and the facts and forms of outgoing ones."""
