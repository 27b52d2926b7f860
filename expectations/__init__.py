"""What outsiders give us and what we give them, checked at the two doors."""
