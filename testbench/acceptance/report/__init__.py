"""What the acceptance test found: table, bursts, JSON, JUnit, progress."""
