"""What people write, checked: the base of all models, values with units, and what is wrong in plain words."""
