"""The one training loop, its checkpoints, guards and samples; families bring the model."""
