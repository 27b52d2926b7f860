"""The bill run's life (draft, review, issue, number, correct); the money is SQL."""
