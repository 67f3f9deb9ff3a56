"""What stands where on the pages: lines and segments, labels, addresses, and how they lie to each other."""
