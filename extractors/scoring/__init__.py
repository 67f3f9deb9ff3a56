"""How probable it is that a candidate is a field's value."""
