"""Public billing test vectors as catalogue tables of ours: one module per family of calculations."""
