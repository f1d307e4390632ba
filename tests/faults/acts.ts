/**
 * What tasks do that they should not, by name.
 *
 * @module
 */

import process from "node:process";
import { currentTask } from "../../mod.ts";
import { note, type Shared } from "./shared.ts";

/** Longest that an act blocks its thread, in ms: it looks at the gate meanwhile. */
const MAX_BLOCK = 5_000;

/** What only workers of the web's kind have. */
const scope = globalThis as {
  readonly close?: () => void;
  readonly Deno?: { exit(code: number): never };
};

/** What a task does: gets what the stage shares with it. */
export type Act = (shared: Shared) => unknown;

type Acts = Readonly<Record<string, Act>>;

const deaths: Acts = {
  exit() {
    process.exit(7);
    // Deno runs on for a moment after the call.
    return forever();
  },
  exitDeno() {
    scope.Deno?.exit(7);
    return forever();
  },
  closeSelf() {
    scope.close?.();
    return forever();
  },
  throwInTimer(shared) {
    setTimeout(() => {
      note(shared);
      throw new RangeError("thrown in a timer");
    });
    return forever();
  },
  rejectUnheard() {
    void Promise.reject(new RangeError("rejected unheard"));
    return forever();
  },
  fillMemory(shared) {
    const kept: number[][] = [];
    while (kept.length < 10_000) {
      note(shared);
      kept.push(new Array(100_000).fill(kept.length));
    }
    return kept.length;
  },
};

const results: Acts = {
  giveFunction: () => ({ open: () => 1 }),
  giveThrowingGetter: () => withGetter({ list: [1, 2, 3] }, () => fail("getter")),
  giveFailingOnce: () => withGetter({}, failAt((read) => read === 1)),
  giveFailingSecond: () => withGetter({}, failAt((read) => read === 2)),
  giveThrowingThen: () => withGetter({}, () => fail("then"), "then"),
  reportFunction: () => currentTask()?.report(() => 1),
};

const errors: Acts = {
  throwError: () => throwIt(new RangeError("plain")),
  rejectLater: () => new Promise((_, reject) => setTimeout(reject, 1, new RangeError("plain"))),
  throwUndefined: () => throwIt(undefined),
  throwNull: () => throwIt(null),
  throwText: () => throwIt("just text"),
  throwFunction: () => throwIt(() => 1),
  throwProxy: () => throwIt(new Proxy({}, {})),
  throwHostileProxy: () => throwIt(hostile(new Error("inside"))),
  throwGetter: () => throwIt(withGetter({}, () => fail("getter"))),
  throwFunctionWithin: () => throwIt(Object.assign(new RangeError("kept"), { retry: () => 1 })),
  throwGetterWithin: () => throwIt(withGetter(new RangeError("kept"), () => fail("getter"))),
  throwFailingOdd: () => throwIt(keeping(failAt((read) => read % 2 === 1))),
  throwFailingEven: () => throwIt(keeping(failAt((read) => read % 2 === 0))),
};

const waits: Acts = {
  /** Keeps its thread busy, and heeds nothing. */
  compute({ gate }) {
    arrive({ gate });
    const end = Date.now() + MAX_BLOCK;
    while (Date.now() < end && Atomics.load(gate, 0) === 0);
    return "computed";
  },
  /** Blocks its thread without any work. */
  sleep({ gate }) {
    arrive({ gate });
    return Atomics.wait(gate, 0, 0, MAX_BLOCK);
  },
  /** Never ends, but does not block its thread either. */
  hang({ gate }) {
    arrive({ gate });
    return forever();
  },
  arrive,
  answerLate: (shared) => whenAborted(shared, () => "late"),
  throwLate: (shared) => whenAborted(shared, () => fail("late")),
  reportLate(shared) {
    const task = currentTask();
    return whenAborted(shared, () => {
      task?.report("late");
      arrive(shared);
    });
  },
  /** Reports when the next task is at work. */
  reportAfterwards() {
    const task = currentTask();
    setTimeout(() => task?.report("afterwards"), 5);
    return "over";
  },
};

/** All acts, by name. */
const acts: Acts = { ...deaths, ...results, ...errors, ...waits };

/** Does what has a name. */
export function act(name: string, shared: Shared): unknown {
  const named = acts[name];
  if (named === undefined) throw new TypeError(`there is no act of the name ${name}`);
  return named(shared);
}

function forever(): Promise<never> {
  return new Promise(() => {});
}

function throwIt(value: unknown): never {
  throw value;
}

function fail(what: string): never {
  throw new RangeError(`thrown by a ${what}`);
}

function withGetter<T extends object>(target: T, get: () => unknown, key: string = "secret"): T {
  return Object.defineProperty(target, key, { enumerable: true, get });
}

/** An error with a property that has a getter inside. */
function keeping(get: () => unknown): Error {
  return Object.assign(new RangeError("kept"), { data: withGetter({}, get) });
}

/** A getter that fails at some of its reads. */
function failAt(isBad: (read: number) => boolean): () => unknown {
  let reads = 0;
  return () => isBad(++reads) ? fail("getter") : reads;
}

/** A proxy all of whose traps throw. */
function hostile(target: object): object {
  return new Proxy(target, new Proxy({}, { get: () => () => fail("trap") }));
}

function arrive({ gate }: Pick<Shared, "gate">): void {
  Atomics.add(gate, 1, 1);
}

/** Goes on a moment after its signal has aborted: its outcome is settled by then. */
async function whenAborted<R>(shared: Shared, next: () => R): Promise<R> {
  const signal = currentTask()?.signal;
  arrive(shared);
  await new Promise((wake) => signal?.addEventListener("abort", wake));
  await new Promise((wake) => setTimeout(wake, 5));
  return next();
}
