"""Code that families share: decoding, LoRA targets, devices, weight files."""
