"""Designs, draws, sweeps: a run is a small sweep."""

from mackinder.ensemble.driver import DEFAULT_DRAWS, run

__all__ = ["DEFAULT_DRAWS", "run"]
