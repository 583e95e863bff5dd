"""Saving and loading, a part of the page: read, judged, written. It must not know peers' rates."""
