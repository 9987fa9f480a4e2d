"""plotart's own terms: a module for each, with the term and what a config says of it."""
