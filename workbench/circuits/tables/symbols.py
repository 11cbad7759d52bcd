"""Names in code as symbols: ``tau_m`` is τ with the index m, ``v_post`` the target's v."""

from __future__ import annotations

import re

GREEK = (
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa",
    "lambda", "mu", "nu", "xi", "pi", "rho", "sigma", "tau", "phi", "chi", "psi", "omega",
    "Gamma", "Delta", "Theta", "Lambda", "Xi", "Pi", "Sigma", "Phi", "Psi", "Omega",
)  # fmt: skip
_LETTERS = {
    **{chr(code): f"\\{name}" for name, code in zip(
        GREEK[:22], [*range(0x3B1, 0x3BF), *range(0x3C0, 0x3C2), *range(0x3C3, 0x3C5),
                     *range(0x3C6, 0x3CA)], strict=True)},
    "Γ": "\\Gamma", "Δ": "\\Delta", "Θ": "\\Theta", "Λ": "\\Lambda", "Ξ": "\\Xi", "Π": "\\Pi",
    "Σ": "\\Sigma", "Φ": "\\Phi", "Ψ": "\\Psi", "Ω": "\\Omega", "∞": "\\infty",
}  # fmt: skip
_SIGNS = {"plus": "+", "minus": "-", "inf": "\\infty"}
# The base units are words in Brian2's code; those with a prefix are their own symbols.
_UNITS = {
    "second": "s", "volt": "V", "amp": "A", "ampere": "A", "ohm": "\\Omega", "siemens": "S",
    "farad": "F", "metre": "m", "meter": "m", "hertz": "Hz", "kilogram": "kg", "gram": "g",
    "mole": "mol", "molar": "M", "coulomb": "C", "joule": "J", "watt": "W", "kelvin": "K",
    "newton": "N", "pascal": "Pa",
}  # fmt: skip
_PREFIXED = re.compile(
    r"[yzafpnumkMGT](?:second|volt|amp|ampere|ohm|siemens|farad|metre|meter|hertz|molar|mole)"
    r"|(?:[afpnumkMG]?(?:s|V|A|S|F|Hz)|[fpnumcdk]m|[kMG]ohm|[npum]M)[234]?"
)
# "gNa", "VT", "EL", "tauw", "DeltaT": one symbol and its index without a line between them.
_RUN_TOGETHER = re.compile(
    r"(?P<head>" + "|".join(sorted(GREEK, key=len, reverse=True)) + r"|[aCDEGgIJkNnRrVvw])"
    r"(?P<index>[A-Z][A-Za-z]*\d*|[a-z]|\d+)|(?P<trace>[AaGgw])(?P<side>pre|post|plus|minus)"
)
_NUMBERED = re.compile(r"(?P<head>[A-Za-z]+?)(?P<index>\d+)")
_SPECIAL = {
    "t": "t", "dt": "\\Delta t", "pi": "\\pi", "e": "\\mathrm{e}", "inf": "\\infty",
    "not_refractory": "\\mathrm{not\\ refractory}", "True": "\\mathrm{true}",
    "False": "\\mathrm{false}", "lastspike": "t_{\\mathrm{spike}}", "N": "N",
}  # fmt: skip


def unit(name: str) -> str | None:
    """LaTeX of a unit as it is named in code, None for another name."""
    if name in _UNITS:
        return f"\\mathrm{{{_UNITS[name]}}}"
    if not _PREFIXED.fullmatch(name) or name in ("s", "A", "V", "S", "F", "m", "M"):
        return None  # single letters are variables
    power = name[-1] if name[-1] in "234" else ""
    plain = name.removesuffix(power)
    for word, short in _UNITS.items():
        if plain.endswith(word):
            plain = plain.removesuffix(word) + short
            break
    plain = plain.replace("ohm", "\\Omega")
    if plain.startswith("u") and len(plain) > 1:
        plain = "\\mu " + plain[1:]
    return f"\\mathrm{{{plain}}}" + (f"^{{{power}}}" if power else "")


def symbol(name: str) -> str:
    """LaTeX of a variable's name; the symbols of declared parameters (``τ_m``) can be given too.

    What follows an underscore is an index; ``_pre`` and ``_post`` say whose variable it is and
    stand above.
    """
    if name in _SPECIAL:
        return _SPECIAL[name]
    name = re.sub(r"(?<=\w)([+−-])$", r"_\1", name).replace("−", "-")  # "A+" is A with an index
    above = ""
    for side in ("pre", "post"):
        if name.endswith(f"_{side}") and name != f"_{side}":
            above, name = f"^{{\\mathrm{{{side}}}}}", name.removesuffix(f"_{side}")
    head, *rest = [part for part in name.split("_") if part] or ["x"]
    if head in ("pre", "post") and not rest:
        return f"\\mathrm{{{head}}}" + above
    split = (_RUN_TOGETHER.fullmatch(head) or _NUMBERED.fullmatch(head)) if len(head) > 1 else None
    if split and head not in GREEK:
        first, index = [part for part in split.groups() if part]
        head, rest = first, [index, *rest]
    index = ",".join(_part(part) for part in rest)
    return _part(head) + (f"_{{{index}}}" if index else "") + above


def _part(text: str) -> str:
    """One word of a name: a Greek letter, a single letter in italics, a word upright."""
    if text in GREEK:
        return f"\\{text}"
    if text in _SIGNS:
        return _SIGNS[text]
    if len(text) == 1 or text.isdigit():
        return _LETTERS.get(text, text)
    if any(c in _LETTERS for c in text):
        return "".join(_LETTERS.get(c, c) + (" " if c in _LETTERS else "") for c in text).strip()
    return f"\\mathrm{{{text}}}"
