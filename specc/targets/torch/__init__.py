"""PyTorch: an `nn.Module` with its training loop."""
