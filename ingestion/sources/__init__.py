"""How bytes arrive: one module per kind of source."""
