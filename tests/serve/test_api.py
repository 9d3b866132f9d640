"""The API says what the functions behind the commands say, and refuses what it must."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from mackinder.case.closing import closing_rights
from mackinder.draws import Design
from mackinder.ensemble import run
from mackinder.equilibrium.loading import load_network
from mackinder.network.finder import find_routes
from mackinder.network.prices import draw_prices
from mackinder.report.shell import read_shell
from mackinder.scenario import apply, read_scenario

LIVE = {"first": "status-quo", "second": "south-road"}


def live(client, **more):
    answer = client.post("/api/live", json=LIVE | more)
    assert answer.status_code == 200, answer.text
    return answer.json()


def numbers(answer, side):
    return {tuple(row[1:-1]): row[-1] for row in answer["rows"] if row[0] == side}


def test_the_case_is_told_once_and_whole(client, session):
    about = client.get("/api/case").json()
    assert about["schema"] == "mackinder.api/1"
    assert [link["id"] for link in about["links"]] == sorted(session.case.table("links")["link_id"])
    assert {s["id"] for s in about["scenarios"]} == {"status-quo", "south-road"}
    assert {s["slider_id"] for s in about["actions"]} == {"cost", "time", "capacity"}
    assert "growth" in {s["slider_id"] for s in about["assumptions"]}


def test_every_path_is_documented(client):
    paths = client.get("/openapi.json").json()["paths"]
    assert set(paths) == {
        "/api/case", "/api/differences", "/api/rights", "/api/live", "/api/route", "/api/jobs", "/api/jobs/{job_id}", "/api/runs",
        "/api/scenario", "/api/scenario/save", "/api/levers", "/api/deals", "/api/claims",
    }  # fmt: skip
    assert all(entry["summary"] for methods in paths.values() for entry in methods.values())


def test_live_answers_are_those_of_the_model(client, session):
    """Convention C118: with all sliders where they start, the app solves what `load_network` solves at central values."""
    answer = live(client)
    warm = session._pair("status-quo", "south-road")
    design = Design(seed=0, draws=1, common_share=session.case.settings.common_share, central=True)
    prices = draw_prices(session.case, warm.network, design)
    loading = load_network(warm.cases, warm.network, warm.routes, prices, design, threads=1, model="trade")
    row = next(i for i, s in enumerate(warm.network.states) if (s.scenario, s.year) == ("south-road", 2035))
    expected = loading.loads.asset_tonnes[0, row, : warm.network.graph.n_links] / 1e6
    np.testing.assert_allclose(answer["flows"]["second"], expected, atol=1e-6)
    assert answer["solved"]


def test_actions_move_b_alone_and_assumptions_move_both(client):
    """Convention C115."""
    base = live(client)
    dear = live(client, actions={"cost": 3.0}, corridor="south")
    assert dear["flows"]["first"] == base["flows"]["first"]
    key = ("corridor_flow", "", "", "", "", "south", "Mt/yr")
    assert numbers(dear, "second")[key] < numbers(base, "second")[key]
    slow = live(client, assumptions={"value_of_time": 4.0})
    assert slow["flows"]["first"] != base["flows"]["first"]
    assert slow["flows"]["second"] != base["flows"]["second"]


def test_a_scenario_can_be_compared_with_itself_under_actions(client):
    still = live(client, second="status-quo")
    assert still["flows"]["first"] == still["flows"]["second"]
    shut = live(client, second="status-quo", closed=["a-city-b-north-rail"])
    at = shut["links"].index("a-city-b-north-rail")
    assert shut["flows"]["first"][at] > 0
    assert shut["flows"]["second"][at] == 0


def test_growth_is_a_rate_a_year(client):
    none, some = live(client, assumptions={"growth": 0.0}), live(client, assumptions={"growth": 6.0})
    assert sum(some["flows"]["first"]) > sum(none["flows"]["first"])


def test_rights_are_those_of_the_scenario(client, session):
    told = client.get("/api/rights", params={"scenario": "south-road"}).json()["rights"]
    held = closing_rights(apply(session.case, read_scenario("south-road", session.case)), "2035-07-01")
    own = held[held["counts"]].groupby("link_id")["root"].agg(set)
    assert {link: set(of) for link, of in told.items() if of} == own.to_dict()
    assert client.get("/api/rights", params={"scenario": "../x"}).status_code == 400


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ({"first": "../../etc"}, "first"),
        ({"first": "nowhere"}, "unknown scenario"),
        ({"corridor": "nowhere", "actions": {"cost": 2}}, "unknown corridor"),
        ({"actions": {"cost": 400}}, "actions"),
        ({"actions": {"cost": 5}}, "goes from"),
        ({"actions": {"prise": 2}}, "unknown slider"),
        ({"closed": ["nowhere"]}, "unknown link"),
        ({"more": 1}, "more"),
    ],
)
def test_what_is_not_known_is_refused_with_a_reason(client, more, word):
    answer = client.post("/api/live", json=LIVE | more)
    assert answer.status_code == 400
    assert word in answer.json()["error"]


def test_an_overtaken_question_is_dropped(client, session):
    head = {"X-Client": "slow-one"}
    live_ok = client.post("/api/live", json=LIVE | {"sequence": 9}, headers=head)
    assert live_ok.status_code == 200
    assert client.post("/api/live", json=LIVE | {"sequence": 8}, headers=head).status_code == 409
    assert client.post("/api/live", json=LIVE | {"sequence": 8}, headers={"X-Client": "other"}).status_code == 200


def test_routes_are_those_of_the_command(client, folder):
    """Convention C118: the same function as `mackinder route`."""
    asked = {"origin": "a-city", "destination": "b-north-city", "scenario": "south-road", "most": 3}
    answer = client.post("/api/route", json=asked)
    assert answer.status_code == 200, answer.text
    own = dataclasses.asdict(find_routes(str(folder), "a-city", "b-north-city", scenario="south-road", most=3))
    got = answer.json()
    assert [r["cost"] for r in got["routes"]] == [list(r["cost"]) for r in own["routes"]]
    assert [r["links"] for r in got["routes"]] == [list(r["links"]) for r in own["routes"]]
    assert set(got["closures"]) == set(own["closures"])


def test_a_place_that_is_not_there_is_a_reason_not_a_crash(client):
    answer = client.post("/api/route", json={"origin": "a-cit", "destination": "b-north-city"})
    assert answer.status_code == 400
    assert "a-city" in answer.json()["error"]


def test_a_job_gives_the_numbers_of_the_command_and_a_report(client, session, folder):
    """Convention C118: the same function as `mackinder run`, so the same rows to the last bit."""
    started = client.post("/api/jobs", json={"scenarios": ["south-road"], "draws": 3}, headers={"X-Client": "worker"})
    assert started.status_code == 200, started.text
    again = client.post("/api/jobs", json={"scenarios": ["south-road"], "draws": 3}, headers={"X-Client": "worker"})
    job = session.jobs.wait(started.json()["id"], 120)
    assert job.state == "done", job.message
    assert again.status_code == 400
    assert "one at a time" in again.json()["error"]
    told = client.get(f"/api/jobs/{job.job_id}").json()
    assert told["state"] == "done"
    from mackinder.archive import read_run

    name = told["result"]["run"]
    stored = read_run(session._folders()[name])
    own = run(session.case, ["south-road"], draws=3, seed=0, threads=1)
    assert stored.results.equals(own.results)
    assert name in [r["run"] for r in client.get("/api/runs").json()["runs"]]
    page = client.get(f"/report/{name}")
    assert page.status_code == 200
    assert "Three countries" in page.text
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]


@pytest.mark.parametrize("name", ["nothing", "..%2f..%2fetc", "a%00b"])
def test_a_report_is_looked_up_and_never_joined_to_a_path(client, name):
    assert client.get(f"/report/{name}").status_code in (400, 404)


def test_the_page_is_sent_with_its_own_policy(client):
    if read_shell() is None:
        pytest.skip("the interactive page was not built here (MACKINDER_SKIP_WEB, or no network when it was installed)")
    page = client.get("/")
    assert page.status_code == 200
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe-eval" not in policy
    assert "script-src 'sha256-" in policy
    assert "http" not in policy
    assert page.headers["x-content-type-options"] == "nosniff"


def test_an_unknown_job_is_said_to_be_unknown(client):
    assert client.get("/api/jobs/ffff").status_code == 404
