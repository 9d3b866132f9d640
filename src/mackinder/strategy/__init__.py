"""Positions, bargaining, arrangements, games, the peace process.

Public names are loaded on first use: the kernels and solvers behind them take a second to load.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mackinder.lazy import lazy_names

if TYPE_CHECKING:
    from mackinder.strategy.axiomatic import (
        Agreement,
        HalfSpaces,
        kalai_smorodinsky,
        nash_bargaining,
        rubinstein_shares,
    )
    from mackinder.strategy.central import condorcet_winner, weighted_mean, weighted_median
    from mackinder.strategy.equilibria import nash_equilibria, pure_equilibria
    from mackinder.strategy.expected_utility import ExpectedUtilityRound, expected_utility_round
    from mackinder.strategy.hazards import cumulative_incidence, expected_visits, state_probabilities
    from mackinder.strategy.process import Process, ProcessPaths, Transition, simulate_process
    from mackinder.strategy.quantal import QuantalFit, QuantalResponse, fit_qre, logit_qre
    from mackinder.strategy.reference import RateEstimate, reference_rate, reference_rates_without
    from mackinder.strategy.spatial import Trajectory, spatial_bargaining
    from mackinder.strategy.spatial_ensemble import SpatialEnsemble, spatial_bargaining_ensemble
    from mackinder.strategy.spatial_settings import SpatialSettings
    from mackinder.strategy.threat import ThreatGame, threat_game
    from mackinder.strategy.tree import AgentResponse, Chance, Decision, Outcome, agent_qre
    from mackinder.strategy.vetoes import UnanimityCore, WinSet, unanimity_core, win_set

__all__ = [
    "AgentResponse",
    "Agreement",
    "Chance",
    "Decision",
    "ExpectedUtilityRound",
    "HalfSpaces",
    "Outcome",
    "Process",
    "ProcessPaths",
    "QuantalFit",
    "QuantalResponse",
    "RateEstimate",
    "SpatialEnsemble",
    "SpatialSettings",
    "ThreatGame",
    "Trajectory",
    "Transition",
    "UnanimityCore",
    "WinSet",
    "agent_qre",
    "condorcet_winner",
    "cumulative_incidence",
    "expected_utility_round",
    "expected_visits",
    "fit_qre",
    "kalai_smorodinsky",
    "logit_qre",
    "nash_bargaining",
    "nash_equilibria",
    "pure_equilibria",
    "reference_rate",
    "reference_rates_without",
    "rubinstein_shares",
    "simulate_process",
    "spatial_bargaining",
    "spatial_bargaining_ensemble",
    "state_probabilities",
    "threat_game",
    "unanimity_core",
    "weighted_mean",
    "weighted_median",
    "win_set",
]

#: public name -> module that defines it; a function must not share its name with a module of this package
_HOME: Final = {
    "AgentResponse": "tree",
    "Agreement": "axiomatic",
    "Chance": "tree",
    "Decision": "tree",
    "ExpectedUtilityRound": "expected_utility",
    "HalfSpaces": "axiomatic",
    "Outcome": "tree",
    "Process": "process",
    "ProcessPaths": "process",
    "QuantalFit": "quantal",
    "QuantalResponse": "quantal",
    "RateEstimate": "reference",
    "SpatialEnsemble": "spatial_ensemble",
    "SpatialSettings": "spatial_settings",
    "ThreatGame": "threat",
    "Trajectory": "spatial",
    "Transition": "process",
    "UnanimityCore": "vetoes",
    "WinSet": "vetoes",
    "agent_qre": "tree",
    "condorcet_winner": "central",
    "cumulative_incidence": "hazards",
    "expected_utility_round": "expected_utility",
    "expected_visits": "hazards",
    "fit_qre": "quantal",
    "kalai_smorodinsky": "axiomatic",
    "logit_qre": "quantal",
    "nash_bargaining": "axiomatic",
    "nash_equilibria": "equilibria",
    "pure_equilibria": "equilibria",
    "reference_rate": "reference",
    "reference_rates_without": "reference",
    "rubinstein_shares": "axiomatic",
    "simulate_process": "process",
    "spatial_bargaining": "spatial",
    "spatial_bargaining_ensemble": "spatial_ensemble",
    "state_probabilities": "hazards",
    "threat_game": "threat",
    "unanimity_core": "vetoes",
    "weighted_mean": "central",
    "weighted_median": "central",
    "win_set": "vetoes",
}

__getattr__, __dir__ = lazy_names(__name__, _HOME)
