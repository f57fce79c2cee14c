"""Snapshots and their splits."""
