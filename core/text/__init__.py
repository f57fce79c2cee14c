"""Text of speech: normalisation, written numbers and their readings, prompts, differences. Pure functions."""
