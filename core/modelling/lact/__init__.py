"""LaCT: layers whose weights learn from what they hear, in large chunks (arXiv 2505.23884)."""
