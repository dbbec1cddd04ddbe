"""Studies of how right eclgrmd is: biases, coverage, robustness, on simulated truth."""
