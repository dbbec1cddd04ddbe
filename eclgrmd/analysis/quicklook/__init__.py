"""Analysis of a burst in progress: results that are updated with every packet.

The entry point is `stream.BurstStream`.
"""
