"""Colours that stay apart for colour-blind readers, and widths that mean the same everywhere."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mackinder.report.style import (
    ACTOR_COLOURS,
    GAIN,
    LAND,
    LOSS,
    MODE_DASHES,
    MODE_LABELS,
    OTHER,
    actor_colour,
    holder_of,
    line_width,
)

# Machado, Oliveira and Fernandes (2009), severity 1.0, on linear RGB.
SIGHT = {
    "normal": np.eye(3),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
}


def linear(colour):
    rgb = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def oklab(rgb):
    """Ottosson (2020), from linear RGB."""
    lms = np.array(
        [
            [0.4122214708, 0.5363325363, 0.0514459929],
            [0.2119034982, 0.6806995451, 0.1073969566],
            [0.0883024619, 0.2817188376, 0.6299787005],
        ]
    )
    lab = np.array(
        [
            [0.2104542553, 0.7936177850, -0.0040720468],
            [1.9779984951, -2.4285922050, 0.4505937099],
            [0.0259040371, 0.7827717662, -0.8086757660],
        ]
    )
    return lab @ np.cbrt(np.clip(lms @ np.clip(rgb, 0, 1), 0, None))


def contrast(a, b):
    weights = np.array([0.2126, 0.7152, 0.0722])
    low, high = sorted([linear(a) @ weights, linear(b) @ weights])
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("sight", SIGHT)
def test_actor_colours_stay_apart(sight):
    """0.02 in OKLab is about one just-noticeable step; four are asked."""
    colours = [*ACTOR_COLOURS.values(), OTHER]
    distances = {
        (a, b): np.linalg.norm(oklab(SIGHT[sight] @ linear(a)) - oklab(SIGHT[sight] @ linear(b)))
        for a, b in itertools.combinations(colours, 2)
    }
    assert min(distances.values()) > 0.075, min(distances, key=distances.get)


@pytest.mark.parametrize("sight", SIGHT)
def test_gain_and_loss_stay_apart(sight):
    assert np.linalg.norm(oklab(SIGHT[sight] @ linear(GAIN)) - oklab(SIGHT[sight] @ linear(LOSS))) > 0.15


@pytest.mark.parametrize("colour", [*ACTOR_COLOURS.values(), OTHER, GAIN, LOSS])
def test_lines_have_contrast_on_land(colour):
    assert contrast(colour, LAND) >= 3.0


def test_the_eight_are_fixed_and_others_grey():
    assert set(ACTOR_COLOURS) == {"RUS", "USA", "IRN", "TUR", "CHN", "EU", "AZE", "ARM"}
    assert actor_colour("KAZ") == actor_colour("") == OTHER


def test_every_mode_of_the_schema_has_its_own_dash():
    assert set(MODE_DASHES) == set(MODE_LABELS) == {"rail", "road", "sea", "ferry", "inland_water"}
    assert len(set(MODE_DASHES.values())) == len(MODE_DASHES)


@given(st.floats(0, 2000), st.floats(0, 2000))
def test_width_grows_with_flow(a, b):
    low, high = sorted([a, b])
    assert line_width(low, 1.9) <= line_width(high, 1.9)
    if high - low > 1e-6:
        assert line_width(low, 1.9) < line_width(high, 1.9)


def test_shared_ground_has_no_holder():
    assert holder_of("ARM;AZE", {"ARM": "ARM", "AZE": "AZE"}) == ""
    assert holder_of("", {}) == ""
    assert holder_of("XYZ", {}) == "XYZ"
