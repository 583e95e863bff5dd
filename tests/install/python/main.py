"""What a user of the wheel writes. It knows no checkout."""

import sys
from importlib.metadata import version

import bytestore

store = bytestore.ByteStore()
store.mset([("user/1", b"Ada"), ("user/2", b"Grace")])
found, missing = store.mget(["user/1", "user/9"])

loaded = bytestore.ByteStore()
loaded.load_bytes(store.save_bytes(level=3))
print(f"{found.decode() if found else None}, {'found' if missing else 'missing'}, {len(loaded)} loaded")
sys.exit(version("bytestore") != bytestore.__version__)
