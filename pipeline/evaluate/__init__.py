"""How good it is, measured: the real pipeline on documents with known truth, judged value by value.

`truth` reads what stands on the documents, `judge` holds what the pipeline found against it by the rules of `compare`,
`figures` sums up (with the definitions of `metrics`), and `report` makes the page to look at. `podatelna train` judges
by the same rules.
"""
