"""Test-time training layers: a small network within a layer that learns while it hears (arXiv 2407.04620)."""
