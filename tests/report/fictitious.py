"""A made-up case and made-up results: places are real, every number is invented by a seeded generator."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pandas as pd

from mackinder.case.case import Case, Tables
from mackinder.case.settings import parse_settings

SCENARIOS = ["no-corridor", "trump-route", "iran-blocks"]
BASELINE = "no-corridor"
ACTORS = {
    "RUS": "Russia", "USA": "United States", "IRN": "Iran", "TUR": "Türkiye", "CHN": "China", "EU": "European Union",
    "AZE": "Azerbaijan", "ARM": "Armenia", "GEO": "Georgia",
}  # fmt: skip
PLACES = [
    ("baku", "Baku", "AZE", 40.38, 49.89, "city"),
    ("tbilisi", "Tbilisi", "GEO", 41.70, 44.80, "city"),
    ("yerevan", "Yerevan", "ARM", 40.18, 44.51, "city"),
    ("meghri", "Meghri <b>&</b>", "ARM", 38.90, 46.24, "city"),
    ("nakhchivan", "Nakhchivan", "AZE", 39.21, 45.41, "city"),
    ("kars", "Kars", "TUR", 40.60, 43.10, "city"),
    ("poti", "Poti", "GEO", 42.15, 41.66, "port"),
    ("istanbul", "Istanbul", "TUR", 41.01, 28.98, "port"),
    ("tabriz", "Tabriz", "IRN", 38.08, 46.29, "city"),
    ("urumqi", "Urumqi", "CHN", 43.83, 87.60, "city"),
    ("busan", "Busan", "KOR", 35.10, 129.04, "port"),
    ("los-angeles", "Los Angeles", "USA", 33.73, -118.26, "port"),
]
LINKS = [
    ("baku-tbilisi", "baku", "tbilisi", "rail", "AZE;GEO"),
    ("baku-tbilisi-road", "baku", "tbilisi", "road", "AZE"),
    ("tbilisi-poti", "tbilisi", "poti", "rail", "GEO"),
    ("poti-istanbul", "poti", "istanbul", "sea", ""),
    ("meghri-nakhchivan", "meghri", "nakhchivan", "rail", "ARM"),
    ("baku-meghri", "baku", "meghri", "rail", "AZE"),
    ("nakhchivan-kars", "nakhchivan", "kars", "rail", "TUR"),
    ("yerevan-tbilisi", "yerevan", "tbilisi", "rail", "ARM"),
    ("tabriz-nakhchivan", "tabriz", "nakhchivan", "rail", "IRN"),
    ("urumqi-baku", "urumqi", "baku", "ferry", "CHN"),
    ("busan-los-angeles", "busan", "los-angeles", "sea", ""),
]
CORRIDORS = [("middle", "Middle Corridor"), ("tripp", "Route through Meghri"), ("instc", "North-South <West>")]
PAIRS = [("aze", "tur", "Baku to Kars"), ("chn", "eu", "Xinjiang to Europe")]


def settings_document() -> dict:
    return {
        "title": "A made-up corridor <script>alert(1)</script>",
        "base_year": 2023,
        "horizon_year": 2035,
        "article_date": "2025-09-01",
        "newest_evidence": "2026-11-22",
        "baseline": BASELINE,
        "scenarios": SCENARIOS,
        "closing_rights": ["sovereign"],
        "closing_statuses": ["binding"],
        "common_share": 0.5,
        "reliability_ratio": {"low": 0.5, "mode": 0.8, "high": 1.2, "basis": "estimate", "ground": "invented"},
        "gross_output_ratio": {"low": 1.5, "mode": 2.0, "high": 2.5, "basis": "estimate", "ground": "invented"},
        "goods_output_share": {"low": 0.3, "mode": 0.4, "high": 0.5, "basis": "estimate", "ground": "invented"},
        "demand_growth_per_year": {"low": 0.0, "mode": 0.02, "high": 0.04, "basis": "estimate", "ground": "invented"},
        "focus": ["ARM", "AZE", "RUS", "IRN"],
        "headline_pairs": [{"origin": o, "destination": d, "goods": "general", "label": t} for o, d, t in PAIRS],
        "default_goods": "general",
        "boundaries_note": "Boundaries are shown as on maps of the United Nations.",
    }


def case() -> Case:
    places = pd.DataFrame(
        [
            {"place_id": i, "label": t, "label_armenian": "", "label_azerbaijani": "", "country": c, "lat_deg": y,
             "lon_deg": x, "kind": k, "tier": 1, "basis": "cited"}
            for i, t, c, y, x, k in PLACES
        ]
    )  # fmt: skip
    links = pd.DataFrame(
        [
            {"link_id": i, "label": i, "from_place": a, "to_place": b, "mode": m, "territory": t, "basis": "estimate"}
            for i, a, b, m, t in LINKS
        ]
    )
    zones = pd.DataFrame(
        [
            {
                "zone_id": "aze",
                "label": "Azerbaijan",
                "country": "AZE",
                "members": "",
                "anchor_place": "baku",
                "basis": "derived",
            }
        ]
    )
    corridors = pd.DataFrame(
        [{"corridor_id": i, "label": t, "label_armenian": "", "label_azerbaijani": "", "basis": "cited"}
         for i, t in CORRIDORS]
    )  # fmt: skip
    actors = pd.DataFrame(
        [{"actor_id": i, "label": t, "kind": "union" if i == "EU" else "state", "parent": "",
          "countries": "DEU;POL" if i == "EU" else i} for i, t in ACTORS.items()]
    )  # fmt: skip
    sources = pd.DataFrame(
        [
            {"source_id": "S1", "publisher": "Office & Sons", "title": "Year <book>", "published_on": "2024",
             "url": "https://example.org/?a=1&b=2", "kind": "official", "independence_group": "g1"},
            {"source_id": "S2", "publisher": "Nobody", "title": "", "published_on": "", "url": "javascript:alert(1)",
             "kind": "own_knowledge", "independence_group": "g2"},
        ]
    )  # fmt: skip
    facts = pd.DataFrame(
        [{"fact_id": "F1", "source": "S1", "confidence": "low", "conflicts_with": "", "statement": "x"}]
    )
    frames = {
        "facts": facts,
        "places": places,
        "links": links,
        "zones": zones,
        "corridors": corridors,
        "actors": actors,
        "sources": sources,
    }
    blank = {"facts": "", "ground": ""}
    frames = {name: frame.assign(**blank) if "basis" in frame else frame for name, frame in frames.items()}
    settings = parse_settings(settings_document())
    return Case(name="made-up", folder=Path("made-up"), settings=settings, tables=Tables(frames), digest="0" * 64)


def results(
    scenarios: list[str] = SCENARIOS,
    corridors: list[str] | None = None,
    actors: list[str] | None = None,
    pairs: list[tuple[str, str]] | None = None,
    seed: int = 1,
) -> pd.DataFrame:
    """Every indicator of a run, for the horizon year, with paired differences to the first scenario."""
    rng = np.random.default_rng(seed)
    corridors = corridors or [c for c, _ in CORRIDORS]
    actors = actors or list(ACTORS)
    pairs = pairs or [(o, d) for o, d, _ in PAIRS]
    keys: list[tuple[str, str, str, str, str, str, str, float]] = []
    keys += [("corridor_flow", "", "", "", "", c, "Mt/yr", 5.0) for c in corridors]
    for name, unit, size in (("pair_cost", "USD/t", 300.0), ("pair_price", "USD/t", 150.0), ("pair_days", "d", 20.0)):
        keys += [(name, "", "", "", "general", f"{o}>{d}", unit, size) for o, d in pairs]
    for name, unit, size in (
        ("delivered_cost", "USD/t", 200.0),
        ("delivered_days", "d", 15.0),
        ("trade_tonnes", "Mt/yr", 9.0),
    ):
        keys += [(name, "", "", t, "", "", unit, size) for t in actors]
    for name in ("transit_fees", "transit_haulage"):
        keys += [(name, "", a, "", "", "", "USD m/yr", 90.0) for a in actors]
    for name in ("exposure_tonnes", "exposure_value", "captive_tonnes", "captive_value", "closure_cost"):
        unit, size = ("USD m/yr", 70.0) if name == "closure_cost" else ("1", 0.15)
        for variant, a, t in itertools.product(("partner", "transit"), actors, actors):
            if a != t:
                keys.append((name, variant, a, t, "", "", unit, size))
    rows = []
    for name, variant, actor, target, goods, asset, unit, size in keys:
        level = size * rng.lognormal(0, 0.5, 80)
        for number, scenario in enumerate(scenarios):
            shift = 0.0 if number == 0 else rng.choice([0.0, 0.3, -0.25])
            draws = level * (1 + shift + 0.05 * number * rng.normal(size=80))
            for kind, sample in (("", draws), ("minus-baseline", draws - level)):
                if kind and number == 0:
                    continue
                label = "-".join(part for part in (variant, kind) if part)
                low, mid, high = np.quantile(sample, [0.05, 0.5, 0.95])
                rows.append((scenario, name, label, 2035, actor, target, goods, asset, unit, mid, low, high, 80))
    columns = "scenario indicator variant year actor target goods asset unit value low high draws".split()  # noqa: SIM905
    return pd.DataFrame(rows, columns=columns)


def flows(scenarios: list[str] = SCENARIOS, links: list[str] | None = None, seed: int = 2) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    links = links or [link[0] for link in LINKS]
    base = rng.lognormal(1.0, 1.0, len(links))
    rows = []
    for number, scenario in enumerate(scenarios):
        for link, quantity in zip(links, base, strict=True):
            changed = rng.random() < 0.3
            value = quantity * (1 + (0.4 * rng.normal() if number and changed else 0.0))
            value = abs(value)
            rows.append((scenario, 2035, link, value, 0.7 * value, 1.4 * value, value * 900))
    return pd.DataFrame(
        rows, columns=["scenario", "year", "link", "quantity_mt", "quantity_mt_low", "quantity_mt_high", "value_musd"]
    )


def manifest() -> dict:
    return {
        "seed": 7,
        "draws": 80,
        "case_digest": "f" * 64,
        "versions": {"mackinder": "0.0.0"},
        "statuses": dict.fromkeys(SCENARIOS, "converged"),
        "gaps": dict.fromkeys(SCENARIOS, 1e-07),
        "differences": {"trump-route": ["Link meghri-nakhchivan opens on 2030-01-01 (was: closed)", "a < b & c"]},
    }
