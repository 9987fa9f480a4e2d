"""The studio: a page on this computer in which drawings are begun, tuned, watched and plotted."""
