"""Kyutai speech to text."""
