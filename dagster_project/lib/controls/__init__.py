"""The control catalogue, the score against the answer key, and findings done over again."""
