"""Kyutai speech to text: one model under the names of four programs, its codec, its tokenizer, its adapters;
text laid on frames, inputs, steps and pause heads."""
