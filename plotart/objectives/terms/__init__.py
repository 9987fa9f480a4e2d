"""plotart's own terms: a module for each, with what a config says of it. The loss is built out of losses/."""
