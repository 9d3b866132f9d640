"""The quickstart of gegravity, in its own interpreter: ``python trade_peer.py sample_data_set.dlm OUT.npz REPEAT``.

Prints JSON with medians in seconds, and writes the modelled base, the change of costs and its results as arrays.
"""

import contextlib
import io
import json
import statistics
import sys
import time
import warnings

warnings.filterwarnings("ignore")

import gegravity  # noqa: E402
import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402

REFERENCE, SIGMA = "DEU", 5
#: estimates printed in its documentation
ESTIMATES = [
    ("lndist", -0.3898623, 0.0729915),
    ("contiguity", 0.891577, 0.1327354),
    ("common_language", 0.0326249, 0.0840702),
    ("pta", 0.4711383, 0.1076578),
    ("international", -3.412584, 0.2151235),
    ("constant", 16.32434, 0.4844137),
]


def once(data: pd.DataFrame) -> tuple[dict[str, float], gegravity.OneSectorGE]:
    marks = [time.perf_counter()]
    with contextlib.redirect_stdout(io.StringIO()):
        baseline = gegravity.BaselineData(
            data,
            imp_var_name="importer",
            exp_var_name="exporter",
            year_var_name="year",
            trade_var_name="trade",
            expend_var_name="E",
            output_var_name="Y",
        )
        table = pd.DataFrame(ESTIMATES, columns=["var", "beta", "stderr"])
        costs = gegravity.CostCoeffs(estimates=table, identifier_col="var", coeff_col="beta", stderr_col="stderr")
        names = [name for name, _, _ in ESTIMATES]
        model = gegravity.OneSectorGE(
            baseline=baseline,
            cost_coeff_values=costs,
            cost_variables=names,
            year="2006",
            reference_importer=REFERENCE,
            sigma=SIGMA,
        )
        model.build_baseline(omr_rescale=1)
        marks.append(time.perf_counter())
        changed = model.baseline_data.copy()
        pair = changed["importer"].isin(["CAN", "JPN"]) & changed["exporter"].isin(["CAN", "JPN"])
        changed.loc[pair & (changed["importer"] != changed["exporter"]), "pta"] = 1
        model.define_experiment(changed)
        marks.append(time.perf_counter())
        model.simulate()
        marks.append(time.perf_counter())
    return dict(zip(("baseline", "define", "simulate"), np.diff(marks).tolist(), strict=True)), model


def main() -> None:
    data = pd.read_csv(sys.argv[1])
    data["constant"] = 1
    times = []
    for _ in range(int(sys.argv[3])):
        spent, model = once(data)
        times.append(spent)
    country = model.country_results.sort_index()
    names = list(country.index)

    def square(frame: pd.DataFrame, column: str) -> np.ndarray:
        wide = frame.reset_index().pivot(index="exporter", columns="importer", values=column)
        return wide.loc[names, names].to_numpy(float)

    trade, costs = model.bilateral_trade_results, model.bilateral_costs
    np.savez(
        sys.argv[2],
        base=square(trade, "baseline modeled trade"),
        flows=square(trade, "experiment trade"),
        power=square(costs, "experiment trade cost") / square(costs, "baseline trade cost"),
        real=country["GDP change (percent)"].to_numpy(float),
        price=country["factory gate price change (percent)"].to_numpy(float),
        reference=names.index(REFERENCE),
        theta=float(SIGMA - 1),
    )
    print(json.dumps({key: statistics.median(run[key] for run in times) for key in times[0]}))


if __name__ == "__main__":
    main()
