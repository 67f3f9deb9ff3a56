"""The nouns: what a document is, and what has been learned. Imports nothing of ours."""
