"""Slope and integral of the link cost against finite differences and quadrature."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import wrightomega

from mackinder.kernels.linkcost import N_PARAMETERS, link_integrals, link_state
from mackinder.kernels.sue import wright_omega


def link(constant: float, coefficient: float, capacity: float, power: float, *, limit: float = np.inf) -> np.ndarray:
    row = np.zeros((1, N_PARAMETERS))
    row[0, :5] = constant, coefficient, 1.0 / capacity, power, limit
    return row


@pytest.mark.parametrize("power", [0.5, 1.0, 1.5, 2.0, 4.0, 5.5])
@pytest.mark.parametrize("flow", [0.5, 40.0, 250.0])
def test_slope_and_integral(power: float, flow: float) -> None:
    row = link(3.0, 1.7, 80.0, power)
    cost, slope = link_state(row, 0, flow)
    assert cost == pytest.approx(3.0 + 1.7 * (flow / 80.0) ** power, rel=1e-14)
    step = 1e-5 * flow
    both = [link_state(row, 0, flow + sign * step)[0] for sign in (-1, 1)]
    assert slope == pytest.approx((both[1] - both[0]) / (2 * step), rel=1e-6, abs=1e-9)
    area = quad(lambda x: 1.7 * (x / 80.0) ** power, 0.0, flow, epsabs=0, epsrel=1e-10)[0]
    assert link_integrals(row, np.array([flow]))[0] == pytest.approx(area, rel=1e-9)


def test_price_of_a_hard_capacity() -> None:
    row = link(2.0, 0.0, 1.0, 1.0, limit=10.0)
    row[0, 5:7] = 4.0, 0.5
    assert link_state(row, 0, 12.0) == (2.0 + 4.0 + 0.5 * 2.0, 0.5)
    assert link_state(row, 0, 1.0) == (2.0, 0.0)  # slack: 4 - 0.5 x 9 < 0


@pytest.mark.parametrize("z", [-600.0, -499.0, -30.0, -1.0, 0.0, 1.0, 1.0001, 3.0, 700.0, 1e12])
def test_wright_omega_is_scipys(z: float) -> None:
    assert wright_omega(z) == pytest.approx(float(wrightomega(z)), rel=1e-14)
