"""From the picture of a page to words: clean-up, the policy that picks the engine, and what each word is worth."""
