"""How good a model is: error rates, intervals and the verdict on base against tuned."""
