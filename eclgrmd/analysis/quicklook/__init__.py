"""Analysis of a burst that is still going on: packets come in, what is known so far comes out.

Start with `stream.BurstStream`.
"""
