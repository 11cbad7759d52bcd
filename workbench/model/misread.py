"""What was probably meant by a text that is no number: the sentences of `units`."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterator
from typing import Any

from ..errors import ParameterError

SHOWN = 40  # characters of what was given, at most
MOST = 300  # characters of a sentence
MINUS = "−–—‒‑﹣－"
# Units that are offered when one is misspelt.
USUAL = (
    "ms", "s", "us", "mV", "V", "uV", "pA", "nA", "uA", "mA", "A", "pS", "nS", "uS", "mS", "S",
    "pF", "nF", "uF", "Hz", "kHz", "Mohm", "kohm", "ohm", "Gohm", "um", "mm", "cm", "m", "mM",
    "uM", "nM", "second", "volt", "amp", "siemens", "farad", "msecond", "mvolt", "namp",
    "msiemens", "nsiemens", "pfarad", "hertz", "degree", "%",
)  # fmt: skip
_NUMBER = r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
_UNIT = r"[ ]*(?:[A-Za-zµμΩ%][^0-9,;=]*(?:\*\*-?[0-9]|\^-?[0-9]|[23])?)?"
_THOUSANDS = re.compile(
    r"[+-]?[0-9]{1,3}(?:([,._'’ \u00a0\u2009\u202f])[0-9]{3})(?:\1[0-9]{3})*(?![0-9])"
)
_TEN = re.compile(
    rf"([+-]?{_NUMBER})[ ]*[×x*·][ ]*10(?:\*\*|\^)?"
    rf"([-+]?[0-9]{{1,3}}|[⁻⁺]?[⁰¹²³⁴⁵⁶⁷⁸⁹]{{1,3}})({_UNIT})"
)
_CALCULATION = re.compile(rf"[(\[]|[+-]?{_NUMBER}{_UNIT}[ ]*[-+*/^(]")
ADVICE = {"1": "a number", "whole": "a whole number"}


class NotRead(ValueError):
    """Why a text is no number with a unit, and what was probably meant."""

    def __init__(
        self, why: str, *meant: str, wrong_unit: bool = False, unknown_unit: str = "",
        infinite: bool = False,
    ):  # fmt: skip
        super().__init__(why)
        self.meant, self.wrong_unit, self.unknown_unit = meant, wrong_unit, unknown_unit
        self.infinite = infinite

    def as_parameter_error(
        self, what: str, text: str, unit: str, such_as: str, bare: bool = False
    ) -> ParameterError:
        """The sentence; ``bare`` shows ``text`` without quotation marks."""
        what, shown = (
            shortened(what, room=80),
            shortened(text) if bare else quoted(text),
        )
        example = f", such as {quoted(such_as)}" if such_as else ""
        if self.infinite:
            return ParameterError(f"{what} must be finite; got {shown}.")
        if self.wrong_unit:
            measured = "plain numbers" if unit in ADVICE else shortened(unit)
            return ParameterError(
                f"{what} = {shown} has the wrong unit: it is measured in {measured}{example}."
            )
        why, end = str(self), "."
        if self.unknown_unit:
            name = self.unknown_unit
            why = f"the unit {quoted(name)} is not known"
            near = _nearest(name)
            advice, end = (f"did you mean {near!r}", "?") if near else (_advice(unit, example), ".")
        elif self.meant:
            advice, end = (
                f"did you mean {' or '.join(quoted(m) for m in self.meant)}",
                "?",
            )
        else:
            advice = _advice(unit, example)
        sentence = f"{what} = {shown} cannot be read: {f'{why}; ' if why else ''}{advice}{end}"
        return ParameterError(sentence if len(sentence) <= MOST else sentence[: MOST - 1] + "…")


def shortened(value: Any, room: int = SHOWN) -> str:
    """What was given, for a sentence, however long it is; a text without quotation marks."""
    if isinstance(value, str):
        return value if len(value) <= room else value[: room - 1] + "…"
    try:
        text = repr(value)
    except Exception:  # such as an int of more digits than Python writes
        text = f"a {type(value).__name__}"
    return text if len(text) <= room else text[: room - 1] + "…"


def quoted(value: Any) -> str:
    """As `shortened`, but a text as Python writes it, which may need more characters for one."""
    if not isinstance(value, str):
        return shortened(value)
    text = repr(shortened(value))
    return text if len(text) <= 2 * SHOWN else text[: 2 * SHOWN - 1] + "…"


def meant(text: str, unit: NotRead | None = None) -> NotRead:
    """Why ``text`` is no number with a unit, and what was probably meant.

    unit : what was wrong with its unit, where a number could be read
    """
    if not text:
        return NotRead("")
    if re.fullmatch(r"[+-]?(nan|inf|infinity)\b.*", text, re.I):
        return NotRead("", infinite=True)
    plain = _in_ascii(text)
    if plain != text and _is_number(plain):
        typographic = any(c in text for c in MINUS)
        return NotRead(
            "its minus is not that of a keyboard" if typographic else "its digits are not 0 to 9",
            plain,
        )
    for reason, one in _with_separators(plain):
        if all(_is_number(_spaced(o)) for o in one):
            return NotRead(reason, *map(_spaced, one))
    if ten := _TEN.fullmatch(plain):
        power = int(unicodedata.normalize("NFKC", ten[2]).replace("−", "-"))
        return NotRead("powers of ten are written with an e", f"{ten[1]}e{power}{ten[3]}")
    if _CALCULATION.match(plain) and re.search(r"[0-9)]", plain[1:]):
        return NotRead("nothing is calculated here, so write the result")
    if len(re.findall(_NUMBER, re.sub(r"(\*\*|\^)-?[0-9]|(?<=[A-Za-z])[23]", "", plain))) > 1:
        return NotRead("it holds more than one number")
    return unit or NotRead("")


def _with_separators(text: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """What a text with commas and other separators may mean, and what to say of it."""
    if re.match(r"[+-]?[0-9]{1,3},[0-9]{3}(?![0-9,.])", text):
        both = text.replace(",", "", 1), text.replace(",", ".", 1)
        yield "its comma may be a decimal one or separate thousands", both
    if re.match(r"[+-]?[0-9]*,[0-9]+(?![0-9,.;])", text):
        yield "it has a decimal comma", (text.replace(",", ".", 1),)
    if found := _THOUSANDS.match(text):
        whole = re.sub(r"[^0-9+-]", "", found[0]) + text[found.end() :].replace(",", ".", 1)
        yield "numbers are written without thousands separators", (whole,)
    if re.match(rf"[+-]?{_NUMBER}_", text):
        yield "numbers are written without underscores", (text.replace("_", ""),)


def _in_ascii(text: str) -> str:
    """``text`` with a keyboard's minus and digits."""
    found = []
    for c in text:
        if c in MINUS:
            found.append("-")
        elif not c.isascii() and c.isdecimal():
            found.append(str(unicodedata.decimal(c)))
        else:
            found.append({"．": ".", "，": ",", "＋": "+"}.get(c, c))
    return "".join(found)


def _spaced(text: str) -> str:
    """``1.62mV`` as ``1.62 mV``."""
    return re.sub(rf"^([+-]?{_NUMBER})(?=[A-Za-zµμΩ%])(?![eE][+-]?[0-9])", r"\1 ", text)


def _is_number(text: str) -> bool:
    return re.fullmatch(rf"[+-]?{_NUMBER}{_UNIT}", text) is not None


def _nearest(name: str) -> str:
    """The unit that is most like ``name``, "" when nothing comes close."""
    if len(name) > 20:
        return ""
    folded = {u.casefold(): u for u in reversed(USUAL)}
    hits = difflib.get_close_matches(name.casefold(), list(folded), n=1, cutoff=0.6)
    return folded[hits[0]] if hits else ""


def _advice(unit: str, example: str) -> str:
    return f"write {ADVICE.get(unit) or f'a number in {shortened(unit)}'}{example}"
