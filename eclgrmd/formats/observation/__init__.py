"""From files to one observation: recognised, paired, joined and checked."""
