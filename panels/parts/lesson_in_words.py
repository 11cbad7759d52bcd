"""What a lesson's card says at each moment, as plain data for the browser."""

from __future__ import annotations

from typing import Any

from workbench.lessons import Prediction, Progress, Target
from workbench.lessons.measures import unit_of
from workbench.lessons.rehearsal import range_text
from workbench.model.model import Model


def number(value: float, unit: str) -> str:
    """A number that was measured, with three digits and its unit."""
    return f"{value:.3g}" + (f" {unit}" if unit else "")


def shown_step(
    progress: Progress, model: type[Model], unit: str, refused: tuple[str, str] = ("", "")
) -> dict[str, Any]:
    """The step that somebody has come to.

    unit    : of the number that its question asks for
    refused : an answer that was not taken, and why
    """
    lesson, k = progress.lesson, progress.at
    step = lesson.steps[k]
    return {
        **_frame(progress),
        "heading": step.title,
        "paragraphs": paragraphs(step.text),
        "predict": None if step.predict is None else _asked(progress, step.predict, unit, *refused),
        "target": None if step.target is None else _target(progress, step.target, model),
        "last": k == len(lesson.steps) - 1,
    }


def shown_over(progress: Progress) -> dict[str, Any]:
    """The end: what of each step was right, and what was reached."""
    found = progress.score()
    lines = []
    for k, step in enumerate(progress.lesson.steps):
        said = []
        if step.predict is not None:
            right = "right" if progress.is_right(k) else "not right"
            said.append(f"predicted: {right}" if k in progress.revealed else "not predicted")
        if step.target is not None:
            said.append("target reached" if k in progress.reached else "target not reached")
        if said:
            lines.append(f"{step.title or f'Step {k + 1}'}: {', '.join(said)}")
    done = found.right + found.reached
    return {
        **_frame(progress),
        "heading": f"That was it: {done} of {found.predictions + found.targets}",
        "paragraphs": [score_text(progress)],
        "lines": lines,
        "over": True,
    }


def score_text(progress: Progress) -> str:
    """ "Predictions right: 1 of 2. Targets reached: 0 of 1." """
    found = progress.score()
    said = []
    if found.predictions:
        said.append(f"Predictions right: {found.right} of {found.predictions}.")
    if found.targets:
        said.append(f"Targets reached: {found.reached} of {found.targets}.")
    return " ".join(said)


def paragraphs(text: str) -> list[str]:
    """A text in paragraphs, whose lines are joined."""
    return [" ".join(part.split()) for part in text.split("\n\n") if part.strip()]


def _frame(progress: Progress) -> dict[str, Any]:
    return {
        "lesson": progress.lesson.title,
        "about": " ".join(progress.lesson.about.split()) if progress.at == 0 else "",
        "at": progress.at,
        "marks": [_mark(progress, k) for k in range(len(progress.lesson.steps))],
        "score": score_text(progress),
    }


def _mark(progress: Progress, k: int) -> str:
    """How a step went: "right", "wrong", or "" while that is open."""
    step = progress.lesson.steps[k]
    if step.predict is not None and k in progress.revealed and not progress.is_right(k):
        return "wrong"
    open_question = step.predict is not None and k not in progress.revealed
    open_target = step.target is not None and k not in progress.reached
    if open_question or open_target or (step.predict is None and step.target is None):
        return ""
    return "right"


def _asked(
    progress: Progress, asked: Prediction, unit: str, typed: str, note: str
) -> dict[str, Any]:
    k = progress.at
    revealed = k in progress.revealed
    found: dict[str, Any] = {
        "ask": paragraphs(asked.ask),
        "answers": list(asked.answers),
        "unit": unit,
        "given": progress.answers.get(k),
        "revealed": revealed,
        "typed": typed,
        "note": note,
    }
    if revealed:  # not before: it would be in the page for whoever looks
        right = progress.is_right(k)
        if asked.answers:
            truth = asked.answers[asked.right - 1]
        else:
            truth = f"{number(asked.value or 0.0, unit)}, give or take {asked.tolerance or 0.0:g}"
        found |= {
            "right": right,
            "verdict": "Right." if right else f"Not so. The right answer: {truth}",
            "truth": asked.right if asked.answers else None,
            "explain": paragraphs(asked.explain),
        }
    return found


def _target(progress: Progress, target: Target, model: type[Model]) -> dict[str, Any]:
    unit = unit_of(model, target.measure, target.of)
    return {
        "ask": paragraphs(target.ask),
        "range": range_text(target, unit),
        "low": target.low,
        "high": target.high,
        "reached": progress.at in progress.reached,
    }
