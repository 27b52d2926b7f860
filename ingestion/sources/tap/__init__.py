"""Roaming files: TAP 3.10 to 3.12, its notifications, RAP returns and NRTRDE."""

from __future__ import annotations

from ingestion.sources.elements import ElementReader
from ingestion.sources.tap.batch import walk_file
from ingestion.sources.tap.count import count

READER = ElementReader(count, walk_file, is_binary=True)
