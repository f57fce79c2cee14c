"""Sound: files, levels, silence, the waveform, the desktop recorder. Samples are mono float32 in -1..1."""
