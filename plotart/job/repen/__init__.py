"""SVGs of any origin drawn with one's own pens: every path to the pen, or the mix of two, that comes closest."""
