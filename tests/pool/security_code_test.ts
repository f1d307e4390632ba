import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import process from "node:process";
import { describe, it } from "node:test";
import { promisify } from "node:util";
import { fromModule, TaskNotFoundError, TimeoutError } from "../../mod.ts";
import { makeWorker } from "../fixtures/make_worker.ts";
import { rejectionOf } from "../fixtures/rejection.ts";
import { runtime } from "../fixtures/runtime.ts";
import { withPool } from "../fixtures/with_pool.ts";

const faultsUrl = new URL("../fixtures/tasks/faults.ts", import.meta.url);
const faults = fromModule<typeof import("../fixtures/tasks/faults.ts")>(faultsUrl);

describe("A name that every object has", () => {
  const names = ["constructor", "__proto__", "then", "toString", "hasOwnProperty", "default"];

  async function assertNoTask(call: Promise<unknown>): Promise<void> {
    const error = await rejectionOf(call);
    assert.ok(error instanceof TaskNotFoundError, String(error));
    assert.match(error.message, /exports .*\bidentity\b/);
  }

  /** A function whose name is all that counts. */
  function called(name: string): () => void {
    return Object.defineProperty(() => {}, "name", { value: name });
  }

  it("is no task of a module", () =>
    withPool({ workers: 1 }, async (pool) => {
      const references = fromModule<Record<string, () => void>>(faultsUrl);
      for (const name of names) {
        const task = references[name];
        if (name === "then") assert.equal(task, undefined);
        else if (task !== undefined) await assertNoTask(pool.apply(task));
        else assert.fail(`no reference to ${name}`);
      }
    }));

  it("is no task of the pool's module", () =>
    withPool({ workers: 1, module: faultsUrl }, async (pool) => {
      for (const name of names) await assertNoTask(pool.apply(called(name)));
    }));

  it("is no task of a served module", async () => {
    const worker = () =>
      makeWorker(new URL("../fixtures/workers/faults.worker.ts", import.meta.url));
    await withPool({ workers: 1, worker, idleTimeout: Infinity }, async (pool) => {
      for (const name of names) await assertNoTask(pool.apply(called(name)));
    });
  });

  it("is a task of a served module that has it itself", async () => {
    const worker = () =>
      makeWorker(new URL("../fixtures/workers/thenable.worker.ts", import.meta.url));
    await withPool({ workers: 1, worker, idleTimeout: Infinity }, async (pool) => {
      // Called by name alone: what these functions do is in the worker's file.
      const functions = { then: (n: number) => n, toString: (n: number) => `${n}` };
      assert.equal(await pool.apply(functions.then, [1]), 2);
      assert.equal(await pool.apply(functions.toString, [1]), "own 1");
    });
  });

  it("is called by the platform's import() if a module exports a function 'then'", () =>
    withPool({ workers: 1, startTimeout: 1_500 }, async (pool) => {
      const text = "export function then() {} export const one = () => 1";
      const { one } = fromModule<{ one(): number }>(`data:text/javascript,${text}`);
      await assert.rejects(pool.apply(one), TimeoutError);
      assert.equal(await pool.apply(faults.identity, [1]), 1);
    }));
});

describe("An inline function", () => {
  it("sees globals, and nothing of the pool's code", () =>
    withPool({ workers: 1 }, async (pool) => {
      const names = ["thread", "runner", "port", "scope", "tasks", "serve", "source", "compile"];
      names.push(
        "lookUp",
        "TaskLoader",
        "TaskRunner",
        "Outbox",
        "ClaimWords",
        "code",
        "chunk",
        "ref",
      );
      const seen = await pool.apply((names: readonly string[]) => {
        // Asks from within the function, as its own code would.
        const isSeen = (name: string) => eval(`typeof ${name}`) !== "undefined";
        const globals = Reflect.ownKeys(globalThis).map(String);
        const ofPool = globals.filter((key) => /pool/i.test(key));
        return [...names.filter(isSeen), ...ofPool, isSeen("structuredClone")];
      }, [names]);
      // The one thing that copies of the package in a thread have to find.
      assert.deepEqual(seen, ["Symbol(polypool.thread.1)", true]);
    }));
});

describe("A child process", () => {
  const [pool, fixtures] = ["../../mod.ts", "../fixtures/"].map((path) =>
    new URL(path, import.meta.url).href
  );
  const noCompiling = "--disallow-code-generation-from-strings";

  async function printedBy(code: string, args: readonly string[]): Promise<string> {
    const head = `import { fromModule, inline, Pool } from "${pool}";
      const outcome = (promise) => promise.catch(({ name }) => name);`;
    const { stdout } = await promisify(execFile)(process.execPath, [...args, head + code]);
    return stdout.trim();
  }

  it("runs functions of modules where compiling text is forbidden, and no inline ones", {
    skip: runtime === "bun" && "there is no way to forbid it",
  }, async () => {
    const args = runtime === "node" ? [noCompiling, "-e"] : ["eval", `--v8-flags=${noCompiling}`];
    const printed = await printedBy(
      `const pool = new Pool({ workers: 1 });
      const { identity } = fromModule("${fixtures}tasks/faults.ts");
      const calls = [pool.apply((n) => n, [1]), pool.apply(identity, [2])];
      console.log(...await Promise.all(calls.map(outcome)));
      await pool.terminate();`,
      args,
    );
    assert.equal(printed, "EvalError 2");
  });

  it("gives a worker of the caller's own fewer permissions", {
    skip: runtime !== "deno" && "there are no permissions",
  }, async () => {
    const printed = await printedBy(
      `const permissions = { read: true, env: false, run: false, net: false, write: false };
      const url = "${fixtures}workers/faults.worker.ts";
      const worker = () => new Worker(url, { type: "module", deno: { permissions } });
      const pool = new Pool({ workers: 1, worker });
      const getHome = () => Deno.env.get("HOME");
      console.log(await outcome(pool.apply(inline(getHome))), typeof getHome());
      await pool.terminate();`,
      ["eval", "--unstable-worker-options"],
    );
    assert.equal(printed, "NotCapable string");
  });
});
