"""One file a step of the path: what a tab and a command both call."""
