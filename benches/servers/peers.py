"""mget of 64 keys on a server from Python: the store, and redis-py with and without hiredis, in turns.

`peers.py URL REDIS_URL` writes one line of JSON. A ratio above 1: the store is faster.
"""

import json
import statistics
import sys
import time

import redis
from redis._parsers import _RESP2Parser

from bytestore import ByteStore

KEYS, BATCH, VALUE_LEN, BATCHES, ROUNDS = 10_000, 64, 100, 100, 15

url, redis_url = sys.argv[1:]
keys = [f"key-{number:016}" for number in range(KEYS)]
batches = [[keys[(batch * 7919 + i * 104729) % KEYS] for i in range(BATCH)] for batch in range(BATCHES)]
store = ByteStore(url=url)
store.mset([(key, b"v" * VALUE_LEN) for key in keys])
clients = {
    "bytestore": store.mget,
    "redis_py_hiredis": redis.Redis.from_url(redis_url).mget,
    "redis_py": redis.Redis(connection_pool=redis.ConnectionPool.from_url(redis_url, parser_class=_RESP2Parser)).mget,
}
times: dict[str, list[float]] = {name: [] for name in clients}
for round_number in range(ROUNDS):
    for name in list(clients) if round_number % 2 == 0 else reversed(clients):
        mget = clients[name]
        start = time.perf_counter()
        for batch in batches:
            values = mget(batch)
        times[name].append((time.perf_counter() - start) / BATCHES * 1e6)
        if any(len(value) != VALUE_LEN for value in values):
            sys.exit(f"peers.py: {name} gives other values")
result = {"batch": BATCH, "value_len": VALUE_LEN}
result |= {f"{name}_us": round(statistics.median(all_times), 2) for name, all_times in times.items()}
for name in list(clients)[1:]:
    ratios = [theirs / ours for theirs, ours in zip(times[name], times["bytestore"], strict=True)]
    result[f"ratio_{name}"] = round(statistics.median(ratios), 3)
print(json.dumps(result))
