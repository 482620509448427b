"""The layers of the language, by family as in Keras' documentation."""
