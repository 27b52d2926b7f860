"""The control catalogue, the score of detection, and findings done over again."""
