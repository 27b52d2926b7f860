"""Disputes with partners and netting: the rules, and the documents that go out."""
