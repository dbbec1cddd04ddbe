"""Campaigns: a whole mission again, or a population of simulated bursts, on Dask.

`planning` makes chunks of bursts (pure functions), whose keys cover inputs, configuration and
software. The ledger (`store.campaigns`) holds them, so that nothing is lost with the engine, whose
scheduler keeps nothing. `running` sends them to the engine (`engine`), a cluster of Dask, and
counts each result once; `work` is what the workers run. Results are Parquet files (`parts`), one
for each chunk, written when it ends and merged at the end.
"""
