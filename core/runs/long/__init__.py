"""Long recordings: heard piece by piece, matched with a text, aligned, divided into segments."""
