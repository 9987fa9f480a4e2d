"""How the embedded network is trained: no other part imports it."""
