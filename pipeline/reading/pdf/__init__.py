"""Pages of a PDF: their text layer, what it hides, and whether it says what the page shows."""
