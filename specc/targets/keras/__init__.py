"""Keras: a `Sequential` with `compile` and `fit`."""
