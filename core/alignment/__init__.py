"""Words and sound: where in a recording the words of a text are spoken. Given emissions, never a model."""
