"""Pictures in few colours: nearest colours with gradients, dither, palettes out of pictures."""
