"""Kyutai speech to text: one model under the names of four programs, with its codec, tokenizer
and adapters."""
