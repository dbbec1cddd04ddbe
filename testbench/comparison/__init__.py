"""Real bursts: results of `eclgrmd analyze` and published values."""
