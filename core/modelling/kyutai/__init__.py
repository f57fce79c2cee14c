"""What a delayed-streams model is made of, without the family that uses it: text laid on frames, inputs,
steps, codec, pause heads."""
