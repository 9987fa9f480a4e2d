"""The main job: a config in, a run folder with a plottable artwork out."""
