"""What the app holds while it runs: the case, the warm solver of the pair last asked for, the runs it may show."""

from __future__ import annotations

import dataclasses
import json
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from mackinder.archive import Run, read_run, write_run
from mackinder.case import Case, require_sound
from mackinder.case.arrangements import read_arrangements
from mackinder.case.claimsdoc import read_claims
from mackinder.ensemble import run
from mackinder.equilibrium.loading import Held
from mackinder.errors import RunError, UsageError, did_you_mean
from mackinder.network.finder import RouteAnswer, find_routes
from mackinder.report.ground import rights_by_link
from mackinder.report.payload import case_payload
from mackinder.report.runpage import report_of_run
from mackinder.scenario import apply, diff, read_scenario, read_vintage, scenario_names
from mackinder.serve.answers import claims_of_case, deals_of_case, levers_of_pair
from mackinder.serve.drafts import known_scenario
from mackinder.serve.jobs import JobQueue
from mackinder.serve.messages import AnswerRequest, JobRequest, LeverRequest, LiveRequest, RouteRequest
from mackinder.serve.sliders import ACTIONS, ASSUMPTIONS
from mackinder.serve.warm import Warm, warm_up
from mackinder.strategy.dealsanswer import needed_scenarios

__all__ = ["Session", "StaleError"]

_KEPT_PAIRS: Final = 3
_KEPT_RIGHTS: Final = 20


class StaleError(Exception):
    """A newer question of the same client has come: this one needs no answer."""


class Session:
    """One case, served.

    Parameters
    ----------
    case : str
        Folder or packaged name.
    as_of : str, optional
        ISO day of the vintage.
    runs : Path
        Folder whose subfolders with a manifest are listed as runs.
    save : Path, optional
        Folder in which scenarios may be saved; without one nothing is written anywhere but in a temporary folder.
    threads : int
    """

    def __init__(
        self,
        case: str,
        *,
        as_of: str | None = None,
        runs: Path = Path("out"),
        save: Path | None = None,
        threads: int = 2,
    ) -> None:
        self.case: Case = read_vintage(case, as_of)
        require_sound(self.case)
        self.as_of = as_of
        self.save = save
        self.threads = threads
        self.jobs = JobQueue()
        self._runs = runs
        self._scratch = tempfile.TemporaryDirectory(prefix="mackinder-serve-", ignore_cleanup_errors=True)
        self._warm: dict[tuple[str, str], Warm] = {}
        self._held: dict[tuple[str, str], Held] = {}
        self._solver = threading.Lock()
        self._newest: dict[str, int] = {}
        self._pages: dict[str, tuple[int, str]] = {}
        self._about: dict[str, Any] | None = None
        self._looking = threading.Lock()
        self._answers: dict[str, str] = {}
        self._rights: dict[str, dict[str, dict[str, list[str]]]] = {}

    def close(self) -> None:
        """Take no further job and remove the temporary folder."""
        self.jobs.close()
        self._scratch.cleanup()

    def about(self) -> dict[str, Any]:
        """Return what the app needs before the first question: links, rights, facts, scenarios, sliders."""
        if self._about is None:
            names = scenario_names(self.case)
            found = {name: read_scenario(name, self.case) for name in names}
            baseline = self.case.settings.baseline
            base = case_payload(self.case, {baseline: apply(self.case, found[baseline])})
            self._about = base | {
                "scenarios": [
                    {
                        "id": name,
                        "label": found[name].label,
                        "description": found[name].description,
                        "range_only": found[name].range_only,
                    }
                    for name in names
                ],
                "goods": [
                    [str(g), str(label)]
                    for g, label, freight in zip(
                        *(self.case.table("goods")[c] for c in ("goods_id", "label", "is_freight")), strict=True
                    )
                    if freight
                ],
                "default_goods": self.case.settings.default_goods,
                "actions": [dataclasses.asdict(slider) for slider in ACTIONS],
                "assumptions": [dataclasses.asdict(slider) for slider in self._assumptions()],
                "saves": self.save is not None,
                "lever_pairs": sorted(
                    {
                        (str(s), str(t))
                        for s, t in zip(*(self.case.table("levers")[c] for c in ("sender", "target")), strict=True)
                    }
                ),
                "deals": read_arrangements(self.case.folder) is not None,
                "needed": needed_scenarios(self.case) if read_arrangements(self.case.folder) else [],
                "claims": read_claims(self.case.folder) is not None,
                "boundaries": [self.case.settings.boundaries_note],
            }
        return self._about

    def _assumptions(self) -> list[Any]:
        growth = round(100 * self.case.settings.demand_growth_per_year.mode, 2)
        return [dataclasses.replace(s, start=growth) if s.slider_id == "growth" else s for s in ASSUMPTIONS]

    def rights(self, name: str) -> dict[str, dict[str, list[str]]]:
        """Return who can close each link under a scenario in the horizon year: link, root actor, rights."""
        with self._looking:
            if name not in self._rights:
                case = apply(self.case, read_scenario(known_scenario(name, self.case), self.case))
                day = f"{self.case.settings.horizon_year}-07-01"
                self._rights[name] = {link: of[True] for link, of in rights_by_link(case, day).items()}
                while len(self._rights) > _KEPT_RIGHTS:
                    self._rights.pop(next(iter(self._rights)))
            return self._rights[name]

    def differences(self, first: str, second: str) -> list[str]:
        """Say in words what differs between the inputs of two scenarios."""
        cases = [
            apply(self.case, read_scenario(known_scenario(name, self.case), self.case)) for name in (first, second)
        ]
        return [item.text for item in diff(*cases)]

    def live(self, asked: LiveRequest, client: str) -> dict[str, Any]:
        """Solve two scenarios at central values with the sliders where they stand.

        Raises
        ------
        StaleError
            If the same client has asked again meanwhile.
        UsageError
            If a scenario, slider, corridor or link is not known.
        """
        if len(self._newest) > 1000:
            self._newest.clear()
        self._newest[client] = max(asked.sequence, self._newest.get(client, 0))
        pair = (known_scenario(asked.first, self.case), known_scenario(asked.second, self.case))
        with self._solver:
            if asked.sequence < self._newest.get(client, 0):
                raise StaleError
            began = time.perf_counter()
            warm = self._pair(*pair)
            warmed = time.perf_counter()
            held = warm.solve(
                actions=asked.actions, corridor=asked.corridor, closed=asked.closed, assumptions=asked.assumptions,
                before=self._held.get(pair),
            )  # fmt: skip
            self._held = {pair: held}  # where the next answer starts from
            done = time.perf_counter()
            answer = warm.answer(held.loading)
        return answer | {
            "sequence": asked.sequence,
            "seconds": {"warm": round(warmed - began, 3), "solve": round(done - warmed, 3)},
        }

    def _pair(self, first: str, second: str) -> Warm:
        found = self._warm.pop((first, second), None) or warm_up(self.case, first, second, threads=self.threads)
        self._warm[first, second] = found  # the one last asked for stands last
        while len(self._warm) > _KEPT_PAIRS:
            self._warm.pop(next(iter(self._warm)))
        return found

    def route(self, asked: RouteRequest) -> RouteAnswer:
        """Answer as `mackinder route` does."""
        scenario = None if asked.scenario is None else known_scenario(asked.scenario, self.case)
        return find_routes(
            str(self.case.folder), asked.origin, asked.destination, goods=asked.goods, scenario=scenario, year=asked.year,
            avoid=tuple(asked.avoid), most=asked.most, as_of=self.as_of,
        )  # fmt: skip

    def start_run(self, asked: JobRequest, client: str) -> dict[str, Any]:
        """Queue a run with intervals; its report can be opened when it is done."""
        names = [known_scenario(name, self.case) for name in asked.scenarios]
        folder = Path(self._scratch.name) / f"run-{len(list(Path(self._scratch.name).iterdir())) + 1}"

        def work(say: Callable[[str], None]) -> dict[str, Any]:
            result = run(
                self.case,
                names,
                draws=asked.draws,
                seed=asked.seed,
                threads=self.threads,
                model=asked.model,
                narrate=say,
            )
            result = write_run(result, folder)
            return {"run": folder.name, "scenarios": list(result.manifest["scenarios"])}

        title = f"{', '.join(names)}: {asked.draws} draws, seed {asked.seed}"
        return self.jobs.submit(client, title, work).as_dict()

    def start_levers(self, asked: LeverRequest, client: str) -> dict[str, Any]:
        """Queue a ranking of levers."""
        scenario = known_scenario(asked.scenario, self.case)
        key = f"levers {asked.sender} {asked.target} {scenario}"

        def work(say: Callable[[str], None]) -> dict[str, Any]:
            return levers_of_pair(self.case, asked.sender, asked.target, scenario, threads=self.threads, say=say)

        return self._queue(client, key, work)

    def start_deals(self, asked: AnswerRequest, client: str) -> dict[str, Any]:
        """Queue the valuation of the arrangements, on a run of the list or on one of its own."""
        return self._queue(
            client,
            f"deals {asked.run or ''}",
            lambda say: deals_of_case(self.case, self._known(asked.run), threads=self.threads, say=say),
        )

    def start_claims(self, asked: AnswerRequest, client: str) -> dict[str, Any]:
        """Queue the judgement of the claims, with the numbers of a run of the list where one is named."""
        return self._queue(
            client, f"claims {asked.run or ''}", lambda say: claims_of_case(self.case, self._known(asked.run), say=say)
        )

    def _queue(self, client: str, key: str, work: Callable[[Callable[[str], None]], dict[str, Any]]) -> dict[str, Any]:
        """Queue an answer, or give at once one that was found before: the case does not change while the app runs."""
        known = self._answers.get(key)
        job = self.jobs.get(known) if known else None
        if job is None or job.state == "failed":
            job = self.jobs.submit(client, key.strip(), work)
            self._answers[key] = job.job_id
        return job.as_dict()

    def _known(self, name: str | None) -> Run | None:
        """Read a run of the list by name; the name is never joined to a path."""
        if name is None:
            return None
        folder = self._folders().get(name)
        if folder is None:
            raise UsageError(did_you_mean(name, self._folders(), what="run"))
        return self._own(read_run(folder), name)

    def _own(self, found: Run, name: str) -> Run:
        if found.manifest["case"] != self.case.name:
            msg = f"run {name!r} is of case {found.manifest['case']!r}, and this app serves {self.case.name!r}"
            raise RunError(msg)
        return found

    def runs(self) -> list[dict[str, Any]]:
        """List the runs that can be shown, with what their manifests say."""
        out = []
        for name, folder in sorted(self._folders().items()):
            try:
                manifest: Mapping[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
            except (OSError, ValueError):
                continue  # being written, or no run
            out.append(
                {"run": name}
                | {key: manifest.get(key) for key in ("title", "case", "scenarios", "draws", "seed", "model")}
            )
        return out

    def _folders(self) -> dict[str, Path]:
        found: dict[str, Path] = {}
        for parent in (self._runs, Path(self._scratch.name)):
            if parent.is_dir():
                found |= {p.name: p for p in parent.iterdir() if (p / "manifest.json").is_file() and not p.is_symlink()}
        return found

    def report(self, name: str) -> str:
        """Return the report page of a run; `name` is looked up among the runs and never joined to a path.

        Raises
        ------
        UsageError
            If there is no such run.
        RunError
            If it cannot be read.
        """
        folder = self._folders().get(name)
        if folder is None:
            msg = f"no run {name[:80]!r} here; see the list of runs"
            raise UsageError(msg)
        stamp = (folder / "manifest.json").stat().st_mtime_ns
        if self._pages.get(name, (0, ""))[0] != stamp:
            result = self._own(read_run(folder), name)
            vintage = read_vintage(str(self.case.folder), result.manifest["newest_evidence"])
            with tempfile.TemporaryDirectory(prefix="mackinder-page-") as scratch:
                _, path = report_of_run(result, vintage, Path(scratch) / "report.html")
                self._pages[name] = (stamp, path.read_text(encoding="utf-8"))
        return self._pages[name][1]
