"""Designs, draws, sweeps: a run is a small sweep."""

from mackinder.ensemble.assess import assess_claims
from mackinder.ensemble.driver import DEFAULT_DRAWS, run
from mackinder.ensemble.nested import VERDICTS, Ablation, ablation
from mackinder.ensemble.sweeping import sweep

__all__ = ["DEFAULT_DRAWS", "VERDICTS", "Ablation", "ablation", "assess_claims", "run", "sweep"]
