"""Frozen values that all layers share: names, observations, configurations, messages, results."""
