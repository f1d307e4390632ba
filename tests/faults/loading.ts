import { fromModule, inline, type PoolOptions } from "../../mod.ts";
import type { Fault, FaultGroup, StageOptions } from "./fault.ts";
import { makeWorker } from "../fixtures/make_worker.ts";
import { tasks } from "./runs.ts";
import { note, type Shared } from "./shared.ts";

/** What a worker's file or a task's module may take, in ms, where it takes for ever. */
const START_MS = 200;
const LOAD_MS = 1_500;
const INIT_MS = 100;

const NO_WORKERS = { inline: "no worker has to start" };

// Modules of tasks

/** A module that cannot be used, by its place beside this file; `ms` later is when its time is up. */
function badModule(path: string, ms: number = 0): Fault["run"] {
  const { anything } = fromModule<{ anything(): void }>(new URL(path, import.meta.url));
  return ({ pool, shared }) => {
    note(shared, ms);
    return pool.apply(anything);
  };
}

const modules: readonly Fault[] = [
  {
    name: "a module that throws at import",
    outcome: "RangeError",
    run: badModule("../fixtures/bad/throws.ts"),
  },
  {
    name: "a module that rejects at import",
    outcome: "RangeError",
    run: badModule("../fixtures/bad/rejects.ts"),
  },
  {
    name: "a module with a syntax error",
    outcome: "SyntaxError",
    otherwise: { deno: "TypeError", bun: "AggregateError" },
    run: badModule("data:text/javascript,export const = 1;"),
  },
  {
    name: "a module that is not there",
    outcome: "Error",
    otherwise: { browser: "TypeError", bun: "ResolveMessage", deno: "TypeError" },
    run: badModule("../fixtures/no_such_module.ts"),
  },
  {
    name: "a module that does not export the function",
    outcome: "TaskNotFoundError",
    run: badModule("./tasks.ts"),
  },
  {
    name: "a module that never finishes loading (`startTimeout`)",
    outcome: "TimeoutError",
    options: () => ({ startTimeout: LOAD_MS }),
    skip: { inline: "Deno ends a program whose own import never finishes" },
    replaced: 1,
    run: badModule("../fixtures/bad/never_loads.ts", LOAD_MS),
  },
  {
    name: "a module that calls `process.exit()`",
    outcome: "WorkerLostError",
    skip: { inline: "there is no thread but the caller's own" },
    replaced: 3,
    run: badModule("../fixtures/bad/exits.ts"),
  },
];

// Initializers

/** What the faults of initializers have in common. */
const breaking = {
  outcome: "InitializerError",
  cold: true,
  ends: "broken",
  run: ({ pool }) => pool.apply(tasks.identity, [1]),
} as const satisfies Partial<Fault>;

/** An initializer that misbehaves. */
function initializing(act: string): StageOptions {
  return (shared) => ({ initializer: tasks.misbehave, initArgs: [shared, act] });
}

/** Never ends; needs no module, whose import would count as well. */
const hang = inline(({ moment }: Shared, ms: number) => {
  moment[0] = Date.now() + ms;
  return new Promise(() => {});
});

const initializers: readonly Fault[] = [
  { ...breaking, name: "an initializer that throws", options: initializing("throwError") },
  { ...breaking, name: "an initializer that rejects", options: initializing("rejectLater") },
  {
    ...breaking,
    name: "an initializer that never ends (`initTimeout`)",
    options: (shared) => ({
      initializer: hang,
      initArgs: [shared, INIT_MS],
      initTimeout: INIT_MS,
    }),
  },
  {
    ...breaking,
    name: "an initializer that calls `process.exit()`",
    skip: { inline: "there is no thread but the caller's own" },
    options: initializing("exit"),
  },
  {
    ...breaking,
    name: "an initializer whose argument cannot be cloned",
    options(shared) {
      note(shared);
      return { initializer: tasks.identity, initArgs: [() => 1] };
    },
  },
];

// Worker files

/** What the faults of worker files have in common: the fifth failed start is the last. */
const hopeless = {
  ...breaking,
  outcome: "WorkerLostError",
  skip: NO_WORKERS,
} as const satisfies Partial<Fault>;

/** Workers made from a file that is none. */
function workersFrom(path: string, startTimeout?: number, ms?: number): StageOptions {
  return madeBy(() => makeWorker(new URL(path, import.meta.url)), startTimeout, ms);
}

/** Workers made in some way; `ms` after its start is when a worker's time is up. */
function madeBy(
  make: NonNullable<PoolOptions["worker"]>,
  startTimeout: number = 30_000,
  ms: number = 0,
): StageOptions {
  return (shared) => ({
    workers: 1,
    startTimeout,
    worker() {
      note(shared, ms);
      return make();
    },
  });
}

/** Makes no worker the first four times. */
function luckyAtLast(): NonNullable<PoolOptions["worker"]> {
  let calls = 0;
  return () => {
    if (++calls < 5) throw new RangeError("no more threads");
    return makeWorker(new URL("./faults.worker.ts", import.meta.url));
  };
}

const workers: readonly Fault[] = [
  {
    ...hopeless,
    name: "a worker file that never calls `serve()` (`startTimeout`)",
    options: workersFrom("../fixtures/bad/silent_worker.ts", START_MS, START_MS),
  },
  {
    ...hopeless,
    name: "a worker file that throws",
    options: workersFrom("../fixtures/bad/throws.ts"),
  },
  {
    ...hopeless,
    name: "a worker file that calls `process.exit()`",
    options: workersFrom("../fixtures/bad/exits.ts", START_MS),
  },
  {
    ...hopeless,
    name: "a worker file with a syntax error",
    options: workersFrom("data:text/javascript,export const = 1;"),
  },
  {
    ...hopeless,
    name: "a worker file that is not there",
    options: workersFrom("../fixtures/no_such_worker.ts"),
  },
  {
    ...hopeless,
    name: "a `worker` option that throws",
    options: madeBy(() => {
      throw new RangeError("no more threads");
    }),
  },
  {
    ...hopeless,
    name: "a `worker` option that makes no worker",
    // No worker: the point of the fault.
    options: madeBy(() => ({}) as never),
  },
  {
    name: "a `worker` option that throws four times",
    outcome: "value",
    skip: NO_WORKERS,
    cold: true,
    options: (shared) => madeBy(luckyAtLast())(shared),
    run: ({ pool }) => pool.apply(tasks.identity, [1]),
  },
];

/** What does not come up. */
export const loading: FaultGroup = {
  title: "Something does not load",
  faults: [...modules, ...initializers, ...workers],
};
