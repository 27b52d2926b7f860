"""The pages; each reads, builds its model, and draws it."""
