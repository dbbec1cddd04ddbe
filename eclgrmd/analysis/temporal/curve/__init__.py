"""Light curves of an observation, and the state of the satellite during it."""
