"""What the steps of a case answer, beside the reference. Knows cases and steps, no file and no real store."""

from decode import Wrong, expand, expand_pairs, to_bytes, want
from reference import UNKNOWN, Scan, Store, View, parse_url

STATUSES = {"invalid_argument", "closed_handle", "out_of_memory", "over_limit", "remote_failure", "internal_error"}
STATUSES |= {"io_failure", "bad_snapshot", "unsupported"}

# The fields of each step: those it must have, and those it may have besides `do`, `store` and `error`.
FIELDS = {
    "open": (set(), {"url", "snapshot"}),
    "save": ({"as"}, set()),
    "load": ({"from"}, {"cut", "flip"}),
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
VERSION = range(8, 12)  # bytes of a snapshot that say what form it has
ANSWERS = {"expect", "removed"}  # what a step that must fail does not have
SCAN_STEPS = {"scan_next", "scan_rest"}  # these find their store through their scan


class Case:
    """Runs the steps of one case and raises `Wrong` at the first that is malformed or expects something else."""

    def __init__(self):
        self.views = {None: View(Store())}
        self.scans = {}
        self.names = {}  # of a store: itself
        self.snapshots = {}

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

    def check_error(self, view, step):
        do = step["do"]
        want(do not in ("close", "scan_start"), f"whether {do} itself fails differs between languages")
        pairs = expand_pairs(step["pairs"]) if do == "mset" else []
        expand(step.get("keys", []))
        if view.closed:
            return want(step["error"] == "closed_handle", "a closed store fails in another way")
        if do == "advance":
            want(step["error"] == "invalid_argument", "a clock that cannot be turned fails in another way")
            return want("clock" not in view.store.options, "this clock can be turned")
        if do == "load":
            snapshot = self.snapshot(step)
            if step.keys() & {"cut", "flip"}:
                error = "unsupported" if step.get("flip") in VERSION else "bad_snapshot"
                return want(step["error"] == error, "a file that is not whole fails in another way")
            pairs = [(key, value) for key, value, _ in snapshot.entries]
        if do == "compute":
            missing, values = expand(step["missing"]), expand(step.get("values", []))
            pairs = list(zip(missing, values, strict=True))
        want(
            do in ("mset", "compute", "load") and step["error"] == "over_limit", "nothing here makes this step fail so"
        )
        limits = view.store.item_limits if do == "load" else view.store.limits
        return want(not limits(view.full_pairs(pairs)), "this batch is within the limits")

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
        for name in ("removed", "take", "writers", "rounds", "ms", "cut", "flip"):
            want(type(step.get(name, 0)) is int and step.get(name, 0) >= 0, f"{name} is a natural number")

    def open(self, step):
        want(len(step.keys() & {"url", "snapshot"}) == 1, "a URL or a snapshot")
        if "snapshot" in step:
            want("error" not in step, "whole snapshots can be opened")
            snapshot = self.snapshot({"from": step["snapshot"]})
            store = Store(snapshot.options)
            store.load(b"", snapshot.entries)
            return self.add(step.get("store"), View(store))
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

    def save(self, view, step):
        want(isinstance(step["as"], str) and step["as"] not in self.snapshots, "a new snapshot needs a new name")
        self.snapshots[step["as"]] = view.save()

    def snapshot(self, step):
        want(step["from"] in self.snapshots, "unknown snapshot")
        want(len(step.keys() & {"cut", "flip"}) < 2, "cut or flip")
        want(step.get("cut", 1) > 0, "cut something off")
        return self.snapshots[step["from"]]

    def load(self, view, step):
        snapshot = self.snapshot(step)
        want(not step.keys() & {"cut", "flip"}, "a file that is not whole must fail")
        want(view.store.item_limits([(key, value) for key, value, _ in snapshot.entries]), "an entry is over a limit")
        view.store.load(view.prefix, snapshot.entries)

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
