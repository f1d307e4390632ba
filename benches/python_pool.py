"""The workloads on CPython's multiprocessing.Pool, as its users write them.

    python3 python_pool.py <workload> '<sizes as JSON>'

Prints one line of JSON. Without a workload it is the shortest program that gets a result.
"""

import json
import math
import multiprocessing
import random
import resource
import statistics
import sys
import time

WORKERS = 2
MIB = 1024 * 1024

# How many tasks and how often, by the name of the metric.
OUTSTANDING = {
    "us1k": (1000, 41),
    "us10k": (10_000, 5),
    "us100k": (100_000, 1),
    "us500k": (500_000, 1),
}


def increment(n):
    return n + 1


def square(n):
    return n * n


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def echo(buffer):
    return buffer


def text_length(text):
    return len(text)


def to_point(n):
    return {"id": n, "x": n + 0.5, "y": n / 3, "name": f"point {n}"}


def scale(point):
    return {"id": point["id"], "x": point["x"] * 2, "y": point["y"] * 2, "name": point["name"]}


def spin(ms):
    end = time.perf_counter() + ms / 1000
    while time.perf_counter() < end:
        pass
    return ms


def open_warm():
    pool = multiprocessing.Pool(WORKERS)
    pool.map(spin, [10] * 2 * WORKERS, chunksize=1)
    return pool


def apply_all(pool, task, items):
    results = [pool.apply_async(task, (item,)) for item in items]
    return [result.get() for result in results]


def ms_of(run):
    start = time.perf_counter()
    run()
    return (time.perf_counter() - start) * 1000


def tiny_apply(tasks, repeats):
    pool = open_warm()
    times = [ms_of(lambda: apply_all(pool, increment, range(tasks))) for _ in range(repeats + 1)]
    rates = [tasks / ms * 1000 for ms in times]
    return {"tasksPerSecond": statistics.median(rates[1:]), "firstTasksPerSecond": rates[0]}


def one_awaited(warmUp, tasks):
    pool = open_warm()
    times = [ms_of(lambda: pool.apply(increment, (n,))) * 1000 for n in range(warmUp + tasks)]
    hundredths = statistics.quantiles(times[warmUp:], n=100, method="inclusive")
    return {"p50Us": hundredths[49], "p99Us": hundredths[98]}


def measure_map(task, items, calls):
    pool = open_warm()
    rates = [len(items) / ms_of(lambda: pool.map(task, items)) * 1000 for _ in range(calls)]
    return {"firstItemsPerSecond": rates[0], "warmItemsPerSecond": statistics.median(rates[3:])}


def map_numbers(items, calls):
    return measure_map(square, list(range(items)), calls)


def map_objects(items, calls):
    return measure_map(scale, [to_point(n) for n in range(items)], calls)


def buffers_cloned(trips):
    pool = open_warm()
    buffer = bytes(MIB)
    ms = ms_of(lambda: [pool.apply(echo, (buffer,)) for _ in range(trips)])
    return {"mibPerSecond": trips / ms * 1000}


def fib_speedup(tasks, n):
    serial = ms_of(lambda: [fib(n) for _ in range(tasks)])
    pool = open_warm()
    return {"speedup": serial / ms_of(lambda: apply_all(pool, fib, [n] * tasks))}


def outstanding(patience):
    pool = open_warm()
    metrics = {}
    for name, (tasks, repeats) in OUTSTANDING.items():
        if tasks * metrics.get("us10k", 0) / 1e6 > patience:
            return metrics
        times = [ms_of(lambda: apply_all(pool, increment, range(tasks))) for _ in range(repeats)]
        metrics[name] = statistics.median(times) / tasks * 1000
    # In KiB, but on macOS in bytes; of this process alone.
    unit = MIB if sys.platform == "darwin" else 1024
    metrics["peakRssMib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
    return metrics


def mixed(longMs, tiny):
    pool = open_warm()
    apply_all(pool, increment, range(tiny))

    def run():
        pool.apply_async(spin, (longMs,))
        apply_all(pool, increment, range(tiny))

    return {"allTinyBackMs": ms_of(run)}


def skewed(items, shortMs, longMs):
    pool = open_warm()
    times = [shortMs if n < items * 0.99 else longMs for n in range(items)]
    ideal = math.fsum(times) / WORKERS
    return {"overIdeal": ms_of(lambda: pool.map(spin, times)) / ideal}


def many_pools(pools, tasks):
    def run():
        opened = [multiprocessing.Pool(WORKERS) for _ in range(pools)]
        results = [[pool.apply_async(increment, (n,)) for n in range(tasks)] for pool in opened]
        return [result.get() for of_pool in results for result in of_pool]

    return {"ms": ms_of(run)}


def big_strings(strings, length):
    pool = open_warm()
    text = "a" * length
    ms = ms_of(lambda: apply_all(pool, text_length, [text] * strings))
    return {"mibPerSecond": strings * length / MIB / ms * 1000}


def mixed_cost(tasks):
    pool = open_warm()
    lengths = [0.01 + 1.99 * n / (tasks - 1) for n in range(tasks)]
    random.Random(12345).shuffle(lengths)
    return {"ms": ms_of(lambda: apply_all(pool, spin, lengths))}


def start():
    with multiprocessing.Pool(WORKERS) as pool:
        print(pool.apply(increment, (1,)), flush=True)


WORKLOADS = {
    "big_strings": big_strings,
    "buffers_cloned": buffers_cloned,
    "fib": fib_speedup,
    "many_pools": many_pools,
    "map_numbers": map_numbers,
    "map_objects": map_objects,
    "mixed": mixed,
    "mixed_cost": mixed_cost,
    "one_awaited": one_awaited,
    "outstanding": outstanding,
    "skewed": skewed,
    "tiny_apply": tiny_apply,
}

if __name__ == "__main__":
    if len(sys.argv) < 3:
        start()
    else:
        metrics = WORKLOADS[sys.argv[1]](**json.loads(sys.argv[2]))
        print(json.dumps({"metrics": metrics}))
