"""What a byte store answers, as a plain dict says it. Knows cases and steps, no file and no real store."""

from decode import Wrong, expand, expand_pairs, to_bytes, want

STATUSES = {"invalid_argument", "closed_handle", "out_of_memory", "over_limit", "remote_failure", "internal_error"}

# The fields of each step: those it must have, and those it may have besides `do`, `store` and `error`.
FIELDS = {
    "open": ({"url"}, set()),
    "close": (set(), set()),
    "mset": ({"pairs"}, {"scribble"}),
    "mget": ({"keys", "expect"}, {"scribble"}),
    "mdelete": ({"keys", "removed"}, {"scribble"}),
    "keys": ({"expect"}, {"prefix"}),
    "len": ({"expect"}, set()),
    "scan_start": ({"scan"}, {"prefix"}),
    "scan_next": ({"scan", "take", "expect"}, set()),
    "scan_rest": ({"scan", "expect"}, {"may_include"}),
    "race": ({"keys", "writers", "rounds", "with"}, set()),
}
ANSWERS = {"expect", "removed"}  # what a step that must fail does not have
SCAN_STEPS = {"scan_next", "scan_rest"}  # these find their store through their scan
UNKNOWN = object()  # a value that a race left behind: present, but whose it is nobody can say


class Store:
    """The entries of one store: a dict is the reference for values and for order alike."""

    def __init__(self):
        self.entries = {}
        self.born = {}  # key → when it was inserted: tells a re-inserted key from the one before it
        self.clock = 0
        self.closed = False
        self.settled = True  # False once a race left it to chance which keys are there

    def mset(self, pairs):
        for key, value in pairs:
            if key not in self.entries:
                self.clock += 1
                self.born[key] = self.clock
            self.entries[key] = value

    def mdelete(self, keys):
        return sum(self.entries.pop(key, None) is not None for key in keys)

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
        want(store.settled or do == "close", "what this store holds after its race is not determined")
        if "error" in step:
            want(do not in ("close", "scan_start"), f"whether {do} itself fails differs between languages")
            want(store.closed and step["error"] == "closed_handle", "nothing here makes this step fail so")
            expand_pairs(step["pairs"]) if do == "mset" else expand(step.get("keys", []))
            return None
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
        for name in ("removed", "take", "writers", "rounds"):
            want(type(step.get(name, 0)) is int and step.get(name, 0) >= 0, f"{name} is a natural number")

    def open(self, step):
        want(isinstance(step["url"], str), "a URL is a string")
        valid = step["url"] in ("memory:", "memory:?")
        if "error" in step:
            want(not valid and step["error"] == "invalid_argument", "this URL does not fail so")
            want("store" not in step, "a failed open names no store")
            return
        want(valid, "this URL must fail")
        want(step.get("store") is not None and step["store"] not in self.stores, "a new store needs a new name")
        self.stores[step["store"]] = Store()

    def close(self, store, _step):
        store.closed = True

    def mset(self, store, step):
        store.mset(expand_pairs(step["pairs"]))

    def mget(self, store, step):
        answer = [store.entries.get(key) for key in expand(step["keys"])]
        want(UNKNOWN not in answer, "the value after a race is not determined")
        equal(expand(step["expect"], missing=True), answer)

    def mdelete(self, store, step):
        equal(step["removed"], store.mdelete(expand(step["keys"])))

    def keys(self, store, step):
        equal(expand(step["expect"]), store.keys(to_bytes(step.get("prefix", ""))))

    def len(self, store, step):
        want(type(step["expect"]) is int, "a length is a number")
        equal(step["expect"], len(store.entries))

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
