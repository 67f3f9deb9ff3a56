"""Making documents with known truth, and learning from them."""
