"""What a byte store answers, as a plain dict says it. Knows cases and steps, no file and no real store."""

import re

from decode import Wrong, expand, expand_pairs, to_bytes, want

STATUSES = {"invalid_argument", "closed_handle", "out_of_memory", "over_limit", "remote_failure", "internal_error"}

# The fields of each step: those it must have, and those it may have besides `do`, `store` and `error`.
FIELDS = {
    "open": ({"url"}, set()),
    "close": (set(), set()),
    "mset": ({"pairs"}, {"scribble", "ttl"}),
    "mget": ({"keys", "expect"}, {"scribble"}),
    "mdelete": ({"keys", "removed"}, {"scribble"}),
    "keys": ({"expect"}, {"prefix"}),
    "len": ({"expect"}, set()),
    "advance": ({"ms"}, set()),
    "counters": ({"expect"}, set()),
    "scan_start": ({"scan"}, {"prefix"}),
    "scan_next": ({"scan", "take", "expect"}, set()),
    "scan_rest": ({"scan", "expect"}, {"may_include"}),
    "race": ({"keys", "writers", "rounds", "with"}, set()),
}
ANSWERS = {"expect", "removed"}  # what a step that must fail does not have
SCAN_STEPS = {"scan_next", "scan_rest"}  # these find their store through their scan
UNKNOWN = object()  # a value that a race left behind: present, but whose it is nobody can say


UNITS = {"": 1, "B": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40}
UNITS |= {"KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}
TIMES = {"ms": 1, "s": 10**3, "m": 60 * 10**3, "h": 3600 * 10**3, "d": 86400 * 10**3}
OPTIONS = {"max_bytes": UNITS, "max_entries": {"": 1}, "max_item_bytes": UNITS, "ttl": TIMES}


def parse_options(url):
    """The options of a URL; None: it must fail."""
    if url != "memory:" and not url.startswith("memory:?"):
        return None
    options = {}
    for part in url[len("memory:?") :].split("&"):
        if part == "clock=manual" and "clock" not in options:
            options["clock"] = True
        elif part:
            found = re.fullmatch(r"([a-z_]+)=([0-9]+)([A-Za-z]*)", part, re.ASCII)
            if not found or found[1] in options or found[3] not in OPTIONS.get(found[1], {}):
                return None
            options[found[1]] = int(found[2]) * OPTIONS[found[1]][found[3]]
            if not 0 < options[found[1]] < 2**64 - 1:
                return None
    return options


class Store:
    """The entries of one store: a dict is the reference for values and for order alike."""

    def __init__(self, options=None):
        self.options = options or {}
        self.now = 0
        self.ends = {}  # key → when it ends
        self.counters = dict.fromkeys(("hits", "misses", "sets", "deletes", "evictions_by_entries"), 0)
        self.entries = {}
        self.born = {}  # key → when it was inserted: tells a re-inserted key from the one before it
        self.clock = 0
        self.closed = False
        self.settled = True  # False once a race left it to chance which keys are there

    def mset(self, pairs, ttl=None):
        for key, value in pairs:
            if key not in self.entries:
                self.clock += 1
                self.born[key] = self.clock
            self.entries[key] = value
            self.ends[key] = self.now + ttl if ttl else None
            self.counters["sets"] += 1
        most = self.options.get("max_entries", len(self.entries))
        if len(self.entries) > most:
            self.counters["evictions_by_entries"] += len(self.entries) - most
            self.settled = False  # which of them went is the library's business
        want("max_bytes" not in self.options or self.size(pairs) * 4 < self.options["max_bytes"], "too near the bound")

    @staticmethod
    def size(pairs):
        return sum(len(key) + len(value) + 100 for key, value in pairs)

    def limits(self, pairs):
        """Whether a batch is within what a store may hold."""
        largest = max((len(key) + len(value) for key, value in pairs), default=0)
        return (
            largest <= self.options.get("max_item_bytes", largest)
            and len(pairs) <= self.options.get("max_entries", len(pairs))
            and sum(len(key) + len(value) for key, value in pairs) <= self.options.get("max_bytes", 2**64)
        )

    def length(self):
        return min(len(self.entries), self.options.get("max_entries", len(self.entries)))

    def advance(self, milliseconds):
        want(self.settled, "what ends is not determined")
        self.now += milliseconds
        for key in [key for key, end in self.ends.items() if end is not None and end <= self.now]:
            del self.ends[key], self.entries[key]

    def mdelete(self, keys):
        removed = sum(self.entries.pop(key, None) is not None for key in keys)
        self.ends = {key: end for key, end in self.ends.items() if key in self.entries}
        self.counters["deletes"] += removed
        return removed

    def keys(self, prefix):
        return [key for key in self.entries if key.startswith(prefix)]


class Scan:
    """An iteration: the keys as of its first step, and which of them were there throughout."""

    def __init__(self, store, prefix):
        self.store, self.prefix = store, prefix
        self.left = None  # (key, when inserted) of those still to come; None before the first step

    def step(self):
        if self.left is None:
            want(not self.store.closed, "a first step after the close means different things in different languages")
            self.left = [(key, self.store.born[key]) for key in self.store.keys(self.prefix)]
        return self.left

    def stayed(self, entry):
        key, born = entry
        return key in self.store.entries and self.store.born[key] == born

    def next(self, take):
        given, self.left = self.step()[:take], self.step()[take:]
        want(all(map(self.stayed, given)), "a deleted key among the next ones: their answer is not determined")
        return [key for key, _ in given]

    def rest(self):
        """The keys that must come, and those that may because they were deleted meanwhile."""
        left, self.left = self.step(), []
        return [e[0] for e in left if self.stayed(e)], {e[0] for e in left if not self.stayed(e)}


class Case:
    """Runs the steps of one case and raises `Wrong` at the first that is malformed or expects something else."""

    def __init__(self):
        self.stores = {None: Store()}
        self.scans = {}

    def run(self, step):
        do = step.get("do")
        want(do in FIELDS, f"unknown operation {do!r}")
        self.check_fields(do, step)
        if do == "open":
            return self.open(step)
        if do in SCAN_STEPS:
            want(step["scan"] in self.scans, "unknown scan")
            want("error" not in step and "store" not in step, "a scan step has neither error nor store")
            return getattr(self, do)(step)
        want(step.get("store") in self.stores, "unknown store")
        store = self.stores[step.get("store")]
        want(store.settled or do in ("close", "len", "counters"), "what this store holds is not determined")
        if "error" in step:
            want(do not in ("close", "scan_start"), f"whether {do} itself fails differs between languages")
            pairs = expand_pairs(step["pairs"]) if do == "mset" else []
            expand(step.get("keys", []))
            if store.closed:
                return want(step["error"] == "closed_handle", "a closed store fails in another way")
            if do == "advance":
                return want(
                    step["error"] == "invalid_argument" and "clock" not in store.options, "this clock can be turned"
                )
            want(do == "mset" and step["error"] == "over_limit", "nothing here makes this step fail so")
            return want(not store.limits(pairs), "this batch is within the limits")
        want(do == "close" or not store.closed, "this step must fail: its store is closed")
        return getattr(self, do)(store, step)

    @staticmethod
    def check_fields(do, step):
        must, may = FIELDS[do]
        if "error" in step:
            want(step["error"] in STATUSES, f"unknown status {step['error']!r}")
            must = must - ANSWERS
        allowed = must | may | {"do", "store", "error"}
        want(must <= step.keys(), f"missing: {sorted(must - step.keys())}")
        want(step.keys() <= allowed, f"unexpected: {sorted(step.keys() - allowed)}")
        want(step.get("scribble", True) is True, "scribble is true or absent")
        for name in ("removed", "take", "writers", "rounds", "ms"):
            want(type(step.get(name, 0)) is int and step.get(name, 0) >= 0, f"{name} is a natural number")

    def open(self, step):
        want(isinstance(step["url"], str), "a URL is a string")
        options = parse_options(step["url"])
        valid = options is not None
        if "error" in step:
            want(not valid and step["error"] == "invalid_argument", "this URL does not fail so")
            want("store" not in step, "a failed open names no store")
            return
        want(valid, "this URL must fail")
        want(step.get("store") is not None and step["store"] not in self.stores, "a new store needs a new name")
        self.stores[step["store"]] = Store(options)

    def close(self, store, _step):
        store.closed = True

    def mset(self, store, step):
        pairs, ttl = expand_pairs(step["pairs"]), step.get("ttl", store.options.get("ttl"))
        want(ttl is None or (type(ttl) is int and ttl > 0), "a ttl is a number of milliseconds above 0, or null")
        want(store.limits(pairs), "this batch must fail: it is over a limit")
        store.mset(pairs, ttl)

    def mget(self, store, step):
        answer = [store.entries.get(key) for key in expand(step["keys"])]
        want(UNKNOWN not in answer, "the value after a race is not determined")
        store.counters["misses"] += answer.count(None)
        store.counters["hits"] += len(answer) - answer.count(None)
        equal(expand(step["expect"], missing=True), answer)

    def mdelete(self, store, step):
        equal(step["removed"], store.mdelete(expand(step["keys"])))

    def keys(self, store, step):
        equal(expand(step["expect"]), store.keys(to_bytes(step.get("prefix", ""))))

    def len(self, store, step):
        want(type(step["expect"]) is int, "a length is a number")
        equal(step["expect"], store.length())

    def advance(self, store, step):
        want("clock" in store.options, "this clock cannot be turned")
        store.advance(step["ms"])

    def counters(self, store, step):
        want(store.settled or "entries" not in step["expect"] or store.length() == len(store.entries), "not determined")
        counters = (
            store.counters
            | {"max_bytes": 0, "max_entries": 0}
            | {name: store.options[name] for name in ("max_bytes", "max_entries") if name in store.options}
        )
        if store.settled and len(store.ends) == len(store.entries):
            counters["key_bytes"] = sum(map(len, store.entries))
            counters["value_bytes"] = sum(map(len, store.entries.values()))
        want(step["expect"] and step["expect"].keys() <= counters.keys(), "counters that are not determined")
        equal(step["expect"], {name: counters[name] for name in step["expect"]})

    def scan_start(self, store, step):
        want(step["scan"] not in self.scans, "a new scan needs a new name")
        self.scans[step["scan"]] = Scan(store, to_bytes(step.get("prefix", "")))

    def scan_next(self, step):
        want(step["take"] > 0, "take at least one")
        equal(expand(step["expect"]), self.scans[step["scan"]].next(step["take"]))

    def scan_rest(self, step):
        must, may = self.scans[step["scan"]].rest()
        equal(expand(step["expect"]), must)
        equal(set(expand(step.get("may_include", []))), may)

    def race(self, store, step):
        keys = expand(step["keys"])
        want(step["with"] in ("mset", "mdelete"), "a race is run with mset or mdelete")
        want(keys and step["writers"] and step["rounds"], "a race needs keys, writers and rounds")
        want(len(set(keys)) == len(keys), "a race's keys differ")
        store.mset((key, UNKNOWN) for key in keys)
        store.settled = step["with"] == "mset"


def equal(expected, answer):
    if expected != answer:
        raise Wrong(f"expects {shorten(expected)}, the dict says {shorten(answer)}")


def shorten(answer):
    text = repr(answer)
    return text if len(text) <= 200 else text[:200] + "…"
