"""Designs, draws, sweeps: a run is a small sweep."""

from mackinder.ensemble.driver import DEFAULT_DRAWS, run
from mackinder.ensemble.nested import VERDICTS, Ablation, ablation

__all__ = ["DEFAULT_DRAWS", "VERDICTS", "Ablation", "ablation", "run"]
