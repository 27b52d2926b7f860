"""Connections and settings: the only place that knows where things are."""
