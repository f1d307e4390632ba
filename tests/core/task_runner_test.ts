import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Claims } from "../../core/claims.ts";
import { decodeError } from "../../core/error_codec.ts";
import type { RunnerHost } from "../../core/outbox.ts";
import type { FromWorker, WireChunk } from "../../core/protocol.ts";
import { TaskRunner } from "../../core/task_runner.ts";

/** A runner on a thread of which the test sees every message. */
class Thread {
  readonly posted: FromWorker[] = [];
  readonly runner: TaskRunner;
  readonly #memory = Claims.allocate();

  constructor() {
    const host: RunnerHost = {
      post: (message) => void this.posted.push(structuredClone(message)),
      now: () => 0,
      canClone: (value) => {
        try {
          return structuredClone(value), true;
        } catch {
          return false;
        }
      },
      newAbortController: () => new AbortController(),
      stop: () => {},
    };
    this.runner = new TaskRunner(host);
    const init = { kind: "init", workerName: "w-1", initializer: undefined } as const;
    this.runner.receive({ ...init, memory: this.#memory });
  }

  /** Runs a function given as source on items; gives the outcomes. */
  async run(
    source: string,
    items: unknown[],
    chunk: Partial<WireChunk> = {},
    allowed: number = items.length,
  ): Promise<unknown[]> {
    const claims = this.#memory && new Claims(this.#memory);
    claims?.open(0, allowed);
    const ref = { kind: "source", source, name: "" } as const;
    const shape = { spread: false, stopOnError: false, prompt: false };
    const wire = { id: 0, fn: 0, word: 0, ref, items, ...shape, ...chunk };
    this.runner.receive({ kind: "run", chunks: [wire] });
    for (let turn = 0; turn < 50; turn++) await Promise.resolve();
    return this.posted.flatMap((message) => {
      if (message.kind !== "results") return [];
      const errors = new Map(message.errors);
      return message.values.map((value, at) => {
        const record = errors.get(message.from + at);
        return record === undefined ? value : decodeError(record);
      });
    });
  }
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
});
