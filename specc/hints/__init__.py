"""What a mistake most likely meant, as one says who knows Keras, its older versions and PyTorch.

Imported when a spec has a mistake.
"""
