"""The page's part on full stores: hit ratios on traces, read, judged, written. It must not know the rates."""
