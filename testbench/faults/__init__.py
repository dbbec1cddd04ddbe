"""Break the daemon at work, by a seed; check from outside that nothing is lost or doubled."""
