"""Controllers that plotart speaks to itself, without other software: their ports, what they can do, what is sent."""
