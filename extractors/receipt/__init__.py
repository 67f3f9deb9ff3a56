"""Shop receipts: the head with company and address, the day of sale, the total."""
