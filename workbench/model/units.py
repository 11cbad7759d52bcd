"""Reads numbers with units, for Python, command line, app, addresses and files alike.

What is read is a number, then an optional unit, and nothing else::

    number = [+-] digits [. digits] [e [+-] digits]          in ASCII, with a decimal point
    unit   = name [power], joined by "*", "/", "·" or a space, with parentheses
    name   = as Brian2 spells it (mV, msiemens, um2), with µ and Ω, or spelled out (millivolt)
    power  = "**2", "^2", "**-1", "²"

``20 ms``, ``20ms``, ``20*ms``, ``3.5e-2 uA*cm**-2``. Nothing is evaluated: `9**9**9` is no number.

The value is converted once: the decimal number as it is written, times the exact ratio of the two
units, rounded once to the nearest float. A number that is given in the unit in which it is wanted
is therefore the float that Python reads in it, and times that unit of Brian2 what Brian2's own
arithmetic gives; one given in another unit is within a rounding error or two of it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

from ..errors import ParameterError
from .misread import NotRead, meant, quoted, shortened

LONGEST = 100  # characters; nobody writes a longer number, and reading stays quick
EXPONENTS = range(-400, 401)  # floats end before
POWERS = range(-9, 10)
NUMBER = re.compile(r"([+-]?)([0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE]([+-]?[0-9]+))?")
NAMED_UNITS = ("ms", "s", "mV", "nA", "pA", "nS", "Hz", "mm")  # that a name may end with
SPACES = " \t\u00a0\u2009\u202f"  # what papers and web pages put between number and unit, too

PREFIXES = {
    "y": -24, "z": -21, "a": -18, "f": -15, "p": -12, "n": -9, "u": -6, "m": -3, "c": -2, "d": -1,
    "da": 1, "h": 2, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18, "Z": 21, "Y": 24,
}  # fmt: skip
SPELLED_OUT = {
    "femto": "f", "pico": "p", "nano": "n", "micro": "u", "milli": "m", "centi": "c", "deci": "d",
    "kilo": "k", "mega": "M", "giga": "G", "tera": "T",
}  # fmt: skip
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_TOKEN = re.compile(r"\s*(?:([A-Za-z%]+)([23]?)|(\*\*|\^)|([-+]?[0-9]+)|([*/()])|(.))", re.S)


@dataclass(frozen=True)
class Unit:
    """A unit as its exact size in SI, and its dimension.

    dimension : exponents of metre, kilogram, second, ampere, kelvin, mole and candela
    """

    size: Fraction
    dimension: tuple[int, ...] = (0,) * 7

    def __mul__(self, other: Unit) -> Unit:
        both = zip(self.dimension, other.dimension, strict=True)
        return Unit(self.size * other.size, tuple(a + b for a, b in both))

    def __truediv__(self, other: Unit) -> Unit:
        return self * other**-1

    def __pow__(self, power: int) -> Unit:
        return Unit(self.size**power, tuple(a * power for a in self.dimension))


ONE = Unit(Fraction(1))
_PI = Fraction(math.pi)

# Names that take prefixes -> size and dimension; the first name is Brian2's.
_BASES: dict[tuple[str, ...], tuple[Fraction, tuple[int, ...]]] = {
    ("metre", "meter", "m"): (Fraction(1), (1, 0, 0, 0, 0, 0, 0)),
    ("gram", "gramme", "g"): (Fraction(1, 1000), (0, 1, 0, 0, 0, 0, 0)),
    ("second", "sec", "s"): (Fraction(1), (0, 0, 1, 0, 0, 0, 0)),
    ("amp", "ampere", "A"): (Fraction(1), (0, 0, 0, 1, 0, 0, 0)),
    ("kelvin", "K"): (Fraction(1), (0, 0, 0, 0, 1, 0, 0)),
    ("mole", "mol"): (Fraction(1), (0, 0, 0, 0, 0, 1, 0)),
    ("candle", "candela", "cd"): (Fraction(1), (0, 0, 0, 0, 0, 0, 1)),
    ("radian", "rad"): (Fraction(1), (0, 0, 0, 0, 0, 0, 0)),
    ("steradian", "sr"): (Fraction(1), (0, 0, 0, 0, 0, 0, 0)),
    ("hertz", "Hz"): (Fraction(1), (0, 0, -1, 0, 0, 0, 0)),
    ("newton", "N"): (Fraction(1), (1, 1, -2, 0, 0, 0, 0)),
    ("pascal", "Pa"): (Fraction(1), (-1, 1, -2, 0, 0, 0, 0)),
    ("joule", "J"): (Fraction(1), (2, 1, -2, 0, 0, 0, 0)),
    ("watt", "W"): (Fraction(1), (2, 1, -3, 0, 0, 0, 0)),
    ("coulomb", "C"): (Fraction(1), (0, 0, 1, 1, 0, 0, 0)),
    ("volt", "V"): (Fraction(1), (2, 1, -3, -1, 0, 0, 0)),
    ("farad", "F"): (Fraction(1), (-2, -1, 4, 2, 0, 0, 0)),
    ("ohm",): (Fraction(1), (2, 1, -3, -2, 0, 0, 0)),
    ("siemens", "S"): (Fraction(1), (-2, -1, 3, 2, 0, 0, 0)),
    ("weber", "Wb"): (Fraction(1), (2, 1, -2, -1, 0, 0, 0)),
    ("tesla", "T"): (Fraction(1), (0, 1, -2, -1, 0, 0, 0)),
    ("henry", "H"): (Fraction(1), (2, 1, -2, -2, 0, 0, 0)),
    ("lumen", "lm"): (Fraction(1), (0, 0, 0, 0, 0, 0, 1)),
    ("lux", "lx"): (Fraction(1), (-2, 0, 0, 0, 0, 0, 1)),
    ("becquerel", "Bq"): (Fraction(1), (0, 0, -1, 0, 0, 0, 0)),
    ("gray", "Gy"): (Fraction(1), (2, 0, -2, 0, 0, 0, 0)),
    ("sievert", "Sv"): (Fraction(1), (2, 0, -2, 0, 0, 0, 0)),
    ("katal", "kat"): (Fraction(1), (0, 0, -1, 0, 0, 1, 0)),
    ("liter", "litre", "l", "L"): (Fraction(1, 1000), (3, 0, 0, 0, 0, 0, 0)),
    ("molar", "M"): (Fraction(1000), (-3, 0, 0, 0, 0, 1, 0)),
}
# Names that take none, and that Brian2 has not.
_OTHERS = {
    ("minute", "min"): Unit(Fraction(60), (0, 0, 1, 0, 0, 0, 0)),
    ("hour", "h"): Unit(Fraction(3600), (0, 0, 1, 0, 0, 0, 0)),
    ("degree", "degrees", "deg"): Unit(_PI / 180),
    ("percent", "%"): Unit(Fraction(1, 100)),
}


# -- reading ---------------------------------------------------------------------------------------


def read(text: str, unit: str = "1", *, what: str = "value", such_as: str = "") -> float:
    """The number that ``text`` says, in ``unit``; one without a unit is in ``unit`` already.

    what    : what is read, for the sentence: "tau_m"
    such_as : an example, for the sentence
    raises  : ParameterError, in one sentence of at most 300 characters, for anything else
    """
    try:
        exact = _exact(text, unit)
        _as_float(exact * _size(unit))  # as Brian2 will hold it, in SI units
        return _as_float(exact)
    except NotRead as error:
        raise error.as_parameter_error(what, text, unit, such_as) from None


def read_whole(text: str, unit: str = "1", *, what: str = "value", such_as: str = "") -> int:
    """The whole number that ``text`` says, exactly; raises ParameterError for anything else."""
    try:
        value = _exact(text, unit)
    except NotRead as error:
        asked = "whole" if unit == "1" else unit
        raise error.as_parameter_error(what, text, asked, such_as) from None
    if value.denominator != 1:
        raise ParameterError(f"{shortened(what)} must be a whole number; got {quoted(text)}.")
    return int(value)


def number_of(value: Any, unit: str = "1", *, what: str = "value", such_as: str = "") -> float:
    """``value`` as a finite plain number in ``unit``: a number, text, or a Brian2 quantity.

    raises : ParameterError for what is none of them, is not finite or has another dimension
    """
    if isinstance(value, str):
        return read(value, unit, what=what, such_as=such_as)
    if hasattr(value, "dim") and hasattr(value, "get_best_unit"):
        value = _from_brian(value, unit, what, such_as)
    number = _plain(value)
    if number is None:
        within = "" if unit == "1" else f" in {shortened(unit)}"
        raise ParameterError(f"{shortened(what)} must be a number{within}; got {quoted(value)}.")
    if not (math.isfinite(number) and math.isfinite(number * _si_size(unit))):
        raise ParameterError(f"{shortened(what)} must be finite; got {quoted(value)}.")
    return number


def whole_of(value: Any, unit: str = "1", *, what: str = "value", such_as: str = "") -> int:
    """``value`` as a whole number in ``unit``; raises ParameterError for what is none."""
    if isinstance(value, str):
        return read_whole(value, unit, what=what, such_as=such_as)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    number = number_of(value, unit, what=what, such_as=such_as)
    if number != round(number):
        raise ParameterError(f"{shortened(what)} must be a whole number; got {quoted(value)}.")
    return int(number)


def has_unit(text: str) -> bool:
    """Whether something follows the number in ``text``."""
    found = NUMBER.match(text.strip())
    return found is not None and bool(text.strip()[found.end() :].strip(SPACES))


def split(text: str) -> tuple[Fraction, str]:
    """Number and unit of a text; raises NotRead with the reason."""
    if len(text) > LONGEST:
        raise NotRead(f"it has {len(text):,} characters")
    stripped = text.strip(SPACES + "\r\n")
    found = NUMBER.match(stripped)
    if found is None:
        raise meant(stripped)
    rest = stripped[found.end() :].lstrip(SPACES)
    if rest.startswith("*") and not rest.startswith("**"):  # 20*ms, as in Python
        rest = rest[1:].lstrip(SPACES)
        if not rest:
            raise NotRead("nothing follows the '*'")
    # "1/ms" after a number is how a rate without a name of its own is spelled.
    if rest and not (rest[0].isalpha() or rest[0] in "%/(" or re.match(r"1 */ *[A-Za-z(µμ]", rest)):
        raise meant(stripped)
    return _decimal(found), rest


def _exact(text: str, unit: str) -> Fraction:
    """The exact value of ``text`` in ``unit``."""
    number, given = split(text)
    if not given or given == unit:
        return number
    try:
        size = unit_of(given)
    except NotRead as error:
        raise meant(text.strip(SPACES + "\r\n"), error) from None
    try:
        wanted = unit_of(unit)
    except NotRead:
        raise NotRead("", wrong_unit=True) from None
    if size.dimension != wanted.dimension:
        raise NotRead("", wrong_unit=True)
    return number * size.size / wanted.size


def _decimal(found: re.Match[str]) -> Fraction:
    sign, digits, exponent = found.groups()
    value = Fraction(digits)
    if value and int(exponent or 0) not in EXPONENTS:
        raise NotRead(f"it is too {'small' if int(exponent) < 0 else 'large'} for a number here")
    value = value * Fraction(10) ** int(exponent or 0) if value else value
    return -value if sign == "-" else value


def _size(unit: str) -> Fraction:
    """A unit in SI units; 1 for one that is not known here, which is refused elsewhere."""
    try:
        return unit_of(unit).size
    except NotRead:
        return Fraction(1)


@lru_cache(maxsize=512)
def _si_size(unit: str) -> float:
    return float(_size(unit))


def _as_float(value: Fraction) -> float:
    try:
        number = float(value)
    except OverflowError:
        raise NotRead("it is too large for a number here") from None
    if value and not number:
        raise NotRead("it is too small to be told from 0")
    return number


def _plain(value: Any) -> float | None:
    """A number of Python, NumPy and the like as a float; None for anything else."""
    kind = getattr(getattr(value, "dtype", None), "kind", "")
    if isinstance(value, bool | complex) or kind in ("b", "c", "S", "U"):
        return None
    if not hasattr(value, "__float__") or getattr(value, "ndim", 0) != 0:
        return None
    try:
        return float(value)
    except OverflowError:
        return math.inf
    except Exception:  # whatever another library's number raises: it is none for us
        return None


def _from_brian(value: Any, unit: str, what: str, such_as: str) -> Any:
    """A Brian2 quantity in ``unit``: the number that, times the unit, gives it again."""
    import brian2

    try:
        scale = brian_unit(unit)
    except ParameterError:
        scale = None
    if scale is None or not brian2.have_same_dimensions(value, scale):
        raise NotRead("", wrong_unit=True).as_parameter_error(
            what, str(value), unit, such_as, bare=True
        )
    if getattr(value, "ndim", 0) != 0:
        return value
    si, size = float(value), float(scale)
    near = si / size
    # 0.3*ms is 0.3, not 0.29999999999999999, wherever that gives the same parameter.
    tries = (float(f"{near:.15g}"), float(f"{near:.16g}"), near) if math.isfinite(near) else (near,)
    return next((x for x in tries if x * size == si), near)


def read_several(text: str, kind: type, *, what: str = "values") -> tuple[Any, ...]:
    """Numbers with commas or with spaces between them, as ints or floats.

    raises : ParameterError for what is none, and where commas may be decimal ones: "0,5 1,5"
    """
    try:
        if len(text) > LONGEST * 100:
            raise ParameterError("")
        if kind is int:
            return tuple(read_whole(item) for item in text.replace(",", " ").split())
        items = text.split(",") if "," in text else text.split()
        return tuple(read(item, unit_of_name(what)) for item in items if item.strip())
    except ParameterError:
        raise ParameterError(
            f"{shortened(what)} = {quoted(text)} cannot be read: write numbers, such as 0, 3, 7."
        ) from None


def unit_of_name(name: str) -> str:
    """The unit in which a field is measured that says so in its name: ``each_ms`` -> "ms"."""
    _, found, last = name.rpartition("_")
    return last if found and last in NAMED_UNITS else "1"


# -- units -----------------------------------------------------------------------------------------


@lru_cache(maxsize=512)
def unit_of(text: str) -> Unit:
    """What a unit is worth, exactly; raises NotRead for one that is not known."""
    return ONE if text == "1" else _parsed(text, _known)


@lru_cache(maxsize=256)
def brian_unit(unit: str) -> Any:
    """The Brian2 unit of a unit string, by name ("siemens") or symbol ("S"); imports Brian2.

    Of degrees and percent, which Brian2 has not, equations get the plain number: 1.

    raises : ParameterError for a unit that Brian2 has not
    """
    if unit == "1":
        return 1
    try:
        return _parsed(unit, _known_to_brian)
    except NotRead as error:
        raise ParameterError(
            f"{quoted(unit)} is no unit of Brian2{f': {error}' if str(error) else ''}; "
            "write one such as 'ms', 'nS' or 'uA/cm**2'."
        ) from None


def _known(name: str) -> Unit:
    if name == "1":
        return ONE
    if name in (others := _without_prefix()):
        return others[name]
    prefix, base = _split_name(name)
    size, dimension = _bases()[base]
    return Unit(size * Fraction(10) ** PREFIXES.get(prefix, 0), dimension)


def _known_to_brian(name: str) -> Any:
    from brian2.units import allunits

    if name == "1" or (name in (own := _without_prefix()) and not any(own[name].dimension)):
        return 1
    prefix, base = _split_name(name)
    brian = next(names[0] for names in _BASES if base in names)
    return getattr(allunits, prefix + brian)


@lru_cache(maxsize=1)
def _bases() -> dict[str, tuple[Fraction, tuple[int, ...]]]:
    return {name: worth for names, worth in _BASES.items() for name in names}


@lru_cache(maxsize=1)
def _without_prefix() -> dict[str, Unit]:
    return {name: unit for names, unit in _OTHERS.items() for name in names}


def _split_name(name: str) -> tuple[str, str]:
    """``mV`` as ("m", "V"), ``millivolts`` as ("m", "volt"); raises NotRead."""
    bases = _bases()
    for word in (name, name.removesuffix("s") if len(name) > 4 else name):
        if word in bases:
            return "", word
        if word == "kilogram" or word == "kilogramme":
            return "k", "gram"
        for k in (1, 2):
            if word[:k] in PREFIXES and word[k:] in bases:
                return word[:k], word[k:]
        for spelled, prefix in SPELLED_OUT.items():
            base = word.removeprefix(spelled)
            if base != word and base in bases and len(base) > 2:
                return prefix, base
    raise NotRead("", unknown_unit=name)


def _parsed(text: str, known: Callable[[str], Any]) -> Any:
    """A unit, put together from those that ``known`` gives for a name."""
    if len(text) > LONGEST:
        raise NotRead(f"its unit has {len(text):,} characters")
    tokens = list(_tokens(text))
    value, rest = _product(tokens, known)
    if rest:
        raise NotRead("", unknown_unit=text)
    return value


def _tokens(text: str) -> Iterator[str]:
    text = text.replace("µ", "u").replace("μ", "u").replace("Ω", "ohm").replace("Ω", "ohm")
    text = re.sub("[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+", lambda m: "**" + m[0].translate(_SUPERSCRIPTS), text)
    text = text.replace("·", "*").replace("⋅", "*")
    for space in SPACES:
        text = text.replace(space, " ")
    for name, square, power, number, sign, other in _TOKEN.findall(text.rstrip()):
        if other:
            raise NotRead("", unknown_unit=text)
        if name:
            yield name
            if square:
                yield from ("**", square)
        else:
            yield "**" if power else number or sign


def _product(tokens: list[str], known: Callable[[str], Any]) -> tuple[Any, list[str]]:
    """The value of a product of units, and what follows it."""
    if tokens[:2] == ["1", "/"]:
        tokens = tokens[1:]
    value, rest = (known("1"), tokens) if tokens[:1] == ["/"] else _factor(tokens, known)
    divided = False
    while rest and rest[0] != ")":
        if rest[0] == "*":
            factor, rest = _factor(rest[1:], known)
            value = value * factor
        elif rest[0] == "/":
            factor, rest = _factor(rest[1:], known)
            value, divided = value / factor, True
        elif divided:  # who knows whether this one is above or below the line
            raise NotRead("", unknown_unit=" ".join(tokens))
        else:
            factor, rest = _factor(rest, known)
            value = value * factor
    return value, rest


def _factor(tokens: list[str], known: Callable[[str], Any]) -> tuple[Any, list[str]]:
    if not tokens:
        raise NotRead("its unit is not complete")
    first, *rest = tokens
    if first == "(":
        value, rest = _product(rest, known)
        if rest[:1] != [")"]:
            raise NotRead("a parenthesis is not closed")
        rest = rest[1:]
    elif first[0].isalpha() or first == "%":
        value = known(first)
    else:
        raise NotRead("", unknown_unit=" ".join(tokens))
    if rest[:1] == ["**"]:
        if len(rest) < 2 or not re.fullmatch(r"[-+]?[0-9]", rest[1]):
            raise NotRead("a power of a unit is a whole number from -9 to 9")
        return value ** int(rest[1]), rest[2:]
    return value, rest
