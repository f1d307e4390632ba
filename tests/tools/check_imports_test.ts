import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { findBreaches } from "../../tools/check_imports.ts";

/** A package without a breach, in the shape of the real one. */
const SOUND: Readonly<Record<string, string>> = {
  "errors.ts": "export class PoolError extends Error {}",
  "core/queues.ts":
    `import { PoolError } from "../errors.ts"; export const queue: unknown = PoolError;`,
  "core/wire/shared_memory.ts":
    `import { queue } from "../queues.ts"; export const claims: unknown = queue;`,
  "core/pool/job.ts":
    `import { claims } from "../wire/shared_memory.ts"; export const job = claims;`,
  "core/worker/outbox.ts":
    `import { claims } from "../wire/shared_memory.ts"; export const box = claims;`,
  "runtime/port.ts":
    `import { job } from "../core/pool/job.ts"; import { box } from "../core/worker/outbox.ts";
     export const port: unknown = [job, box];`,
  "default_worker.ts":
    `import { port } from "./runtime/port.ts"; export const start: unknown = port;`,
  "pool.ts": `import { port } from "./runtime/port.ts"; export const Pool: unknown = port;`,
  "worker.ts": `import type { port } from "./runtime/port.ts"; export type Served = typeof port;`,
  "mod.ts": `export { Pool } from "./pool.ts"; import "./default_worker.ts";`,
};

function breachesWith(changes: Readonly<Record<string, string>>): string[] {
  const files = Object.entries({ ...SOUND, ...changes }).map(([path, text]) => ({ path, text }));
  return findBreaches(files, ["mod.ts", "worker.ts"]);
}

/** Adds lines to one file of the sound package. */
function breachesAfter(path: string, lines: string): string[] {
  return breachesWith({ [path]: `${SOUND[path]}\n${lines}` });
}

describe("findBreaches() of imports", () => {
  it("finds nothing in a sound package", () => {
    assert.deepEqual(breachesWith({}), []);
  });

  it("reports an import that points outwards, with its line", () => {
    assert.deepEqual(
      breachesWith({ "errors.ts": `\nimport "./core/chunk.ts";`, "core/chunk.ts": "" }),
      [
        "errors.ts:2: imports core/chunk.ts, which is further out",
      ],
    );
  });

  for (
    const [form, line] of [
      ["a type", `import type { Pool } from "./pool.ts";`],
      ["an import type", `export type Pool = import("./pool.ts").Pool;`],
      ["a re-export", `export { Pool } from "./pool.ts";`],
      ["a dynamic import", `export const load = (): unknown => import("./pool.ts");`],
    ] as const
  ) {
    it(`reports ${form} as it does a value`, () => {
      assert.deepEqual(breachesAfter("worker.ts", line), [
        "worker.ts:2: imports pool.ts, which is on the other side",
      ]);
    });
  }

  it("keeps the sides of core/ apart, which meet in core/wire/", () => {
    assert.deepEqual(breachesAfter("core/pool/job.ts", `import "../worker/outbox.ts";`), [
      "core/pool/job.ts:2: imports core/worker/outbox.ts, which is on the other side",
    ]);
    assert.deepEqual(breachesAfter("core/worker/outbox.ts", `import "../pool/job.ts";`), [
      "core/worker/outbox.ts:2: imports core/pool/job.ts, which is on the other side",
    ]);
    assert.deepEqual(
      breachesAfter("core/wire/shared_memory.ts", `import type {} from "../pool/job.ts";`),
      [
        "core/wire/shared_memory.ts:2: imports core/pool/job.ts, which is further out",
        "core/pool/job.ts:1: closes a cycle: core/wire/shared_memory.ts -> core/pool/job.ts -> core/wire/shared_memory.ts",
      ],
    );
  });

  it("allows the default worker its dynamic import of the worker, and no other", () => {
    const lazy = `const graph = () => import("./worker.ts");`;
    assert.deepEqual(breachesAfter("default_worker.ts", lazy), []);
    assert.deepEqual(breachesAfter("default_worker.ts", `import "./worker.ts";`), [
      "default_worker.ts:2: imports worker.ts, which is on the other side",
    ]);
  });

  it("reports a package and a file outside of the package", () => {
    assert.deepEqual(
      breachesAfter("pool.ts", `import "fast-check";\nimport "./tests/fixtures/tasks.ts";`),
      [
        "pool.ts:2: imports fast-check, which is no file of the package",
        "pool.ts:3: imports tests/fixtures/tasks.ts, which is no file of the package",
      ],
    );
  });

  it("reports a cycle, of types too, where it closes", () => {
    assert.deepEqual(
      breachesWith({
        "core/queues.ts": `import "./chunk.ts"; import "../errors.ts";`,
        "core/chunk.ts": `\nimport type {} from "./queues.ts";`,
      }),
      ["core/chunk.ts:2: closes a cycle: core/queues.ts -> core/chunk.ts -> core/queues.ts"],
    );
  });

  it("reports a file that no entry point imports", () => {
    assert.deepEqual(breachesWith({ "options.ts": "" }), [
      "options.ts:1: no entry point imports it",
    ]);
  });

  it("ignores imports in comments and strings", () => {
    const lines =
      `/** import "./pool.ts"; */\n// import("./pool.ts")\nconst text = 'import "./pool.ts"';`;
    assert.deepEqual(breachesAfter("errors.ts", lines), []);
  });
});

describe("findBreaches() of names", () => {
  for (
    const [name, line] of [
      ["Deno", "Deno.exit();"],
      ["process", "globalThis.process.exit();"],
      ["navigator", "const cores = { navigator };"],
      ["Worker", "let worker: Worker;"],
      ["node:fs", `import "node:fs";`],
      ["node:worker_threads", `load("node:worker_threads");`],
    ] as const
  ) {
    it(`reports ${line} outside of runtime/ alone`, () => {
      assert.deepEqual(breachesAfter("pool.ts", line), [`pool.ts:2: names ${name}`]);
      assert.deepEqual(breachesAfter("runtime/port.ts", line), []);
    });
  }

  it("reports a timer in core/ alone", () => {
    assert.deepEqual(breachesAfter("core/queues.ts", "setTimeout(run);"), [
      "core/queues.ts:2: names setTimeout",
    ]);
    assert.deepEqual(breachesAfter("pool.ts", "setTimeout(run);"), []);
  });

  it("tells a property from the global of its name", () => {
    const lines =
      "interface Task { process: number }\nconst task: Task = { process: 1 };\ntask.process;";
    assert.deepEqual(breachesAfter("core/queues.ts", lines), []);
  });
});
