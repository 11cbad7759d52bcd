"""``workbench train`` on a toy model that declares how it is trained."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from workbench.cli import app

TOY = '''
"""A model that only says what it was asked to train."""
from workbench.model.model import Model
from workbench.model.training import Trained, Training

def run(*, data, out, minutes, core_minutes, steps, seed, resume, progress, size=2, kind="a"):
    progress(0.5, "half way")
    asked = (str(data), str(out), minutes, core_minutes, steps, seed, resume, size, kind)
    return Trained({"test": {"auc": 0.5}}, {"steps": 7.0}, files=(out,), stopped=repr(asked))

class Toy(Model):
    slug = "toy"
    title = "Toy"
    training = Training("Toy fitted", "nobody", "nothing", run,
                        {"size": (2, "how large"), "kind": ("a", "which")})
'''


def call(*words: str, code: int = 0) -> str:
    done = CliRunner().invoke(app, ["train", *words], catch_exceptions=False)
    assert done.exit_code == code, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture(autouse=True)
def toy(models_folder):
    (models_folder / "toy.py").write_text(TOY)


@pytest.mark.parametrize("own", [("--size", "5", "--kind", "b"), ("--size=5", "--kind=b")])
def test_options_of_the_command_and_of_the_model_arrive(own):
    text = call("toy", "--data", "d", *own, "--steps", "3", "--out", "o", "--seed", "4", "--resume")
    assert "('d', 'o', 0.0, 0.0, 3, 4, True, 5, 'b')" in text
    assert "auc" in text
    assert "Wrote o" in text


def test_ten_minutes_are_taken_when_nothing_is_said():
    assert "('None', 'toy-trained', 10.0, 0.0, 0, 0, False, 2, 'a')" in call("toy")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("toy", "--sise", "3"), "Unknown option of toy: '--sise'. Did you mean '--size'? "
         "Allowed: --size or --kind."),
        (("toy", "--size"), "--size lacks its value: write --size VALUE."),
        (("toy", "--size", "big"), "size = 'big' cannot be read: write a whole number."),
        (("toy", "size"), "'size' cannot be read: options are written --name value."),
        (("cuba",), "cuba has nothing to train. Models that have: "),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said_in_one_sentence(words, message):
    assert call(*words, code=2).startswith(message)


def test_describe_lists_the_options():
    done = CliRunner().invoke(app, ["describe", "toy"])
    assert "Training: Toy fitted. --data holds nothing." in done.stdout
    assert "--size" in done.stdout
