"""Levers, deals and claims of the app: the numbers of the commands, and plain words where a case has none."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner


def done(client, session, path, body):
    answer = client.post(path, json=body, headers={"X-Client": path.rsplit("/", 1)[1]})
    assert answer.status_code == 200, answer.text
    job = answer.json()["id"]
    session.jobs.wait(job, 120.0)
    return client.get(f"/api/jobs/{job}").json()


def asked(*arguments):
    from mackinder.cli import app

    found = CliRunner().invoke(app, [*arguments, "--json", "--quiet"])
    assert found.exit_code == 0, found.output
    return json.loads(found.stdout)


def test_levers_are_those_of_the_command(client, session, folder):
    """Convention C160."""
    lever = session.case.table("levers").iloc[0]
    body = {"sender": lever["sender"], "target": lever["target"], "scenario": "status-quo"}
    found = done(client, session, "/api/levers", body)
    assert found["state"] == "done", found
    own = asked("levers", str(folder), lever["sender"], lever["target"], "--scenario", "status-quo", "--threads", "1")
    key = ("indicator", "variant", "asset", "scenario")
    mine = {tuple(r[k] for k in key): r["value"] for r in found["result"]["rows"]}
    theirs = {tuple(r[k] for k in key): r["value"] for r in own["rows"]}
    assert mine == theirs
    told = [row[0] for s in found["result"]["sections"] for t in s["tables"] for row in t["rows"]]
    assert any(str(lever["lever_id"]) in cell for cell in told)
    again = client.post("/api/levers", json=body, headers={"X-Client": "levers"}).json()
    assert again["state"] == "done"  # found before, so not computed again


def test_claims_are_those_of_the_command(client, session, folder):
    """Convention C160."""
    found = done(client, session, "/api/claims", {})
    assert found["state"] == "done", found
    (table,) = found["result"]["sections"][0]["tables"]
    own = asked("claims", str(folder))
    assert [(row[0], row[2]) for row in table["rows"]] == [(c["id"], c["verdict"]) for c in own["claims"]]


def test_deals_are_those_of_the_command(client, session, folder):
    """Convention C160."""
    found = done(client, session, "/api/deals", {})
    assert found["state"] == "done", found
    own = asked("deals", str(folder), "--threads", "1")
    columns = ("scenario", "indicator", "variant", "year", "actor", "target", "goods", "asset")
    mine, theirs = (
        {tuple(str(r[k]) for k in columns): (r["value"], r["low"], r["high"]) for r in rows}
        for rows in (found["result"]["rows"], own["rows"])
    )
    assert len(mine) == len(found["result"]["rows"]) > 10
    assert mine == theirs
    told = [row for s in found["result"]["sections"] for t in s["tables"] for row in t["rows"]]
    assert told


@pytest.mark.parametrize(
    ("path", "body", "word"),
    [
        ("/api/levers", {"sender": "AAA", "target": "AAA", "scenario": "status-quo"}, "pair"),
        ("/api/claims", {"run": "nowhere"}, "nowhere"),
    ],
)
def test_what_cannot_be_answered_is_said(client, session, path, body, word):
    found = done(client, session, path, body)
    assert found["state"] == "failed"
    assert word in found["message"]


def test_bad_questions_are_refused(client):
    assert (
        client.post("/api/levers", json={"sender": "../x", "target": "B", "scenario": "status-quo"}).status_code == 400
    )
    assert client.post("/api/claims", json={"run": "../../etc"}).status_code == 400
    assert client.post("/api/levers", json={"sender": "A", "target": "B", "scenario": "nothing"}).status_code == 400
