"""Settings of the daemon, and the task configuration files of a site."""
