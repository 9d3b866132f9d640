"""Packaged cases, one folder each."""
