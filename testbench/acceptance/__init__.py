"""The acceptance test of the founding document on DC-0: what `testbench/dc0` runs.

`run` simulates the data, starts the daemon and the TTS, runs the test cases (`cases`, with their
`steps`) and returns the report (`report`). `judgement` compares measured values with the truth.
"""
