"""Light curves of what an observation holds, and what the satellite did meanwhile."""
