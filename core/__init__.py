"""Everything that is about speech. Imports no gradio, prints nothing."""
