"""Review: what a person sees and decides. `queue` is the work without a screen, `desk` the web page over it."""
