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
import io
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
import tokenize
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mutations_declared import CODE, FACTORS, KNOWN, REASONS, UNITS

from workbench.model.time_step import NAME as STEP

CPU_LIMIT_S = 60  # of all facts of a model together
WALL_LIMIT_S = 900  # on a machine that does something else, too
MODELS = Path(__file__).resolve().parent.parent / "models"


@dataclass(frozen=True)
class Mutation:
    """Text ``start:stop`` of a file of ``models`` is replaced by ``new``."""

    slug: str
    kind: str
    label: str
    file: str
    start: int
    stop: int
    new: str

    def apply(self, text: str) -> str:
        return text[: self.start] + self.new + text[self.stop :]


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


# -- finding what can be changed -------------------------------------------------------------------

_NUMBER = re.compile(r"(?<![\w.])(\d+\.\d+|\d+)(?![\w.])")
_SIGN = re.compile(r"(?<![eE(,])(?<!\d[eE])[+-](?==)|(?<!\d[eE])[+-]")
_TEXT_KEYS = {"doc", "source", "symbol", "title", "name", "purpose", "group", "verb"}
_FLAGS = re.compile(r"\((unless refractory|shared|summed|event-driven)\)|\b(or|and|not)\b|#[^\n]*")
_PROSE = re.compile(r"[A-Za-z]{2,},? [a-z]{2,}|\((?:19|20)\d\d\)")  # or the year of a paper


def strings(text: str) -> Iterator[tuple[int, str]]:
    """Place and source of each string that is code for Brian2."""
    lines = [0]
    for line in text.splitlines(keepends=True):
        lines.append(lines[-1] + len(line))
    middle = getattr(tokenize, "FSTRING_MIDDLE", -1)
    skipped, before = False, (tokenize.NEWLINE, tokenize.NEWLINE)
    key = ""
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type in (tokenize.STRING, middle):
            if before[0] != tokenize.STRING:
                starts_line = before[0] in (tokenize.NEWLINE, tokenize.INDENT, tokenize.NL)
                skipped = key in _TEXT_KEYS or (starts_line and token.string.startswith('"""'))
            if not skipped and is_code(token.string):
                yield lines[token.start[0] - 1] + token.start[1], token.string
            before = (tokenize.STRING, token.type)
            continue
        if token.type in (tokenize.NL, tokenize.COMMENT) and before[0] == tokenize.STRING:
            continue
        if token.type == tokenize.NAME:
            key = token.string
        elif token.string != "=" and not token.string.isspace():
            key = ""
        before = (token.type, token.type)


def is_code(source: str) -> bool:
    inside = source.strip("frbuFRBU").strip("\"'").strip()
    bare = _FLAGS.sub("", inside)
    return (
        bool(re.search(r"[=*/(]", inside) or inside[:1] in "+-")
        and bool(_SIGN.search(inside) or _NUMBER.search(inside))
        and not any(_PROSE.search(line) for line in bare.splitlines())
    )


def code_changes(slug: str, file: str, text: str) -> Iterator[Mutation]:
    """A sign or a number, in each place of the code in a file."""
    for start, source in strings(text):
        hidden = [m.span() for m in re.finditer(r"\{[^{}]*\}", source)]
        comments = [m.span() for m in re.finditer(r"#[^\n]*", source)]

        def visible(k: int, spans: Any = (*hidden, *comments)) -> bool:
            return not any(a <= k < b for a, b in spans)

        def label(k: int, source: str = source) -> str:
            begin = source.rfind("\n", 0, k) + 1
            end = source.find("\n", k)
            line = source[begin : end if end >= 0 else len(source)]
            return f"{line.strip()[:90]} @{k - begin - len(line) + len(line.lstrip())}"

        for m in _SIGN.finditer(source):
            k = m.start()
            if visible(k) and not source[max(0, k - 12) : k].endswith(("when", "-")):
                other = "-" if source[k] == "+" else "+"
                yield Mutation(slug, "sign", f"{label(k)}: {other}", file, start + k,
                               start + k + 1, other)  # fmt: skip
        for m in _NUMBER.finditer(source):
            k = m.start()
            ahead, behind = source[m.end() :].lstrip()[:1], source[:k].rstrip()[-1:]
            if not visible(k) or behind in ("<", ">", ":") or ahead in ("<", ">"):
                continue  # a switch, or the unit 1 of a variable
            if re.search(r"\d[eE][+-]$", source[:k]):
                continue
            if re.search(r"clip\([^\n]*$", source[:k]) and ahead in (",", ")"):
                continue
            value = float(m.group())
            if value:
                new = f"{value * FACTORS[0]:.9g}"
                yield Mutation(slug, "constant", f"{label(k)}: {m.group()} → {new}", file,
                               start + k, start + m.end(), new)  # fmt: skip


def named_constants(slug: str, file: str, text: str) -> Iterator[Mutation]:
    """Module-level ``NAME = number``."""
    import ast

    lines = [0]
    for line in text.encode().splitlines(keepends=True):
        lines.append(lines[-1] + len(line))
    place = len(text.encode()[:0].decode())

    def at(node: Any, end: bool = False) -> int:
        row, column = (
            (node.end_lineno, node.end_col_offset) if end else (node.lineno, node.col_offset)
        )
        return place + len(text.encode()[: lines[row - 1] + column].decode())

    for node in ast.parse(text).body:
        if not isinstance(node, ast.Assign) or len(node.targets) != 1:
            continue
        target = node.targets[0]
        pairs = [(target, node.value)]
        if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
            pairs = list(zip(target.elts, node.value.elts, strict=True))
        for name, value in pairs:
            if not isinstance(name, ast.Name) or not re.fullmatch(r"_?[A-Z][A-Z_0-9]*", name.id):
                continue
            source = text[at(value) : at(value, True)]
            if not re.fullmatch(r"[\d.\s+*/e()-]+", source):
                continue
            number = eval(compile(ast.Expression(value), file, "eval"))  # digits and signs only
            if len(pairs) > 1 and float(number).is_integer():
                continue  # an order of events
            new = repr(float(f"{number * FACTORS[0]:.12g}"))
            yield Mutation(slug, "constant", f"{name.id} = {source} → {new}", file,
                           at(value), at(value, True), new)  # fmt: skip


def default_changes(slug: str, files: dict[str, str], parameters: Any) -> Iterator[Mutation]:
    """Each parameter's default, and its unit."""
    for name, parameter in parameters.items():
        pattern = re.compile(rf"^    {name} = \w+\(\s*", re.M)
        file = next((f for f, text in files.items() if pattern.search(text)), None)
        if file is None:
            raise LookupError(f"{slug}: the declaration of {name} was not found in {list(files)}.")
        text = files[file]
        found = pattern.search(text)
        assert found is not None
        start, stop = found.end(), found.end() + first_argument(text[found.end() :])
        for value in others(parameter):
            yield Mutation(slug, "default", f"{name} = {parameter.default:g} → {value:g}", file,
                           start, stop, repr(value))  # fmt: skip
        body = text[stop : stop + 250]
        unit = re.search(r'^[^"]*?unit="(\w+)"', body)
        if unit and unit.group(1) in UNITS and parameter.default:
            new = UNITS[unit.group(1)]
            yield Mutation(slug, "unit", f"{name} in {new} instead of {unit.group(1)}", file,
                           stop + unit.start(1), stop + unit.end(1), new)  # fmt: skip


def first_argument(text: str) -> int:
    depth = 0
    for k, c in enumerate(text):
        depth += (c in "([{") - (c in ")]}")
        if depth < 0 or (c == "," and depth == 0):
            return k
    raise LookupError("a declaration without an end")


def others(parameter: Any) -> list[Any]:
    """Neighbouring values of a default that its limits allow."""
    default = parameter.default
    if parameter.choices:
        return [(int(default) + 1) % len(parameter.choices)]
    if parameter.integer and abs(default) < 10:
        found = [int(default) + 1, int(default) - 1]
    elif parameter.integer:
        found = [round(default * f) for f in FACTORS]
    elif default == 0:
        low, high = parameter.softbounds or parameter.bounds
        found = [round(0.1 * (high - low), 9)]
    else:
        found = [float(f"{default * f:.12g}") for f in FACTORS]
    low, high = parameter.bounds
    inside = [v for v in found if (low is None or v >= low) and (high is None or v <= high)]
    return inside[:2]


def mutations_of(slug: str) -> list[Mutation]:
    """Everything that is changed in one model; to be called where ``models`` may be imported."""
    from workbench.model.registry import model_class

    files = {f: (MODELS / f).read_text(encoding="utf-8") for f in CODE[slug]}
    cls = model_class(slug)
    # The step is no part of the source as other defaults are; `check --convergence` changes it.
    parameters = {name: p for name, p in cls.parameters().items() if name != STEP}
    found = list(default_changes(slug, files, parameters))
    for file, text in files.items():
        found += code_changes(slug, file, text)
        found += named_constants(slug, file, text)
    for owner, label, file, old, new in KNOWN:
        if owner == slug:
            text = (MODELS / file).read_text(encoding="utf-8")
            if text.count(old) != 1:
                raise LookupError(f"{label}: {old!r} is not once in {file}.")
            at = text.index(old)
            found.append(Mutation(slug, "known", label, file, at, at + len(old), new))
    return found


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
