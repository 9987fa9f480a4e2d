"""Files: read up to a size, written whole or not at all, named for every system; locks of folders, and pictures."""
