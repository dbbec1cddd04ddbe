"""The acceptance test of the founding document, on DC-0: what `testbench/dc0` runs.

`run` tells the story: simulate the data, start the daemon and the TTS, go through the test cases,
print the table. Each test case has its module (`availability`, `computing`, `logs`, `restart`);
`judgement` holds the rule by which measured values are compared with the truth.
"""
