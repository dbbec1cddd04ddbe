"""The report of the acceptance test: table, bursts, JSON, JUnit and progress."""
