"""Analysis of a burst that still goes on: packets come in, what is known so far comes out.

Start with `burst.GrowingBurst`. Packets become histories (`histories`), which the functions of the
full analysis take; only the search for the burst is special, because its light curve grows
(`growing`).
"""
