"""The landing door: suites are made from the feed contracts, so there is no second declaration."""
