"""What a byte store holds and how its URL reads, as a plain dict says it. Knows no case, no step and no file."""

import re
from typing import NamedTuple

from decode import want

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

    def item_limits(self, pairs):
        """Whether each pair of a snapshot may be held, however many there are."""
        return all(self.limits([pair]) for pair in pairs)

    def load(self, prefix, entries):
        """What begins with the prefix is these entries now, inserted in their order."""
        for key in self.keys(prefix):
            del self.entries[key], self.ends[key]
        sets = self.counters["sets"]
        for key, value, left in entries:
            self.mset([(prefix + key, value)], left)
        self.counters["sets"] = sets  # lifetime counters are not the snapshot's

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

    def save(self):
        """Its entries as of now, in order, each with the time it has left."""
        ends = [(key, self.store.ends[self.prefix + key]) for key in self.keys(b"")]
        entries = [
            (key, self.store.entries[self.prefix + key], None if end is None else end - self.store.now)
            for key, end in ends
        ]
        return Snapshot(self.store.options, entries)

    def born(self, key):
        return self.store.born[self.prefix + key]

    def holds(self, key):
        return self.prefix + key in self.store.entries

    def length(self):
        return len(self.keys(b"")) if self.prefix else self.store.length()


class Snapshot(NamedTuple):
    """The options of a store, and its entries: key, value, milliseconds left or None."""

    options: dict
    entries: list


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
