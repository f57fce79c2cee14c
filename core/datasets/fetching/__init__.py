"""Corpora by name: what the app fetches from the network, on a person's command and at no other time."""
