"""Settings of the daemon, and the task configurations that its files hold."""
