"""Studies of accuracy on simulated bursts: bias, coverage and robustness."""
