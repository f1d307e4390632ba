import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { pathToFileURL } from "node:url";
import { fromModule, inline, Pool, TaskNotFoundError } from "../../mod.ts";
import unnamedTwin, {
  callsHere,
  identity,
  shown,
  square,
  squareLater,
} from "../fixtures/tasks/tasks.ts";
import { answerOf } from "../fixtures/run_program.ts";
import { runtime } from "../fixtures/runtime.ts";
import { withPool } from "../fixtures/with_pool.ts";

const url = new URL("../fixtures/tasks/tasks.ts", import.meta.url);
type Tasks = typeof import("../fixtures/tasks/tasks.ts");
const tasks = fromModule<Tasks>(url);

/** Names that the module does not export. */
const missing = fromModule<{ double(n: number): number; toString(): string }>(url);

const outside = 7;

describe("a function of the pool's module", () => {
  for (const module of [url, url.href]) {
    it(`a function of the pool's module goes by reference, module as ${typeof module}`, () =>
      withPool({ workers: 1, module, idleTimeout: Infinity }, async (pool) => {
        assert.deepEqual(await pool.map(square, [1, 2, 3]), [1, 4, 9]);
        // It counts in a variable of its module, which its source text alone does not have.
        assert.deepEqual([await pool.apply(callsHere), await pool.apply(callsHere)], [1, 2]);
      }));
  }

  it("a function of the pool's module is found by its name when it is exported as another", () =>
    withPool({ workers: 1, module: url }, async (pool) => {
      assert.equal(shown.name, "hidden");
      assert.equal(await pool.apply(shown, [1]), 1001);
      assert.equal(await pool.apply(unnamedTwin, [1]), 2);
    }));

  it("a function that the pool's module does not export fails with TaskNotFoundError", () =>
    withPool({ workers: 1, module: url }, async (pool) => {
      const double = (n: number) => n * 2;
      const error = await pool.apply(double, [1]).catch((error) => error);
      assert.ok(error instanceof TaskNotFoundError);
      assert.match(error.message, /'double'/);
      assert.match(error.message, /export it/);
      assert.match(error.message, /inline\(double\)/);
      assert.match(error.message, /\bsquare, squareLater\b/);
      assert.equal(await pool.apply(inline(double), [1]), 2);
    }));

  it("a function of the program's main module is told from others of its name", async () => {
    const answer = await answerOf("same_names.ts");
    const missing = "TaskNotFoundError";
    assert.deepEqual(answer, [missing, missing, 6, 20, 2000, -2, [10, 20]]);
  });

  it("a function of the program's main module is not run as its file has it by now", async () => {
    const folder = mkdtempSync(join(tmpdir(), "polypool-"));
    const file = join(folder, "changed.mjs");
    const mod = JSON.stringify(new URL("../../mod.ts", import.meta.url).href);
    writeFileSync(
      file,
      `import { readFileSync, writeFileSync } from "node:fs";
      import { Pool } from ${mod};
      export const scale = (n) => n * 10;
      export const kept = (n) => n + 1;
      if (import.meta.main) {
        const url = new URL(import.meta.url);
        writeFileSync(url, readFileSync(url, "utf8").replace("n * 10", "n * 20"));
        const pool = new Pool({ workers: 1, module: import.meta.url });
        const error = await pool.apply(scale, [1]).catch(({ message }) => message);
        console.log(JSON.stringify([error, await pool.apply(kept, [1])]));
        await pool.terminate();
      }`,
    );
    try {
      const [message, kept] = await answerOf(pathToFileURL(file).href) as [string, number];
      assert.match(message, /its file has changed since the program started/);
      assert.equal(kept, 2);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("a function without a name goes as source text though the pool has a module", () =>
    withPool({ workers: 1, module: url }, async (pool) => {
      assert.deepEqual(await pool.map((n) => n + 1, [1, 2]), [2, 3]);
    }));

  it("an initializer is designated as a task is", () =>
    withPool({ workers: 1, module: url, initializer: callsHere }, async (pool) => {
      assert.equal(await pool.apply(callsHere), 2);
    }));
});

describe("fromModule()", () => {
  it("fromModule() names functions of any module, given as URL or text", () =>
    withPool({ workers: 1 }, async (pool) => {
      assert.equal(await pool.apply(tasks.square, [3]), 9);
      assert.equal(await pool.apply(fromModule<Tasks>(url.href).square, [3]), 9);
    }));

  it("fromModule() finds default exports and `export { f as g }`, by their keys alone", () =>
    withPool({ workers: 1 }, async (pool) => {
      assert.equal(await pool.apply(tasks.default, [1]), 2);
      assert.equal(await pool.apply(tasks.shown, [1]), 1001);
      const twins = fromModule<{ unnamedTwin(n: number): number; hidden(n: number): number }>(url);
      await assert.rejects(pool.apply(twins.unnamedTwin, [1]), TaskNotFoundError);
      await assert.rejects(pool.apply(twins.hidden, [1]), TaskNotFoundError);
    }));

  it("fromModule() leaves the module to the workers", () =>
    withPool({ workers: 1 }, async (pool) => {
      const text =
        "var here = globalThis; here['loaded'] = 1; export const seen = () => here['loaded']";
      const { seen } = fromModule<{ seen(): unknown }>(
        `data:text/javascript,${encodeURIComponent(text)}`,
      );
      assert.equal(await pool.apply(seen), 1);
      assert.equal("loaded" in globalThis, false);
    }));

  it("fromModule() wins over the pool's own module", () => {
    const text = "export const square = (n) => -n";
    return withPool(
      { workers: 1, module: `data:text/javascript,${encodeURIComponent(text)}` },
      async (pool) => {
        assert.equal(await pool.apply(square, [3]), -3);
        assert.equal(await pool.apply(tasks.square, [3]), 9);
      },
    );
  });

  it("fromModule() of a name that is not there fails the job, and the pool stays usable", () =>
    withPool({ workers: 1 }, async (pool) => {
      await assert.rejects(pool.apply(missing.double, [1]), TaskNotFoundError);
      await assert.rejects(pool.map(missing.double, [1, 2]), TaskNotFoundError);
      await assert.rejects(pool.imap(missing.double, [1, 2]).next(), TaskNotFoundError);
      await assert.rejects(pool.mapSettled(missing.double, [1]), TaskNotFoundError);
      await assert.rejects(pool.broadcast(missing.toString), TaskNotFoundError);
      assert.equal(await pool.apply(tasks.square, [2]), 4);
    }));

  it("fromModule() of an export that is no function fails with TaskNotFoundError", () =>
    withPool({ workers: 1 }, async (pool) => {
      const { notAFunction } = fromModule<{ notAFunction(): void }>(url);
      await assert.rejects(pool.apply(notAFunction), TaskNotFoundError);
    }));

  it("fromModule() throws for a URL that is not absolute", () => {
    assert.throws(() => fromModule("./tasks.ts"), TypeError);
    // A wrong type, as JavaScript callers may pass it.
    assert.throws(() => fromModule(5 as never), TypeError);
  });

  it("fromModule() can be awaited", async () => {
    const awaited = await fromModule<Tasks>(url);
    await withPool({ workers: 1 }, async (pool) => {
      assert.equal(await pool.apply(awaited.square, [3]), 9);
    });
  });

  it("fromModule() without a URL fails in a pool whose workers serve nothing", () =>
    withPool({ workers: 1, startTimeout: 2_000 }, async (pool) => {
      const served = fromModule<Tasks>();
      await assert.rejects(pool.apply(served.square, [3]));
      assert.equal(await pool.apply(tasks.square, [3]), 9);
    }));
});

describe("a CommonJS module", { skip: runtime === "browser" && "browsers load none" }, () => {
  const made = new URL("../fixtures/tasks/made.cjs", import.meta.url);
  const calls = { double: 6, half: 1.5, negate: -3 };

  it("a CommonJS module's functions are found by reference, however it exports them", () =>
    withPool({ workers: 1 }, async (pool) => {
      const references = fromModule<Record<keyof typeof calls, (n: number) => number>>(made);
      for (const [name, value] of Object.entries(calls)) {
        assert.equal(await pool.apply(references[name as keyof typeof calls], [3]), value);
      }
      const url = new URL("../fixtures/tasks/default.cjs", import.meta.url);
      const { default: triple } = fromModule<{ default(n: number): number }>(url);
      assert.equal(await pool.apply(triple, [3]), 9);
    }));

  for (const workers of [0, 1]) {
    it(`a CommonJS module's functions are found when they are passed, ${workers} workers`, () =>
      withPool({ workers, module: made }, async (pool) => {
        const { default: exports } = await import(made.href);
        for (const [name, value] of Object.entries(calls)) {
          assert.equal(await pool.apply<[number], number>(exports[name], [3]), value);
        }
      }));
  }
});

describe("an inline function", () => {
  it("an inline function may be an arrow or a function, async or not", () =>
    withPool({ workers: 1 }, async (pool) => {
      assert.equal(await pool.apply((a: number, b: number) => a - b, [5, 3]), 2);
      assert.equal(await pool.apply(async (n: number) => await Promise.resolve(n + 1), [1]), 2);
      assert.equal(await pool.apply((a: number, b: number = 10) => a + b, [1]), 11);
      assert.equal(await pool.apply((...all: number[]) => all.length, [1, 2, 3]), 3);
      assert.equal(
        await pool.apply(
          async function twice(n: number): Promise<number> {
            return await Promise.resolve(2 * n);
          },
          [4],
        ),
        8,
      );
    }));

  it("an inline function runs in strict mode and sees the worker's globals", () =>
    withPool({ workers: 1 }, async (pool) => {
      const sloppy = function (this: unknown): boolean {
        return this === undefined && typeof structuredClone === "function";
      };
      assert.equal(await pool.apply(sloppy), true);
    }));

  it("an inline function is made once per worker", () =>
    withPool({ workers: 1, idleTimeout: Infinity }, async (pool) => {
      const counting = function here(): number {
        const self: { (): number; calls?: number } = here;
        return self.calls = (self.calls ?? 0) + 1;
      };
      assert.deepEqual(await pool.map(counting, [0, 0]), [1, 2]);
      assert.equal(await pool.apply(counting), 3);
    }));

  it("an inline function that touches an outer variable fails with an explained error", () =>
    withPool({ workers: 1 }, async (pool) => {
      const error = await pool.apply((n: number) => n + outside, [1]).catch((error) => error);
      assert.ok(error instanceof ReferenceError);
      assert.match(error.message, /outside/);
      assert.match(error.message, /inline function/);
      assert.match(error.message, /source text/);
    }));

  it("a function that went by reference keeps its ReferenceError as it is", () =>
    withPool({ workers: 1 }, async (pool) => {
      const error = await pool.apply(tasks.touchNothing).catch((error) => error);
      assert.ok(error instanceof ReferenceError);
      assert.doesNotMatch(error.message, /inline/);
    }));

  const object = {
    method(): number {
      return 1;
    },
    async later(): Promise<number> {
      return await Promise.resolve(1);
    },
    get(): number {
      return 1;
    },
  };
  const refused: Readonly<Record<string, () => unknown>> = {
    "a native function": Math.random,
    "a bound function": (() => 1).bind(null),
    "a method": object.method,
    "an async method": object.later,
    "a method named get": object.get,
    // A class is no task, whatever its type says.
    "a class": class {} as never,
  };
  for (const [kind, fn] of Object.entries(refused)) {
    it(`${kind} is refused with TypeError before anything is sent`, () =>
      withPool({ workers: 1 }, (pool) => {
        assert.throws(() => pool.apply(fn), TypeError);
        assert.throws(() => pool.imap(fn as () => unknown, [1]), TypeError);
        assert.throws(() => inline(fn), TypeError);
        assert.equal(pool.stats().workers, 0);
      }));
  }

  it("an initializer that cannot be sent is refused with TypeError by the constructor", () => {
    const initializer = Math.random;
    assert.throws(() => new Pool({ workers: 1, minWorkers: 1, initializer }), TypeError);
  });
});

describe("inline()", () => {
  it("inline() sends the source text, though the pool has a module", () =>
    withPool({ workers: 1, module: url }, async (pool) => {
      const square = (n: number) => n * n + 0.5;
      assert.equal(await pool.apply(square, [2]), 4);
      assert.equal(await pool.apply(inline(square), [2]), 4.5);
    }));

  it("inline() refuses what is no function", () => {
    // A wrong type, as JavaScript callers may pass it.
    assert.throws(() => inline(5 as never), TypeError);
  });
});

describe("types", () => {
  it("types of arguments and results follow from the function in all four forms", () =>
    withPool({ workers: 1, module: url }, async (pool) => {
      const byModule: number = await pool.apply(squareLater, [2]);
      const byReference: number[] = await pool.map(tasks.squareLater, [2]);
      const byServed = fromModule<Tasks>().squareLater;
      const bySource: string[] = await pool.map((n) => n.toFixed(1), [1, 2]);
      const generic: number[] = await pool.map(identity<number>, [3]);
      const lost: unknown = await pool.apply(tasks.identity, [3]);
      assert.deepEqual([byModule, byReference, bySource], [4, [4], ["1.0", "2.0"]]);
      assert.deepEqual([generic, lost], [[3], 3]);
      assert.ok(byServed);
    }));

  it("types refuse missing and wrong arguments", () => {
    // Never called: only its types are checked.
    const misuse = (pool: Pool) => {
      // @ts-expect-error: arguments are required
      pool.apply(tasks.add);
      // @ts-expect-error: an argument is missing
      pool.apply(tasks.add, [1]);
      // @ts-expect-error: an argument has the wrong type
      pool.apply(tasks.add, [1, "2"]);
      // @ts-expect-error: items have the wrong type
      pool.map(tasks.square, ["1"]);
      // @ts-expect-error: the module exports no such function
      return tasks.notAFunction;
    };
    assert.equal(typeof misuse, "function");
  });
});
