"""Tables of the campaigns: what was asked for, their chunks, and the bursts without a result."""
