"""A run on disk: its folder, its record, how it is stopped."""
