"""Controllers of plotters that are not there: they take commands, keep a clock of their own and draw."""
