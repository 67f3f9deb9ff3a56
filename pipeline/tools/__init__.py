"""One cage module per outside program or engine: probe, version, limits, checked arguments, typed failure."""
