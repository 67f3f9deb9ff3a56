"""The verbs: a room a stage, in the order in which a document meets them."""
