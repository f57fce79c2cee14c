"""Moshi (arXiv 2410.00037): two streams of sound and one of text, frame by frame, in one model."""
