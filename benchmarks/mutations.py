"""How many wrong numbers and signs the facts of each model notice.

Every default, unit, constant and sign of a model is changed by itself, in a copy of the package
``models`` in a temporary folder, and the model's facts are measured on the copy: a change that some
fact notices is *caught*, one that none notices *survives*. What is changed, and by how much:

  default   a number by the factors in ``FACTORS``, a small whole number by one, 0 by a tenth of
            the slider's range, a choice to the next one
  unit      the unit of a default by a factor of 1,000 (``UNITS``)
  sign      each + and - in the code that Brian2 is given (``CODE`` names the files)
  constant  each number in that code, and each named number of those files, by the first of
            ``FACTORS``; exponents, limits and the switches in comparisons are left alone
  known     single changes that were once found to survive (``KNOWN``)

Usage: python benchmarks/mutations.py [MODEL ...] [--kinds default,sign] [--only TEXT] [--jobs 2]
       [--every N] [--list] [--slow] [--out NAME]   (NAME.md and NAME.csv)

Facts that have caught most are taken first; the first that notices a change ends its measurement.
An error that a change causes is caught too: nobody overlooks it. A measurement that takes longer
than the limit of CPU time is neither, and is listed as such.
"""

from __future__ import annotations

import argparse
import csv
import os
import pickle
import re
import resource
import select
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mutations_declared import CODE, REASONS
from mutations_found import MODELS, Mutation, mutations_of

CPU_LIMIT_S = 60  # of all facts of a model together
WALL_LIMIT_S = 900  # on a machine that does something else, too


@dataclass
class Outcome:
    """What became of a mutation: "caught", "survived" or "no answer"; by which fact."""

    mutation: Mutation
    result: str
    by: str = ""
    cpu_s: float = 0.0


@dataclass
class Report:
    """All outcomes of one model, and what its facts cost."""

    slug: str
    outcomes: list[Outcome] = field(default_factory=list)
    costs: dict[str, float] = field(default_factory=dict)

    def reason(self, outcome: Outcome) -> str:
        m = outcome.mutation
        for slug, pattern, reason in REASONS:
            if slug in (m.slug, "") and re.search(pattern, m.label):
                return reason
        return ""


# -- measuring -------------------------------------------------------------------------------------


def in_child(work: Callable[[], Any], models: Path | None = None) -> tuple[int, int]:
    """Fork; the child does ``work`` with the models of a folder and sends what it returns."""
    read, write = os.pipe()
    pid = os.fork()
    if pid:
        os.close(write)
        return pid, read
    os.close(read)
    try:
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_LIMIT_S, CPU_LIMIT_S + 5))
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        sys.dont_write_bytecode = True
        if models:
            sys.path.insert(0, str(models))
        answer = pickle.dumps(work())
    except BaseException as error:
        answer = pickle.dumps(error.__class__(str(error)) if str(error) else RuntimeError("?"))
    try:
        with os.fdopen(write, "wb") as out:
            out.write(answer)
    finally:
        os._exit(0)


def received(pid: int, read: int, limit_s: float = WALL_LIMIT_S) -> Any:
    """What a child sent; None when it was stopped by a limit. Raises what it raised."""
    data, end = b"", time.monotonic() + limit_s
    try:
        while True:
            if not select.select([read], [], [], max(0.0, end - time.monotonic()))[0]:
                os.kill(pid, signal.SIGKILL)
                return None
            piece = os.read(read, 1 << 16)
            if not piece:
                break
            data += piece
    finally:
        os.close(read)
        os.waitpid(pid, 0)
    answer = pickle.loads(data) if data else None
    if isinstance(answer, BaseException):
        raise answer
    return answer


def facts_of(slug: str, slow: bool) -> dict[str, Any]:
    from workbench.model.registry import model_class

    return {f.name: f for f in model_class(slug).facts if slow or not f.slow}


def cpu_s() -> float:
    return sum(resource.getrusage(w).ru_utime + resource.getrusage(w).ru_stime
               for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))  # fmt: skip


def wrong(fact: Any, cls: Any) -> bool:
    return not abs(fact.measure(cls()) - fact.value) <= fact.tol


def baseline(slug: str, slow: bool) -> dict[str, float]:
    """CPU seconds of each fact of the model as it is; raises when one does not hold."""
    from workbench.model.registry import model_class

    cls, found = model_class(slug), {}
    for name, fact in facts_of(slug, slow).items():
        before = cpu_s()
        if wrong(fact, cls):
            raise ValueError(f"{slug}: the fact {name!r} does not hold without any change.")
        found[name] = cpu_s() - before
    return found


def first_wrong(slug: str, slow: bool, order: list[str]) -> tuple[str, float]:
    """The first fact in the order that does not hold, or "", and CPU seconds."""
    before = cpu_s()
    try:
        from workbench.model.registry import model_class

        cls, facts = model_class(slug), facts_of(slug, slow)
    except Exception as error:
        return f"error: {type(error).__name__}: {error}"[:120], cpu_s() - before
    for name in [n for n in order if n in facts] + [n for n in facts if n not in order]:
        try:
            if wrong(facts[name], cls):
                return name, cpu_s() - before
        except Exception as error:
            text = str(error).splitlines()[0] if str(error) else ""
            return f"error: {type(error).__name__}: {text}"[:120], cpu_s() - before
    return "", cpu_s() - before


class Slot:
    """One copy of the models, and the child that measures a mutation of it."""

    def __init__(self, folder: Path):
        self.folder = folder
        shutil.copytree(MODELS, folder / "models", ignore=shutil.ignore_patterns("__pycache__"))
        self.mutation: Mutation | None = None
        self.child = (0, 0)

    def start(self, mutation: Mutation, slow: bool, order: list[str]) -> None:
        path = self.folder / "models" / mutation.file
        path.write_text(mutation.apply((MODELS / mutation.file).read_text("utf-8")), "utf-8")
        self.mutation = mutation
        self.child = in_child(lambda: first_wrong(mutation.slug, slow, order), self.folder)

    def finish(self) -> Outcome:
        assert self.mutation is not None
        mutation, self.mutation = self.mutation, None
        answer = received(*self.child)
        shutil.copyfile(MODELS / mutation.file, self.folder / "models" / mutation.file)
        if answer is None:
            return Outcome(mutation, "no answer")
        return Outcome(mutation, "caught" if answer[0] else "survived", *answer)


def measure(
    slug: str, mutations: list[Mutation], jobs: int = 1, slow: bool = False, echo: Any = None
) -> Report:
    """Measure the facts of a model on each of its mutations, ``jobs`` at a time (at most two)."""
    import workbench.brian.preload  # noqa: F401  so that no child needs to import Brian2

    with tempfile.TemporaryDirectory(prefix="mutations-") as scratch:
        slots = [Slot(Path(scratch) / str(k)) for k in range(min(2, jobs))]
        costs = received(*in_child(lambda: baseline(slug, slow), slots[0].folder))
        if costs is None:
            raise TimeoutError(f"The facts of {slug} take more than {CPU_LIMIT_S} s of CPU time.")
        report, caught = Report(slug, [], costs), dict.fromkeys(costs, 0)
        waiting, busy = list(mutations), []
        while waiting or busy:
            while waiting and len(busy) < len(slots):
                order = sorted(costs, key=lambda n: -caught[n])  # else as declared
                slot = next(s for s in slots if s not in busy)
                slot.start(waiting.pop(0), slow, order)
                busy.append(slot)
            ready = select.select([s.child[1] for s in busy], [], [], WALL_LIMIT_S)[0]
            slot = next((s for s in busy if s.child[1] in ready), busy[0])
            busy.remove(slot)
            outcome = slot.finish()
            if outcome.by in caught:
                caught[outcome.by] += 1
            report.outcomes.append(outcome)
            if echo:
                echo(outcome)
    return report


# -- telling ---------------------------------------------------------------------------------------


def table(reports: list[Report]) -> str:
    """What was caught, model by model, and what was not, as Markdown."""
    lines = ["| model | changes | caught | share | of those without a reason | facts, CPU s |",
             "| --- | ---: | ---: | ---: | ---: | ---: |"]  # fmt: skip
    total = [0, 0, 0]
    for r in reports:
        n, caught = len(r.outcomes), sum(o.result == "caught" for o in r.outcomes)
        excused = sum(o.result != "caught" and bool(r.reason(o)) for o in r.outcomes)
        total = [total[0] + n, total[1] + caught, total[2] + excused]
        lines.append(f"| {r.slug} | {n} | {caught} | {_share(caught, n)} | "
                     f"{_share(caught, n - excused)} | {sum(r.costs.values()):.1f} |")  # fmt: skip
    n, caught, excused = total
    lines.append(
        f"| all | {n} | {caught} | {_share(caught, n)} | {_share(caught, n - excused)} | |"
    )
    left = [(r, o) for r in reports for o in r.outcomes if o.result != "caught"]
    lines += ["", "| not caught | kind | change | file | reason |",
              "| --- | --- | --- | --- | --- |"]  # fmt: skip
    for r, o in left:
        m = o.mutation
        reason = r.reason(o) or ("over the limit of CPU time" if o.result == "no answer" else "")
        label = m.label.replace("|", "\\|")
        lines.append(f"| {m.slug} | {m.kind} | `{label}` | {m.file} | {reason} |")
    return "\n".join(lines) + "\n"


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "-"


def write_csv(reports: list[Report], path: Path) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(["model", "kind", "change", "file", "result", "by", "cpu_s", "reason"])
        for r in reports:
            for o in r.outcomes:
                m = o.mutation
                reason = "" if o.result == "caught" else r.reason(o)
                row = [m.slug, m.kind, m.label, m.file, o.result, o.by, f"{o.cpu_s:.2f}", reason]
                out.writerow(row)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="*", default=[], help="models; all")
    parser.add_argument("--kinds", default="", help="of default, unit, sign, constant, known")
    parser.add_argument("--only", default="", help="changes whose text contains this")
    parser.add_argument("--every", type=int, default=1, help="only every n-th change")
    parser.add_argument("--jobs", type=int, default=1, choices=(1, 2), help="processes")
    parser.add_argument("--slow", action="store_true", help="measure the slow facts, too")
    parser.add_argument("--list", action="store_true", help="only list the changes")
    parser.add_argument("--out", help="write NAME.md and NAME.csv")
    options = parser.parse_args()
    kinds = {k for k in options.kinds.split(",") if k}
    reports = []
    for slug in options.models or list(CODE):
        found = received(*in_child(lambda slug=slug: mutations_of(slug), MODELS.parent))
        chosen = [m for m in found if (not kinds or m.kind in kinds) and options.only in m.label]
        chosen = chosen[:: options.every]
        if options.list:
            for m in chosen:
                print(f"{m.slug:20} {m.kind:9} {m.label}   ({m.file})")
            continue

        def report(o: Outcome) -> None:
            text = f"{o.result:9} {o.mutation.slug} {o.mutation.kind}: {o.mutation.label}"
            print(f"{text}   [{o.by}] {o.cpu_s:.1f} s", flush=True)

        reports.append(measure(slug, chosen, options.jobs, options.slow, report))
        if options.out:
            Path(f"{options.out}.md").write_text(table(reports), encoding="utf-8")
            write_csv(reports, Path(f"{options.out}.csv"))
    if not options.list:
        print("\n" + table(reports))


if __name__ == "__main__":
    main()
