#!/usr/bin/env python3
"""Records the answers of CPython's multiprocessing.Pool in cases.json.

conformance_test.ts replays them against polypool. To record again:

    python3 tests/conformance/generate.py

Every answer comes from the running Pool. None is worked out here, the default chunk
size included: that one is read off the Pool as it cuts its input. Where polypool
differs on purpose, the record still holds CPython's answer, and `differs` says what
polypool does instead.

Events and shared arrays steer the workers, so that a second run writes the same file.
The only waits by the clock are those for something that never comes.
"""

import contextlib
import json
import multiprocessing
import os
import pathlib
import platform
import signal
import subprocess
import sys
import threading
from multiprocessing.pool import Pool
from unittest import mock

# Forked workers inherit the gates below; spawned ones would have to be handed them.
CONTEXT = multiprocessing.get_context("fork")
TARGET = pathlib.Path(__file__).with_name("cases.json")

# How long a result that never comes is waited for, and how long one that must come.
NEVER = 2
SURELY = 60

# A pool must be made after these have been reset, or its workers hold the old ones.
GATE = CONTEXT.Event()
RAN = CONTEXT.Array("b", 64)
BARRIER = CONTEXT.Barrier(2)


def reset():
    """Shuts the gate and forgets what ran."""
    global GATE, RAN, BARRIER
    GATE = CONTEXT.Event()
    RAN = CONTEXT.Array("b", 64)
    BARRIER = CONTEXT.Barrier(2)


@contextlib.contextmanager
def pool_of(workers, **options):
    """A pool that is gone afterwards, whatever happens."""
    reset()
    pool = CONTEXT.Pool(workers, **options)
    try:
        yield pool
    finally:
        GATE.set()
        pool.terminate()
        pool.join()


def ran():
    """The tasks that have begun, in order of their index."""
    return [index for index, mark in enumerate(RAN) if mark]


def shown(error):
    """An error as the record writes it."""
    return f"{type(error).__name__}: {error}"


def outcome(call):
    """The type of the error that a call raises, or "None"."""
    try:
        call()
    except Exception as error:
        return type(error).__name__
    return "None"


def trail(results):
    """What an iterator gives, step by step, up to its end and one step more."""
    steps = []
    while steps[-2:] != ["StopIteration", "StopIteration"]:
        try:
            steps.append(json.dumps(next(results)))
        except StopIteration:
            steps.append("StopIteration")
        except Exception as error:
            steps.append(shown(error))
    return steps


def stopping_input(stop):
    """Counts up and raises where item `stop` would come."""
    yield from range(stop)
    raise ValueError(f"input stops at {stop}")


# What the workers run.


def square(number):
    return number * number


def add(left, right):
    return left + right


def run_or_fail(index, fails):
    RAN[index] = 1
    if fails:
        raise ValueError(f"item {index}")
    return index


def run_or_fail_one(task):
    return run_or_fail(*task)


def wait_at_gate(value):
    GATE.wait(SURELY)
    return value


def first_waits(index):
    """Item 0 waits for the gate; the others pass."""
    return wait_at_gate(index) if index == 0 else index


def first_waits_for_second(index):
    """Item 1 lets item 0 pass, so that 0 ends after 1 has begun."""
    if index == 1:
        GATE.set()
    return first_waits(index)


def second_fails_first(index):
    """Item 1 fails at once; item 0 fails when item 2 runs, which is after that."""
    if index == 2:
        GATE.set()
        return index
    first_waits(index)
    raise ValueError(f"item {index}")


def task_and_worker(index):
    return index, os.getpid()


def exit_worker():
    os._exit(3)


# Pickle sends a function by its name, which this one does not have.
NAMELESS = lambda: None  # noqa: E731


def return_function():
    return NAMELESS


class TwoPartError(Exception):
    """Pickle rebuilds an error from its args, of which this one keeps too few."""

    def __init__(self, what, where):
        super().__init__(f"{what} at {where}")


def raise_two_part():
    raise TwoPartError("crack", "hull")


INITIALIZED = []


def initialize(mark):
    INITIALIZED.append(mark)


def broken_initializer():
    raise ValueError("no instrument")


def initialized(index):
    """Which worker this is, and what its initializer has left in it."""
    return index, os.getpid(), list(INITIALIZED)


def meet_and_tell(index):
    """Waits for the other worker, so that each of two workers runs one task."""
    BARRIER.wait(SURELY)
    return initialized(index)


# Chunks.


def default_chunk_size(pool, length):
    """Looks over the Pool's shoulder while it groups `length` tasks."""
    seen = []
    grouping = Pool._get_tasks

    def spy(function, items, size):
        seen.append(size)
        return grouping(function, items, size)

    with mock.patch.object(Pool, "_get_tasks", staticmethod(spy)):
        pool.map(square, range(length))
    return seen[0]


def chunk_sizes():
    lengths = [*range(21), 24, 25, 31, 32, 33, 48, 49, 64, 65]
    lengths += [99, 100, 101, 255, 256, 257, 1000, 1001]
    rows = []
    for workers in (1, 2, 3, 4, 5, 7, 8, 16):
        with pool_of(workers) as pool:
            sizes = [default_chunk_size(pool, length) for length in lengths]
        rows.append({"workers": workers, "sizes": sizes})
    return {"lengths": lengths, "rows": rows}


def observed_chunks(pool, length, size):
    """How many tasks went into each chunk, in order."""
    groups = []
    grouping = Pool._get_tasks

    def spy(function, items, size):
        for function, batch in grouping(function, items, size):
            groups.append(len(batch))
            yield function, batch

    with mock.patch.object(Pool, "_get_tasks", staticmethod(spy)):
        pool.map(square, range(length), size)
    return groups


def chunks():
    cases = []
    with pool_of(1) as pool:
        for length, size in ((8, 3), (8, 4), (8, 1), (8, 8), (8, 20), (1, 1), (7, 2)):
            groups = observed_chunks(pool, length, size)
            cases.append({"length": length, "chunkSize": size, "chunks": groups})
    return cases


# Results and errors.


def call(pool, method, function, items, size):
    """One bulk call, its answer as a list; what comes unordered is sorted."""
    options = {} if size is None else {"chunksize": size}
    answer = list(getattr(pool, method)(function, items, **options))
    return sorted(answer) if method == "imap_unordered" else answer


def results():
    cases = []
    with pool_of(2) as pool:
        for method in ("map", "starmap", "imap", "imap_unordered"):
            function = add if method == "starmap" else square
            for length, size in ((10, None), (10, 1), (10, 3), (10, 20), (1, 1)):
                items = range(length)
                if method == "starmap":
                    items = [(index, 10 * index) for index in items]
                values = call(pool, method, function, items, size)
                case = {"method": method, "length": length, "chunkSize": size}
                cases.append({**case, "values": values})
    return cases


def error_of(call):
    try:
        call()
    except Exception as error:
        return shown(error)
    raise AssertionError("the call was meant to fail")


def map_errors():
    cases = []
    plans = ((12, 4, [5]), (12, 4, [3, 4]), (12, 4, [0, 4, 8]), (5, 1, [2]))
    plans += ((5, 5, [0]), (7, 3, [6]), (4, 1, [0, 1, 2, 3]))
    for method in ("map", "starmap"):
        function = run_or_fail if method == "starmap" else run_or_fail_one
        for length, size, failing in plans:
            items = [(index, index in failing) for index in range(length)]
            with pool_of(1) as pool:
                error = error_of(lambda: getattr(pool, method)(function, items, size))
                case = {"method": method, "length": length, "chunkSize": size}
                cases.append({**case, "failing": failing, "error": error, "ran": ran()})
    return cases


def imap_errors():
    cases = []
    goes_on = "each error stands in its place and the iterator goes on, at any chunk size"
    plans = ((5, 1, [1, 3]), (3, 1, [0]), (3, 1, [2]), (6, 2, [3]), (6, 3, [0]))
    for method in ("imap", "imap_unordered"):
        for length, size, failing in plans:
            items = [(index, index in failing) for index in range(length)]
            with pool_of(1) as pool:
                steps = trail(getattr(pool, method)(run_or_fail_one, items, size))
            case = {"method": method, "length": length, "chunkSize": size}
            case = {**case, "failing": failing, "steps": steps}
            cases.append({**case, "differs": None if size == 1 else goes_on})
    return cases


def map_input_error(pool, size, stop):
    """The error and the tasks that ran: map reads its input to the end first."""
    items = ((index, False) for index in stopping_input(stop))
    error = error_of(lambda: pool.map_async(run_or_fail_one, items, size))
    return {"steps": [error], "ran": ran()}


def imap_input_error(pool, method, size, stop):
    items = ((index, False) for index in stopping_input(stop))
    steps = trail(getattr(pool, method)(run_or_fail_one, items, size))
    return {"steps": steps, "ran": ran()}


def input_difference(method, size, stop):
    if method == "map":
        return "input is read as workers have room, so items before the error may run"
    if stop % size:
        return "every result before the error is given, not those of whole chunks only"
    return None


def input_errors():
    cases = []
    for method in ("map", "imap", "imap_unordered"):
        for size in (1, 2, 4):
            for stop in (0, 3, 4):
                with pool_of(1) as pool:
                    if method == "map":
                        seen = map_input_error(pool, size, stop)
                    else:
                        seen = imap_input_error(pool, method, size, stop)
                case = {"method": method, "chunkSize": size, "stop": stop, **seen}
                cases.append({**case, "differs": input_difference(method, size, stop)})
    return cases


def empty_async(pool, method, size):
    called = []
    options = {} if size is None else {"chunksize": size}
    submit = getattr(pool, method)
    result = submit(square, [], callback=called.append, **options)
    answer = {"ready": result.ready(), "successful": result.successful()}
    return {**answer, "value": result.get(SURELY), "callbacks": len(called)}


def empty_inputs():
    cases = []
    with pool_of(1) as pool:
        for method in ("map_async", "starmap_async"):
            for size in (None, 1, 3):
                answer = empty_async(pool, method, size)
                cases.append({"method": method, "chunkSize": size, **answer})
        for method in ("map", "starmap", "imap", "imap_unordered"):
            for size in (None, 1, 3):
                value = call(pool, method, square, [], size)
                answer = {"ready": None, "successful": None, "callbacks": None}
                case = {"method": method, "chunkSize": size, "value": value}
                cases.append({**case, **answer})
    return cases


# Life of the pool and of its workers.

SUBMISSIONS = {
    "apply": lambda pool: pool.apply(square, (1,)),
    "apply_async": lambda pool: pool.apply_async(square, (1,)),
    "map": lambda pool: pool.map(square, [1]),
    "map_async": lambda pool: pool.map_async(square, [1]),
    "starmap": lambda pool: pool.starmap(add, [(1, 2)]),
    "starmap_async": lambda pool: pool.starmap_async(add, [(1, 2)]),
    "imap": lambda pool: pool.imap(square, [1]),
    "imap_unordered": lambda pool: pool.imap_unordered(square, [1]),
    "map of nothing": lambda pool: pool.map(square, []),
}
CALLS = {
    **SUBMISSIONS,
    "close": lambda pool: pool.close(),
    "terminate": lambda pool: pool.terminate(),
    "join": lambda pool: pool.join(),
}


def lifecycle():
    plans = [[], ["close"], ["close", "close"], ["terminate"]]
    plans += [["terminate", "terminate"], ["terminate", "close"], ["close", "terminate"]]
    plans += [["join"], ["close", "join", "join"], ["terminate", "join", "join"]]
    plans += [["join", "close", "join", "terminate", "close", "join"]]
    plans += [[end, *SUBMISSIONS] for end in ("close", "terminate")]
    plans += [["close", "join", "apply", "imap"], ["terminate", "join", "map"]]
    cases = []
    for calls in plans:
        with pool_of(1) as pool:
            answers = [outcome(lambda: CALLS[name](pool)) for name in calls]
            cases.append({"calls": calls, "answers": answers, "state": pool._state})
    return cases


def shares(pairs):
    """The tasks of each worker, workers in the order of their first task."""
    tasks = {}
    for index, worker in sorted(pairs):
        tasks.setdefault(worker, []).append(index)
    return list(tasks.values())


def lifetimes():
    differs = "tasks are counted, not chunks: a chunk is cut to what its worker has left"
    plans = ((1, 6, 1, 2), (1, 5, 1, 1), (1, 7, 1, 3), (2, 6, 1, 1), (1, 3, 1, 5))
    plans += ((1, 6, 2, 1), (1, 8, 2, 3), (1, 6, 6, 4))
    cases = []
    for workers, length, size, limit in plans:
        with pool_of(workers, maxtasksperchild=limit) as pool:
            seen = shares(pool.map(task_and_worker, range(length), size))
        case = {"workers": workers, "tasks": length, "chunkSize": size, "maxTasks": limit}
        cases.append({**case, "shares": seen, "differs": None if size == 1 else differs})
    return cases


def bad_arguments():
    zero = "0 workers run every task on the calling thread"
    kind = "a wrong type is a TypeError, a wrong number a RangeError"
    silent = "a chunk size below 1 is a RangeError at the call"
    plans = [("processes", 0, zero), ("processes", -1, None), ("processes", 1.5, kind)]
    plans += [("processes", "2", None), ("processes", True, kind)]
    plans += [("maxtasksperchild", value, None) for value in (0, -1, 0.5)]
    plans += [("maxtasksperchild", "12", kind), ("initializer", "initialize", None)]
    plans += [("initializer", 22, None)]
    cases = []
    for name, value, differs in plans:
        answer = outcome(lambda: CONTEXT.Pool(**{name: value}).terminate())
        case = {"where": "Pool", "argument": name, "value": value}
        cases.append({**case, "answer": answer, "differs": differs})
    with pool_of(1) as pool:
        for method in ("map", "imap", "imap_unordered"):
            for value in (0, -1):
                answer = outcome(lambda: getattr(pool, method)(square, [1, 2], value))
                case = {"where": method, "argument": "chunksize", "value": value}
                case = {**case, "answer": answer}
                cases.append({**case, "differs": silent if method == "map" else None})
    return cases


# Facts: one sentence and one answer each.

FACTS = {}


def fact(name, differs=None, hangs=False):
    """Registers a function that gives the answer. Some leave a pool that hangs."""

    def register(answer):
        FACTS[name] = {"answer": answer, "differs": differs, "hangs": hangs}
        return answer

    return register


def settled(result):
    """The type of the error that `get` raises, or its value."""
    try:
        return result.get(NEVER)
    except Exception as error:
        return type(error).__name__


@fact("imap() gives input order when a later task ends first")
def _():
    with pool_of(2) as pool:
        return list(pool.imap(first_waits_for_second, range(4)))


def unordered(length, size):
    """Opens the gate of the first chunk when all the others are here."""
    with pool_of(2) as pool:
        results = pool.imap_unordered(first_waits, range(length), size)
        early = [next(results) for _ in range(length - size)]
        GATE.set()
        return early + list(results)


@fact("imap_unordered() gives what has ended while the first task waits")
def _():
    return unordered(4, 1)


@fact(
    "imap_unordered() in chunks of 2 gives the other chunks while the first one waits",
    differs="the task behind the one that waits may be done by another worker",
)
def _():
    return unordered(6, 2)


@fact("next() that times out leaves the iterator usable")
def _():
    with pool_of(1) as pool:
        results = pool.imap(wait_at_gate, [7, 8])
        early = outcome(lambda: results.next(timeout=0.01))
        GATE.set()
        return [early, results.next(timeout=SURELY), results.next(timeout=SURELY)]


@fact("map() fails with the first error to arrive, not with the first in the input")
def _():
    with pool_of(2) as pool:
        return error_of(lambda: pool.map(second_fails_first, range(3), 1))


@fact("map() that fails is ready only when every chunk has ended")
def _():
    with pool_of(2) as pool:
        result = pool.map_async(fail_or_wait, range(2), 1)
        # Item 0 is answered before this, which runs on the worker that is left.
        pool.apply(square, (1,))
        early = result.ready()
        GATE.set()
        return [early, error_of(lambda: result.get(SURELY))]


def fail_or_wait(index):
    if index == 0:
        raise ValueError("item 0")
    return wait_at_gate(index)


def callback_counts(submit):
    """How often each callback ran, what it got, and whether ready() was true in it."""
    seen = []
    box = []
    known = threading.Event()

    def note(kind, value):
        # The result may be in before the submitting call has returned.
        known.wait(SURELY)
        text = shown(value) if isinstance(value, Exception) else value
        seen.append([kind, text, box[0].ready()])

    options = {"callback": lambda value: note("callback", value)}
    options["error_callback"] = lambda error: note("error_callback", error)
    box.append(submit(options))
    known.set()
    box[0].wait(SURELY)
    return {"seen": list(seen), "ready": box[0].ready()}


@fact("apply_async() that succeeds runs callback once, before it is ready")
def _():
    with pool_of(1) as pool:
        return callback_counts(lambda more: pool.apply_async(square, (7,), **more))


@fact("apply_async() that fails runs error_callback once, before it is ready")
def _():
    with pool_of(1) as pool:
        failing = (0, True)
        return callback_counts(lambda more: pool.apply_async(run_or_fail, failing, **more))


@fact("map_async() that succeeds runs callback once, with the whole list")
def _():
    with pool_of(1) as pool:
        return callback_counts(lambda more: pool.map_async(square, range(5), 2, **more))


@fact("map_async() in which three chunks fail runs error_callback once")
def _():
    with pool_of(1) as pool:
        items = [(index, True) for index in range(3)]
        return callback_counts(lambda more: pool.starmap_async(run_or_fail, items, 1, **more))


@fact("get() that times out leaves the job running, and later calls give its value")
def _():
    with pool_of(1) as pool:
        result = pool.apply_async(wait_at_gate, (7,))
        early = [outcome(lambda: result.get(wait)) for wait in (0, 0.01)]
        GATE.set()
        return [*early, result.get(SURELY), result.get(SURELY)]


@fact("wait() gives nothing and raises nothing, ready or not, failed or not")
def _():
    with pool_of(1) as pool:
        result = pool.apply_async(wait_at_gate, (7,))
        answers = [result.wait(0.01), result.ready()]
        GATE.set()
        failed = pool.apply_async(run_or_fail, (0, True))
        return [*answers, failed.wait(SURELY), failed.ready()]


@fact("successful() raises before the result is ready, and tells how it ended after")
def _():
    with pool_of(1) as pool:
        result = pool.apply_async(wait_at_gate, (7,))
        early = outcome(result.successful)
        GATE.set()
        failed = pool.apply_async(run_or_fail, (0, True))
        failed.wait(SURELY)
        return [early, result.successful(), failed.successful()]


@fact("close() lets everything queued run, and results are there after join()")
def _():
    with pool_of(1) as pool:
        many = [pool.apply_async(wait_at_gate, (index,)) for index in range(4)]
        pool.close()
        GATE.set()
        pool.join()
        return [result.get(SURELY) for result in many]


@fact("a pool used as a context manager is terminated at the end of its block")
def _():
    reset()
    with CONTEXT.Pool(1) as pool:
        value = pool.apply(square, (7,))
    answers = [value, pool._state, outcome(lambda: pool.map_async(square, [1]))]
    pool.join()
    return answers


def workers_seen(answers):
    """What the initializer had left in each worker, one entry for each worker."""
    return list({worker: marks for _, worker, marks in answers}.values())


@fact("initializer runs once in each worker before its first task")
def _():
    with pool_of(2, initializer=initialize, initargs=("north",)) as pool:
        return workers_seen(pool.map(meet_and_tell, range(2), 1))


@fact("initializer runs again in each replacement")
def _():
    options = {"initializer": initialize, "initargs": ("north",), "maxtasksperchild": 2}
    with pool_of(1, **options) as pool:
        return workers_seen(pool.map(initialized, range(6), 1))


@fact("an argument that cannot be sent fails its own job, and the pool stays usable")
def _():
    with pool_of(1) as pool:
        errors = [settled(pool.apply_async(square, (NAMELESS,))) for _ in range(2)]
        return [*errors, pool.apply(square, (7,))]


@fact("a result that cannot be sent fails its own job, and the worker lives on")
def _():
    with pool_of(1) as pool:
        before = pool.map(task_and_worker, [0])
        errors = [settled(pool.apply_async(return_function)) for _ in range(3)]
        return [*errors, pool.map(task_and_worker, [0]) == before]


@fact(
    "map() with a chunk size of 0 gives None for each item and runs nothing",
    differs="a chunk size below 1 is a RangeError at the call",
)
def _():
    with pool_of(1) as pool:
        items = [(index, False) for index in range(3)]
        return [pool.map(run_or_fail_one, items, 0), ran()]


@fact(
    "imap() without a buffer size reads its whole input before the first next()",
    differs="reading stops when the buffer is full, whose size is bounded by default",
)
def _():
    read = []
    done = threading.Event()

    def source():
        for index in range(20):
            read.append(index)
            yield index
        done.set()

    with pool_of(1) as pool:
        results = pool.imap(wait_at_gate, source())
        done.wait(SURELY)
        count = len(read)
        GATE.set()
        return [count, len(list(results))]


@fact(
    "imap() in chunks of 2 has no next(timeout)",
    differs="a ResultIterator is the same thing at any chunk size",
)
def _():
    with pool_of(1) as pool:
        return hasattr(pool.imap(square, range(4), 2), "next")


@fact(
    "an abandoned imap() still runs all its tasks",
    differs="leaving a for await loop drops the tasks that have not started",
)
def _():
    with pool_of(1) as pool:
        for _ in pool.imap(run_or_fail_one, [(index, False) for index in range(20)]):
            break
        # One worker, one queue: what is submitted now runs after all of them.
        pool.apply(square, (1,))
        return len(ran())


@fact(
    "a result that terminate() finds unfinished never becomes ready",
    differs="it rejects with PoolTerminatedError",
)
def _():
    with pool_of(1) as pool:
        running = pool.apply_async(wait_at_gate, (7,))
        queued = pool.apply_async(wait_at_gate, (8,))
        pool.terminate()
        pool.join()
        return [settled(running), settled(queued)]


@fact(
    "a task whose worker ends never settles, and the next one runs",
    differs="it rejects with WorkerLostError",
)
def _():
    with pool_of(1) as pool:
        return [settled(pool.apply_async(exit_worker)), pool.apply(square, (7,))]


@fact(
    "an initializer that fails is started again for ever",
    differs="the pool breaks: every job rejects with InitializerError",
    hangs=True,
)
def _():
    pool = CONTEXT.Pool(1, initializer=broken_initializer)
    return [settled(pool.apply_async(square, (7,))), pool._state]


@fact(
    "a callback that raises stops all results",
    differs="its exception becomes the error of its own job (as in CPython 3.16)",
    hangs=True,
)
def _():
    pool = CONTEXT.Pool(1)
    result = pool.apply_async(square, (7,), callback=lambda value: 1 // 0)
    return [settled(result), settled(pool.apply_async(square, (7,)))]


@fact(
    "an error that cannot be rebuilt from its arguments stops all results",
    differs="it arrives with its name and message",
    hangs=True,
)
def _():
    pool = CONTEXT.Pool(1)
    result = pool.apply_async(raise_two_part)
    return [settled(result), settled(pool.apply_async(square, (7,)))]


def answer_in_child(name):
    """Asks a process of its own, which is ended with all its workers by its group."""
    command = [sys.executable, __file__, "--fact", name]
    child = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        return json.loads(child.stdout.readline())
    finally:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        child.stdout.close()


def facts():
    cases = []
    for name, known in FACTS.items():
        answer = answer_in_child(name) if known["hangs"] else known["answer"]()
        cases.append({"name": name, "answer": answer, "differs": known["differs"]})
    return cases


# The file.


def flat(value):
    """JSON on one line, with the spaces that `deno fmt` wants."""
    if isinstance(value, dict) and value:
        items = (f"{json.dumps(key)}: {flat(value[key])}" for key in sorted(value))
        return f"{{ {', '.join(items)} }}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(flat, value))}]"
    return json.dumps(value)


def pretty(value, column=0, margin=""):
    """JSON that stays as it is under `deno fmt`: on one line what fits into 80."""
    line = flat(value)
    if not isinstance(value, (dict, list)) or len(margin) + column + len(line) < 80:
        return line
    inner = margin + "  "
    if isinstance(value, list):
        lines = [inner + pretty(item, 0, inner) for item in value]
        return "[\n" + ",\n".join(lines) + f"\n{margin}]"
    lines = []
    for key in sorted(value):
        label = f"{json.dumps(key)}: "
        lines.append(inner + label + pretty(value[key], len(label), inner))
    return "{\n" + ",\n".join(lines) + f"\n{margin}}}"


def record():
    """Every section of the file."""
    return {
        "python": platform.python_version(),
        "writtenBy": "tests/conformance/generate.py",
        "chunkSizes": chunk_sizes(),
        "chunks": chunks(),
        "results": results(),
        "mapErrors": map_errors(),
        "imapErrors": imap_errors(),
        "inputErrors": input_errors(),
        "emptyInputs": empty_inputs(),
        "lifecycle": lifecycle(),
        "lifetimes": lifetimes(),
        "badArguments": bad_arguments(),
        "facts": facts(),
    }


def main():
    if sys.argv[1:2] == ["--fact"]:
        print(json.dumps(FACTS[sys.argv[2]]["answer"]()), flush=True)
        # The pool hangs: its own end would wait for it for ever.
        os._exit(0)
    TARGET.write_text(pretty(record()) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
