"""Checks on single clips and on whole sets, each told in one sentence."""
