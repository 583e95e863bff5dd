"""The notation of bytes and lists in the cases. Knows no step and no store."""

import re


class Wrong(Exception):
    """Something is not as the cases' README.md says, or not as the model answers."""


def want(condition, otherwise):
    if not condition:
        raise Wrong(otherwise)


def to_bytes(form):
    """`"a%00"` or `{"repeat": BYTES, "times": N}`."""
    if isinstance(form, dict):
        want(form.keys() == {"repeat", "times"}, "repeated bytes have the fields repeat and times")
        return to_bytes(form["repeat"]) * natural(form["times"])
    want(isinstance(form, str), f"not bytes: {form!r}")
    want("\0" not in form, "NUL is written %00")
    want(not re.search(r"%(?![0-9A-F]{2})", form), f"a percent sign without two hexadecimal digits: {form!r}")
    return re.sub(rb"%(..)", lambda match: bytes.fromhex(match[1].decode()), form.encode())


def expand(form, missing=False):
    """A list of bytes; with `missing`, null may stand among them."""
    if isinstance(form, list):
        return [None if missing and item is None else to_bytes(item) for item in form]
    want(isinstance(form, dict), f"not a list: {form!r}")
    want({"count", "pattern"} <= form.keys() <= {"count", "pattern", "start", "step"}, f"not a list: {form!r}")
    start, step = natural(form.get("start", 0)), natural(form.get("step", 1))
    numbers = range(start, start + natural(form["count"]) * step, step)
    want(not numbers or numbers[-1] < 10**6, "numbers have six digits")
    return [to_bytes(form["pattern"].replace("{i}", f"{number:06}")) for number in numbers]


def expand_pairs(form):
    """A list of (key, value)."""
    if isinstance(form, list):
        want(all(isinstance(pair, list) and len(pair) == 2 for pair in form), "a pair is [key, value]")
        return [(to_bytes(key), to_bytes(value)) for key, value in form]
    want(isinstance(form, dict), f"not a list of pairs: {form!r}")
    want(form.keys() in ({"keys", "values"}, {"keys", "value"}), "pairs have keys, and values or a value")
    keys = expand(form["keys"])
    values = expand(form["values"]) if "values" in form else [to_bytes(form["value"])] * len(keys)
    want(len(keys) == len(values), "as many values as keys")
    return list(zip(keys, values))


def natural(number):
    want(type(number) is int and number >= 0, f"not a natural number: {number!r}")
    return number
