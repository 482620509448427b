"""What a user may write: one class for each word of the language."""
