"""Higgs-Audio v2 as transformers builds it: its codec, its tokens, its generation, and a tiny folder of the
same classes."""
