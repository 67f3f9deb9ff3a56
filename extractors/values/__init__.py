"""Values of each kind: how they are written and their normal form."""
