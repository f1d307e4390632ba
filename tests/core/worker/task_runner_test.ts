import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ClaimWords, SHARED_BYTES } from "../../../core/wire/shared_memory.ts";
import { decodeError, encodeError } from "../../../core/wire/error_codec.ts";
import type { TaskThread } from "../../../core/worker/outbox.ts";
import { unpack } from "../../../core/wire/packing.ts";
import type { FromWorker, WireChunk } from "../../../core/wire/protocol.ts";
import { currentTask } from "../../../core/worker/task_context.ts";
import { TaskRunner } from "../../../core/worker/task_runner.ts";
import { SyncScope, type TaskScope, thread } from "../../../core/worker/thread_state.ts";

/** Lets everything happen that waits for nothing but its turn. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
}

/** A runner on a thread of which the test sees every message. */
class Thread {
  readonly posted: FromWorker[] = [];
  readonly runner: TaskRunner;
  readonly memory = new SharedArrayBuffer(SHARED_BYTES);

  /** @param scope Where tasks run that have the thread not for themselves. */
  constructor(scope?: TaskScope) {
    const own: TaskThread = {
      post: (message) => void this.posted.push(structuredClone(message)),
      now: () => 0,
      stop: () => {},
      scope,
      isShared: scope !== undefined,
    };
    this.runner = new TaskRunner(own);
    thread().provider = scope === undefined ? this.runner : undefined;
    const init = { kind: "init", workerName: "w-1", modules: [], initializer: undefined } as const;
    this.runner.receive({ ...init, memory: this.memory });
  }

  /** Runs a function given as source on items; gives the outcomes. */
  async run(
    source: string,
    items: unknown[],
    chunk: Partial<WireChunk> = {},
    allowed: number = items.length,
  ): Promise<unknown[]> {
    new ClaimWords(this.memory).open(0, allowed);
    const ref = { kind: "source", source, name: "" } as const;
    const shape = { spread: false, stopOnError: false, tellsEachTask: false, eager: false };
    const wire = { id: 0, fn: 0, word: 0, ref, items, ...shape, ...chunk };
    this.runner.receive({ kind: "run", chunks: [wire] });
    await turns();
    return this.outcomes();
  }

  /** Values and errors, in the order in which they were sent. */
  outcomes(): unknown[] {
    return this.posted.flatMap((message) => {
      if (message.kind !== "results") return [];
      const errors = new Map(message.errors);
      return Array.from(unpack(message.values), (value, at) => {
        const record = errors.get(message.from + at);
        return record === undefined ? value : decodeError(record);
      });
    });
  }

  /** Runs the one function of an object, which may reach what is around it. */
  serve(module: object, items: unknown[], chunk: Partial<WireChunk> = {}): Promise<unknown[]> {
    this.runner.serve(module);
    const ref = { kind: "served", name: Object.keys(module).join() } as const;
    return this.run("", items, { ref, ...chunk });
  }

  /** The pool says that a chunk's task is to end. */
  abort(chunk: number, reason: unknown): void {
    this.runner.receive({ kind: "abort", chunk, reason: encodeError(reason) });
  }
}

/** A test with a scope of its own, which ends with its code's synchronous part. */
function inScope(test: (scope: TaskScope) => Promise<void>): () => Promise<void> {
  return async () => {
    const before = thread().scope;
    const scope = thread().scope = new SyncScope();
    await test(scope).finally(() => thread().scope = before);
  };
}

describe("TaskRunner", () => {
  it("runs sync and async tasks in order", async () => {
    const source = "(n) => n % 2 ? n * 10 : Promise.resolve(n * 10)";
    assert.deepEqual(await new Thread().run(source, [1, 2, 3, 4]), [10, 20, 30, 40]);
  });

  it("runs no task that was taken back", async () => {
    // Only the first two of the four may begin.
    assert.deepEqual(await new Thread().run("(n) => n", [1, 2, 3, 4], {}, 2), [1, 2]);
  });

  it("skips the rest of a chunk after an error only if it is told to", async () => {
    const source = "(n) => { if (n === 2) throw new RangeError('two'); return n; }";
    const stopped = await new Thread().run(source, [1, 2, 3], { stopOnError: true });
    assert.equal(stopped.length, 2);
    const [one, two, three] = await new Thread().run(source, [1, 2, 3]);
    assert(two instanceof RangeError);
    assert.deepEqual([one, three], [1, 3]);
  });

  it("replaces a result that cannot be cloned, and spares the others", async () => {
    const [one, two, three] = await new Thread().run("(n) => n === 2 ? () => n : n", [1, 2, 3]);
    assert(two instanceof Error && two.name === "SerializationError");
    assert.deepEqual([one, three], [1, 3]);
  });

  it("says why an inline function finds no outer variable", async () => {
    const [error] = await new Thread().run("() => somewhereElse", [1]);
    assert(error instanceof ReferenceError);
    assert.match(error.message, /without the variables around it/);
  });

  it("tries again to load a function that it could not load before", async () => {
    const thread = new Thread();
    const ref = { kind: "source", source: "(", name: "" } as const;
    await thread.run("", [1], { ref });
    const later = { ref: undefined };
    await thread.run("", [1], later);
    const failures = thread.posted.filter(({ kind }) => kind === "loadFailed");
    assert.equal(failures.length, 2);
  });

  it("runs in a place what the pool put there last before the chunk", async () => {
    const thread = new Thread();
    const ref = (source: string) => ({ kind: "source", source, name: "" } as const);
    const flags = { spread: false, stopOnError: false, tellsEachTask: false, eager: false };
    const refs = [ref("(n) => `${n} one`"), undefined, ref("(n) => nowhere"), ref("(n) => 'two'")];
    const chunks = refs.map((ref, id) => ({ id, word: id, fn: 3, ref, items: [1], ...flags }));
    for (const { word } of chunks) new ClaimWords(thread.memory).open(word, 1);
    thread.runner.receive({ kind: "run", chunks });
    await turns();
    const values = thread.outcomes().map((it) => it instanceof ReferenceError ? "none" : it);
    assert.deepEqual(values, ["1 one", "1 one", "none", "two"]);
  });

  it("aborts the signal of the task that runs, with the reason", async () => {
    const thread = new Thread();
    const signals: (AbortSignal | undefined)[] = [];
    const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const wait = async (at: number) => {
      signals.push(currentTask()?.signal);
      await gates[at]?.promise;
    };
    await thread.serve({ wait }, [0, 1], { id: 5 });
    thread.abort(4, new RangeError("for another"));
    assert.equal(signals[0]?.aborted, false);
    thread.abort(5, new RangeError("enough"));
    assert(signals[0]?.reason instanceof RangeError);
    assert.equal(signals[0].reason.message, "enough");
    gates[0]?.resolve();
    await turns();
    assert.deepEqual([signals.length, signals[1]?.aborted], [2, false]);
    gates[1]?.resolve();
    await turns();
    thread.abort(5, new RangeError("after the end"));
    assert.equal(signals[1]?.aborted, false);
  });

  it("shows the abort to a task that looks at its signal only afterwards", async () => {
    const thread = new Thread();
    const gate = Promise.withResolvers<void>();
    let reason: unknown;
    const look = async () => {
      await gate.promise;
      reason = currentTask()?.signal.reason;
    };
    await thread.serve({ look }, [0]);
    thread.abort(0, "enough");
    gate.resolve();
    await turns();
    assert.equal(reason, "enough");
  });

  it("sends what a task reports at once, with its place in the chunk", async () => {
    const thread = new Thread();
    const gate = Promise.withResolvers<void>();
    const tell = async (n: number) => {
      currentTask()?.report({ n });
      if (n === 20) await gate.promise;
    };
    await thread.serve({ tell }, [10, 20], { id: 5 });
    const reports = () => thread.posted.filter(({ kind }) => kind === "report");
    const expected = [10, 20].map((n, position) => ({
      kind: "report",
      chunk: 5,
      position,
      value: { n },
    }));
    assert.deepEqual(reports(), expected);
    gate.resolve();
    await turns();
    assert.equal(currentTask(), undefined);
  });

  it("fails the task that reports what cannot be cloned, and no other", async () => {
    const thread = new Thread();
    const tell = (value: unknown) => {
      currentTask()?.report(typeof value === "number" ? () => value : value);
      return value;
    };
    const [one, two] = await thread.serve({ tell }, [1, "two"]);
    assert.equal(Object(one).name, "DataCloneError");
    assert.equal(two, "two");
  });

  it("tells each task the name of its worker", async () => {
    const name = () => currentTask()?.workerName;
    assert.deepEqual(await new Thread().serve({ name }, [1]), ["w-1"]);
  });
});

describe("TaskRunner on a thread with other code", () => {
  it(
    "tells its tasks from other code, until they await something",
    inScope(async (scope) => {
      const thread = new Thread(scope);
      const seen: unknown[] = [];
      const look = async () => {
        seen.push(currentTask()?.workerName);
        await Promise.resolve();
        seen.push(currentTask());
      };
      const running = thread.serve({ look }, [1, 2]);
      seen.push(currentTask());
      await running;
      assert.deepEqual(seen, [undefined, "w-1", undefined, "w-1", undefined]);
    }),
  );

  it(
    "tells them apart from those of another runner",
    inScope(async (scope) => {
      const [outer, inner] = [new Thread(scope), new Thread(scope)];
      const tasks: unknown[] = [];
      const note = () => void tasks.push(currentTask());
      const around = () => {
        note();
        scope.run(null, note);
        note();
      };
      await inner.serve({ note }, [0]);
      await outer.serve({ around }, [0]);
      const [ofInner, before, outside, after] = tasks;
      assert.notEqual(before, ofInner);
      assert.deepEqual([outside, after], [undefined, before]);
    }),
  );

  it(
    "aborts as the task whose listeners hear it",
    inScope(async (scope) => {
      const thread = new Thread(scope);
      const gate = Promise.withResolvers<void>();
      const tasks: unknown[] = [];
      const wait = async () => {
        const task = currentTask();
        tasks.push(task);
        task?.signal.addEventListener("abort", () => tasks.push(currentTask()));
        await gate.promise;
      };
      await thread.serve({ wait }, [0]);
      thread.abort(0, "enough");
      gate.resolve();
      await turns();
      assert.equal(tasks.length, 2);
      assert.equal(tasks[0], tasks[1]);
    }),
  );
});

describe("SyncScope", () => {
  it("gives back the task before, also after code that throws", () => {
    const scope = new SyncScope();
    const fail = () =>
      scope.run(null, () => {
        assert.equal(scope.getStore(), null);
        throw new RangeError("of the code");
      });
    assert.throws(fail, RangeError);
    assert.equal(scope.getStore(), undefined);
  });
});
