"""Proof that both programs of a spec are the same model; what the tests measure by too.

Only its modules `programs` and `pair` import frameworks, and only those who verify import them.
"""
