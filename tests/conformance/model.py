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
    "count": ({"prefix", "expect"}, set()),
    "delete_prefix": ({"prefix", "removed"}, set()),
    "page": ({"page", "take", "expect"}, {"prefix"}),
    "namespace": ({"prefix", "as"}, set()),
    "compute": ({"keys", "missing"}, {"values", "expect", "fails", "ttl"}),
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


def parse_url(url):
    """The name, if any, and the options of a URL; None: it must fail."""
    found = re.fullmatch(r"memory:([A-Za-z0-9._-]{1,255})?(?:\?(.*))?", url, re.ASCII)
    options = parse_options(found[2] or "") if found else None
    return None if options is None else (found[1], options)


def parse_options(query):
    """The options of a URL; None: it must fail."""
    options = {}
    for part in query.split("&"):
        if part == "clock=manual" and "clock" not in options:
            options["clock"] = True
        elif part == "erase=true" and "erase" not in options:
            options["erase"] = True
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
        self.handles = 1  # of a store with a name: the last one to be closed frees it
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


class View:
    """What a handle stands for: a store, or those of its keys that begin with a prefix, without it."""

    def __init__(self, store, prefix=b""):
        self.store, self.prefix = store, prefix
        self.closed = False
        self.pages = {}  # name → when the last key before the next page was inserted

    def full(self, keys):
        return [self.prefix + key for key in keys]

    def full_pairs(self, pairs):
        return [(self.prefix + key, value) for key, value in pairs]

    def keys(self, prefix):
        return [key[len(self.prefix) :] for key in self.store.keys(self.prefix + prefix)]

    def born(self, key):
        return self.store.born[self.prefix + key]

    def holds(self, key):
        return self.prefix + key in self.store.entries

    def length(self):
        return len(self.keys(b"")) if self.prefix else self.store.length()


class Scan:
    """An iteration: the keys as of its first step, and which of them were there throughout."""

    def __init__(self, view, prefix):
        self.view, self.prefix = view, prefix
        self.left = None  # (key, when inserted) of those still to come; None before the first step

    def step(self):
        if self.left is None:
            want(not self.view.closed, "a first step after the close means different things in different languages")
            self.left = [(key, self.view.born(key)) for key in self.view.keys(self.prefix)]
        return self.left

    def stayed(self, entry):
        key, born = entry
        return self.view.holds(key) and self.view.born(key) == born

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
        self.views = {None: View(Store())}
        self.scans = {}
        self.names = {}  # of a store: itself

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
        want(step.get("store") in self.views, "unknown store")
        view = self.views[step.get("store")]
        want(view.store.settled or do in ("close", "len", "counters"), "what this store holds is not determined")
        if "error" in step:
            return self.check_error(view, step)
        want(do == "close" or not view.closed, "this step must fail: its store is closed")
        return getattr(self, do)(view, step)

    @staticmethod
    def check_error(view, step):
        do = step["do"]
        want(do not in ("close", "scan_start"), f"whether {do} itself fails differs between languages")
        pairs = expand_pairs(step["pairs"]) if do == "mset" else []
        expand(step.get("keys", []))
        if view.closed:
            return want(step["error"] == "closed_handle", "a closed store fails in another way")
        if do == "advance":
            want(step["error"] == "invalid_argument", "a clock that cannot be turned fails in another way")
            return want("clock" not in view.store.options, "this clock can be turned")
        if do == "compute":
            missing, values = expand(step["missing"]), expand(step.get("values", []))
            pairs = list(zip(missing, values, strict=True))
        want(do in ("mset", "compute") and step["error"] == "over_limit", "nothing here makes this step fail so")
        return want(not view.store.limits(view.full_pairs(pairs)), "this batch is within the limits")

    @staticmethod
    def check_fields(do, step):
        must, may = FIELDS[do]
        if "error" in step:
            want(step["error"] in STATUSES, f"unknown status {step['error']!r}")
            must = must - ANSWERS
        allowed = must | may | {"do", "store", "error"}
        want(must <= step.keys(), f"missing: {sorted(must - step.keys())}")
        want(step.keys() <= allowed, f"unexpected: {sorted(step.keys() - allowed)}")
        for name in ("scribble", "fails"):
            want(step.get(name, True) is True, f"{name} is true or absent")
        for name in ("removed", "take", "writers", "rounds", "ms"):
            want(type(step.get(name, 0)) is int and step.get(name, 0) >= 0, f"{name} is a natural number")

    def open(self, step):
        want(isinstance(step["url"], str), "a URL is a string")
        parsed = parse_url(step["url"])
        name, options = parsed or (None, {})
        store = self.names.get(name)
        valid = parsed is not None and (store is None or options in ({}, store.options))
        if "error" in step:
            want(not valid and step["error"] == "invalid_argument", "this URL does not fail so")
            want("store" not in step, "a failed open names no store")
            return
        want(valid, "this URL must fail")
        if store is None:
            store = Store(options)
        else:
            store.handles += 1
        if name is not None:
            self.names[name] = store
        self.add(step.get("store"), View(store))

    def add(self, name, view):
        want(isinstance(name, str) and name not in self.views, "a new store needs a new name")
        self.views[name] = view

    def close(self, view, _step):
        if not view.closed:
            view.closed = True
            view.store.handles -= 1
            if view.store.handles == 0:
                self.names = {name: store for name, store in self.names.items() if store is not view.store}

    def namespace(self, view, step):
        view.store.handles += 1
        self.add(step["as"], View(view.store, view.prefix + to_bytes(step["prefix"])))

    def mset(self, view, step):
        self.set(view, expand_pairs(step["pairs"]), step)

    @staticmethod
    def set(view, pairs, step):
        ttl = step.get("ttl", view.store.options.get("ttl"))
        want(ttl is None or (type(ttl) is int and ttl > 0), "a ttl is a number of milliseconds above 0, or null")
        pairs = view.full_pairs(pairs)
        want(view.store.limits(pairs), "this batch must fail: it is over a limit")
        view.store.mset(pairs, ttl)

    def mget(self, view, step):
        equal(expand(step["expect"], missing=True), self.get(view, expand(step["keys"])))

    @staticmethod
    def get(view, keys):
        store = view.store
        answer = [store.entries.get(key) for key in view.full(keys)]
        want(UNKNOWN not in answer, "the value after a race is not determined")
        store.counters["misses"] += answer.count(None)
        store.counters["hits"] += len(answer) - answer.count(None)
        return answer

    def compute(self, view, step):
        keys = expand(step["keys"])
        answer = self.get(view, keys)
        missing = list(dict.fromkeys(key for key, value in zip(keys, answer) if value is None))
        equal(expand(step["missing"]), missing)
        want(len(step.keys() & {"expect", "fails"}) == 1, "it fails, or something is expected")
        if "fails" in step:
            want(missing and "values" not in step, "only what runs can fail, and gives no values then")
            return
        want(("values" in step) == bool(missing), "values are for what is missing")
        values = expand(step.get("values", []))
        want(len(values) == len(missing), "as many values as missing keys")
        computed = dict(zip(missing, values))
        if computed:
            self.set(view, list(computed.items()), step)
        answer = [computed[key] if value is None else value for key, value in zip(keys, answer)]
        equal(expand(step["expect"]), answer)

    def mdelete(self, view, step):
        equal(step["removed"], view.store.mdelete(view.full(expand(step["keys"]))))

    def delete_prefix(self, view, step):
        equal(step["removed"], view.store.mdelete(view.full(view.keys(to_bytes(step["prefix"])))))

    def count(self, view, step):
        want(type(step["expect"]) is int, "a count is a number")
        equal(step["expect"], len(view.keys(to_bytes(step["prefix"]))))

    def keys(self, view, step):
        equal(expand(step["expect"]), view.keys(to_bytes(step.get("prefix", ""))))

    def page(self, view, step):
        want(step["take"] > 0, "take at least one")
        position = view.pages.get(step["page"], 0)
        keys = [key for key in view.keys(to_bytes(step.get("prefix", ""))) if view.born(key) > position]
        given = keys[: step["take"]]
        view.pages[step["page"]] = view.born(given[-1]) if len(given) == step["take"] else view.store.clock
        equal(expand(step["expect"]), given)

    def len(self, view, step):
        want(type(step["expect"]) is int, "a length is a number")
        equal(step["expect"], view.length())

    def advance(self, view, step):
        want("clock" in view.store.options, "this clock cannot be turned")
        view.store.advance(step["ms"])

    def counters(self, view, step):
        store = view.store
        want(store.settled or "entries" not in step["expect"] or store.length() == len(store.entries), "not determined")
        counters = (
            store.counters
            | {"max_bytes": 0, "max_entries": 0}
            | {name: store.options[name] for name in ("max_bytes", "max_entries") if name in store.options}
        )
        if store.settled and len(store.ends) == len(store.entries):
            counters["entries"] = len(store.entries)
            counters["key_bytes"] = sum(map(len, store.entries))
            counters["value_bytes"] = sum(map(len, store.entries.values()))
        want(step["expect"] and step["expect"].keys() <= counters.keys(), "counters that are not determined")
        equal(step["expect"], {name: counters[name] for name in step["expect"]})

    def scan_start(self, view, step):
        want(step["scan"] not in self.scans, "a new scan needs a new name")
        self.scans[step["scan"]] = Scan(view, to_bytes(step.get("prefix", "")))

    def scan_next(self, step):
        want(step["take"] > 0, "take at least one")
        equal(expand(step["expect"]), self.scans[step["scan"]].next(step["take"]))

    def scan_rest(self, step):
        must, may = self.scans[step["scan"]].rest()
        equal(expand(step["expect"]), must)
        equal(set(expand(step.get("may_include", []))), may)

    def race(self, view, step):
        keys = expand(step["keys"])
        want(step["with"] in ("mset", "mdelete"), "a race is run with mset or mdelete")
        want(keys and step["writers"] and step["rounds"], "a race needs keys, writers and rounds")
        want(len(set(keys)) == len(keys), "a race's keys differ")
        view.store.mset((key, UNKNOWN) for key in view.full(keys))
        view.store.settled = step["with"] == "mset"


def equal(expected, answer):
    if expected != answer:
        raise Wrong(f"expects {shorten(expected)}, the dict says {shorten(answer)}")


def shorten(answer):
    text = repr(answer)
    return text if len(text) <= 200 else text[:200] + "…"
