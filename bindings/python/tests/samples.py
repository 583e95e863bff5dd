"""Entries that tests begin with. Knows no test."""

ENTRIES = {"b": b"1", "\ud800": b"", "big": b"x" * 5000, "": b"empty key"}
