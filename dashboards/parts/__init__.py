"""What the views share: models of pages, charts, words, formats, and filters."""
