"""The stages of a run, in order: nobody else knows it."""

from mackinder.chain.stages import STAGES, Stage, run_stages

__all__ = ["STAGES", "Stage", "run_stages"]
