"""The spatial model of politics in plain Python, written from its equations: slow, and without care for ties."""

from __future__ import annotations

import math

import numpy as np

BIT = 1e-8


def utility(d, r):
    return (1 - d) * (1 + d * r) if d <= 1 else (1 - d) * (1 + r)


def distance(ideal, x, s):
    return math.sqrt(sum((a * (b - c)) ** 2 for a, b, c in zip(s, ideal, x, strict=True)) / sum(a * a for a in s))


def vote(rule, w, du):
    if abs(du) < 1e-11:  # rounding of equal utilities
        return 0.0
    clipped = max(-1.0, min(1.0, du / BIT))
    return (
        w
        * {
            "binary": clipped,
            "proportional_binary": 0.8 * du + 0.2 * clipped,
            "proportional": du,
            "proportional_cubic": 0.5 * du + 0.5 * du**3,
            "cubic": du**3,
            "prospect": du if du < 0 else 2 * du / 3,
        }[rule]
    )


def victory(rule, a, b):
    if rule == "binary":
        if a >= 1.1 * b:
            return 1 / (1 + 1e-6)
        if b >= 1.1 * a:
            return 1e-6 / (1 + 1e-6)
        return (a / (a + b) * 2.1 - 1) / 0.1
    power = {"linear": 1, "square": 2, "quartic": 4, "octic": 8}[rule]
    return 1 / (1 + (b / a) ** power)


def shares(o, w, u):
    """Share of success of each column of u; Markov contests as the stationary point of a linear map."""
    m = len(u[0])
    c = [
        [BIT + sum(max(vote(o["vote"], w[k], u[k][i] - u[k][j]), 0.0) for k in range(len(w))) for j in range(m)]
        for i in range(m)
    ]
    p = [[0.5 if i == j else victory(o["victory"], c[i][j], c[j][i]) for j in range(m)] for i in range(m)]
    if o["choice"] == "conditional":
        raw = [math.prod(row) for row in p]
        return [x / sum(raw) for x in raw]
    if o["choice"] == "markov_uniform":
        called = np.full((m, m), 1 / m)
    else:
        called = np.array([[c[i][j] * p[i][j] + (1e-10 if i == j else 0.0) for j in range(m)] for i in range(m)])
        called = called / called.sum(axis=0)
    step = np.zeros((m, m))
    for i in range(m):
        for j in range(m):
            step[i, i] += p[i][j] * called[j, i]  # i is the favourite, j is called against it
            step[i, j] += p[i][j] * called[i, j]  # j is the favourite, i is called against it
    system = np.vstack([step - np.eye(m), np.ones(m)])
    return list(np.linalg.lstsq(system, np.append(np.zeros(m), 1.0), rcond=None)[0])


def chance(o, h, i, j, c, total, dist, risk):
    """Chance that i defeats j as h sees it."""

    def u(k, x):
        return utility(dist[k][x], o["anchor"] * risk[h] + (1 - o["anchor"]) * risk[k])

    side = [1e-10, 1e-10]
    for k in (i, j):
        v = vote(o["vote"], c[k] * total[k], u(k, i) - u(k, j))
        side[0 if v > 0 else 1] += abs(v)
    whole = list(side)
    for n in range(len(c)):
        if n in (i, j):
            continue
        lean = vote(o["vote"], c[n] * total[n], u(n, i) - u(n, j))
        a, b = side[0] + max(lean, 0), side[1] + max(-lean, 0)
        p = a / (a + b)
        win_i = 3 * u(n, i) if o["commitment"] == "full" else 2 * u(n, i) + u(n, n)
        lose_i = 2 * u(n, j) + u(n, n) if o["commitment"] == "none" else 3 * u(n, j)
        win_j = 2 * u(n, i) + u(n, n) if o["commitment"] == "none" else 3 * u(n, i)
        lose_j = 3 * u(n, j) if o["commitment"] == "full" else 2 * u(n, j) + u(n, n)
        v = vote(o["vote"], c[n] * total[n], p * win_i + (1 - p) * lose_i - p * win_j - (1 - p) * lose_j)
        whole[0 if v > 0 else 1] += abs(v)
    return whole[0] / sum(whole)


def meet(form, p, s_i, s_j, x_i, x_j):
    e = 1e-6
    if form == "s2pmax":
        d_i, d_j = max(1 - 2 * p, 0.0), max(2 * p - 1, 0.0)
        f_i = d_i * s_j**2 / (d_i * s_j**2 + e + (1 - d_i) * s_i**2)
        f_j = d_j * s_i**2 / (d_j * s_i**2 + e + (1 - d_j) * s_j**2)
        return x_i + f_i * (x_j - x_i), x_j + f_j * (x_i - x_j)
    k = 1 if form == "s1p1" else 2
    a, b = s_i**k * p**k, s_j**k * (1 - p) ** k
    return tuple(
        math.floor(y * 1e4 + 0.5) / 1e4
        for y in (((a + e) * x_i + b * x_j) / (a + e + b), (a * x_i + (b + e) * x_j) / (a + e + b))
    )


def turn(o, c, x, ideal, s):
    """One turn: (new positions, risks, chances of all positions to win)."""
    n = len(c)
    total = [sum(row) for row in s]
    dist = [[distance(ideal[i], x[j], s[i]) for j in range(n)] for i in range(n)]
    p = shares(o, c, [[1 - d for d in row] for row in dist])
    low, high = min(p), max(p)
    least, span = {"min": (0.0, 1.0), "mid": (-0.5, 1.5), "max": (-1.0, 2.0)}[o["risk_range"]]
    risk = [least + span * (q - low) / (high - low) if high - low > 1e-12 else 0.0 for q in p]
    own = [[utility(dist[i][j], risk[i]) for j in range(n)] for i in range(n)]
    offers = []
    for i in range(n):
        best = (1e-5, None, None)
        for j in range(n):
            if i != j:
                q = chance(o, i, i, j, c, total, dist, risk)
                gain = (1 - total[j]) * 2 * own[i][i] + total[j] * (q * 2 * own[i][i] + (1 - q) * 2 * own[i][j])
                best = max(best, (gain - own[i][i] - own[i][j], j, q), key=lambda b: b[0])
        _, j, q = best
        if j is None:
            continue
        other = chance(o, j, i, j, c, total, dist, risk)
        dims = range(len(x[i]))
        mine = np.array([meet(o["interpolation"], q, s[i][k], s[j][k], x[i][k], x[j][k]) for k in dims]).T
        theirs = np.array([meet(o["interpolation"], other, s[i][k], s[j][k], x[i][k], x[j][k]) for k in dims]).T
        w_i, w_j = c[i] * total[i], c[j] * total[j]
        forms = {
            "initiator": [mine],
            "both": [mine, theirs],
            "power_weighted": [(w_i * mine + w_j * theirs) / (w_i + w_j)],
        }
        offers += [(i, j, form) for form in forms[o["bargain"]]]
    moved = [list(row) for row in x]
    for k in range(n):
        queue = [b for b in offers if b[0] == k] + [b for b in offers if b[1] == k]
        if not queue:
            continue
        worth = []
        for a in range(n):
            base = sum(own[a])
            worth.append([base / n])
            for i, j, (b_i, b_j) in queue:
                state = base - own[a][i] - own[a][j]
                state += sum(utility(distance(ideal[a], y, s[a]), risk[a]) for y in (b_i, b_j))
                worth[-1].append(state / n)
        q = shares(o, c, worth)
        if (m := int(np.argmax(q))) > 0:
            i, _, pair = queue[m - 1]
            moved[k] = list(pair[0] if i == k else pair[1])
    return moved, risk, own
