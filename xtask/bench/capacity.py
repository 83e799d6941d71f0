"""The best number of units of committed capacity by numpy, for `cargo xtask bench capacity`.

Usage: capacity.py SEED WORKLOADS MINUTES

Makes the minutes as xtask/src/bench/capacity.rs does, with the same integers, and prices them twice: by brute force (every
number of units over every minute) and sorted (once, then sums up to each number of units). Prints the seconds of both,
without those of making the minutes, and what each found, as one line of JSON.
"""

import json
import sys
import time

import numpy as np

UNIT = 2_000
INPUT, OUTPUT = 3_000_000, 15_000_000
HOURS = np.array(
    [
        [0, 0, 0, 0, 0, 0, 1, 4, 10, 14, 16, 14, 9, 13, 16, 15, 12, 7, 3, 1, 0, 0, 0, 0],
        [7, 6, 5, 5, 5, 6, 8, 10, 12, 13, 14, 14, 15, 15, 16, 15, 14, 13, 12, 12, 11, 10, 9, 8],
        [0, 16, 16, 9, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    ],
    dtype=np.uint64,
)
MASK = (1 << 64) - 1


def mix(seed):
    z = seed + np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def one(seed):
    return int(mix(np.array([seed & MASK], dtype=np.uint64))[0])


def loads(seed, workload, minutes):
    """Tokens and pico-dollars of the minutes that ask for any token."""
    size = np.uint64(1_000 + one(seed ^ (workload << 32)) % 60_000)
    minute = np.arange(minutes, dtype=np.uint64)
    drawn = mix(np.uint64((seed * 0x2545F4914F6CDD1D) & MASK ^ (workload << 32)) ^ minute)
    hour = HOURS[workload % 3][(minute // np.uint64(60) % np.uint64(24)).astype(np.int64)]
    burst = np.where((drawn >> np.uint64(32)) % np.uint64(1_024) == 0, np.uint64(8), np.uint64(1))
    tokens = size * hour * (np.uint64(128) + (drawn & np.uint64(0xFF))) // np.uint64(4_096) * burst
    output = tokens * (np.uint64(10) + (drawn >> np.uint64(8)) % np.uint64(60)) // np.uint64(100)
    cost = (tokens - output) * np.uint64(INPUT) + output * np.uint64(OUTPUT)
    busy = tokens > 0
    return tokens[busy].astype(np.float64), cost[busy].astype(np.float64)


def best(costs):
    units = int(np.argmin(costs))
    return {"units": units, "cost": float(costs[units]) / 1e12}


def brute(tokens, cost, unit_cost):
    most = int(-(-tokens.max() // UNIT)) if len(tokens) else 0
    price = cost / tokens
    return best([k * unit_cost + np.dot(np.maximum(tokens - k * UNIT, 0), price) for k in range(most + 1)])


def sort(tokens, cost, unit_cost):
    most = int(-(-tokens.max() // UNIT)) if len(tokens) else 0
    order = np.argsort(tokens)
    tokens, cost = tokens[order], cost[order]
    units = np.arange(most + 1, dtype=np.float64)
    # What is beyond k units: all minus what is not.
    at = np.searchsorted(tokens, units * UNIT, side="right")
    sums = np.concatenate(([0.0], np.cumsum(cost)))
    prices = np.concatenate(([0.0], np.cumsum(cost / tokens)))
    beyond = sums[-1] - sums[at] - units * UNIT * (prices[-1] - prices[at])
    return best(units * unit_cost + beyond)


def main():
    seed, workloads, minutes = (int(word) for word in sys.argv[1:])
    unit_cost = UNIT * (INPUT + OUTPUT) // 2 * 3 // 10 * minutes
    seconds = {brute: 0.0, sort: 0.0}
    found = {brute: [], sort: []}
    for workload in range(workloads):
        tokens, cost = loads(seed, workload, minutes)
        for engine in (brute, sort):
            start = time.perf_counter()
            answer = engine(tokens, cost, unit_cost)
            seconds[engine] += time.perf_counter() - start
            found[engine].append(answer)
    print(
        json.dumps(
            {
                "version": np.__version__,
                "brute_seconds": seconds[brute],
                "sorted_seconds": seconds[sort],
                "brute": found[brute],
                "sorted": found[sort],
            }
        )
    )


if __name__ == "__main__":
    main()
