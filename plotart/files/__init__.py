"""Files: pictures, whole or not at all, locks, names that every system takes."""
