"""Turns the benchmark's results into docs/performance.md and its plots; knows nothing of how they were measured."""
