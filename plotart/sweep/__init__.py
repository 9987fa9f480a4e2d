"""Many runs at once: a grid of configs, drawn by processes on this machine or on a cluster of Ray's."""
