"""Proposes how files that nobody has described yet fill the feeds."""
