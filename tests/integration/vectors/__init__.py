"""Public billing test vectors as catalogue tables of ours: a module per family."""
