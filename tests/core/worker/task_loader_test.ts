import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { thread } from "../../../core/worker/thread_state.ts";
import {
  type LoadedFunction,
  type LocalTasks,
  TaskLoader,
} from "../../../core/worker/task_loader.ts";
import type { TaskCode } from "../../../core/wire/source_text.ts";
import { keyOf, type TaskRef } from "../../../core/wire/task_ref.ts";
import { TaskNotFoundError } from "../../../errors.ts";

const served = (name: string): TaskRef => ({ kind: "served", name });

const source = (text: string): TaskRef => ({ kind: "source", source: text, name: "" });

/** Loads the function that the pool puts in a place. */
function load(loader: TaskLoader, place: number, ref: TaskRef): Promise<LoadedFunction> {
  const told = loader.at(place, ref);
  assert(told !== undefined);
  return loader.load(told);
}

function exported(name: string, code: string): TaskRef {
  // Bun takes what follows the last dot for the extension of a file.
  const text = encodeURIComponent(`${code} //.js`);
  return { kind: "module", url: `data:text/javascript,${text}`, name };
}

/** One function of the caller's own, and how long it lets its module load. */
function localTasks(ref: TaskRef, code: TaskCode, pause: () => Promise<void>): LocalTasks {
  return { byKey: new Map([[keyOf(ref), code]]), pause, require: () => undefined };
}

describe("TaskLoader", () => {
  it("find() makes functions from source, from modules and from what is served", async () => {
    const loader = new TaskLoader(undefined);
    loader.serve({ triple: (n: number) => n * 3 });
    const refs: TaskRef[] = [
      { kind: "source", source: "(n) => n + 1", name: "" },
      exported("double", "export const double = (n) => n * 2"),
      served("triple"),
    ];
    const functions = await Promise.all(refs.map((ref) => loader.find(ref)));
    assert.deepEqual(functions.map((fn) => fn(10)), [11, 20, 30]);
  });

  it("find() waits for what is served later", async () => {
    const loader = new TaskLoader(undefined);
    const found = loader.find(served("f"));
    loader.serve({ f: () => 1 });
    assert.equal((await found)(), 1);
  });

  it("find() takes nothing for a task that every object inherits", async () => {
    const loader = new TaskLoader(undefined);
    loader.serve({});
    for (const name of ["toString", "constructor", "hasOwnProperty"]) {
      await assert.rejects(loader.find(served(name)), TaskNotFoundError);
    }
  });

  it("load() keeps a function in its place, but none that it did not find", async () => {
    const loader = new TaskLoader(undefined);
    assert.equal(loader.at(1, undefined), undefined);
    const fn = await load(loader, 1, source("() => 1"));
    assert.equal(loader.at(1, undefined)?.loaded, fn);
    assert.equal(fn.isInline, true);
    loader.serve({ there: () => 2 });
    await assert.rejects(load(loader, 2, served("missing")), TaskNotFoundError);
    assert.equal(loader.at(2, undefined)?.loaded, undefined);
    assert.deepEqual(loader.at(2, undefined)?.ref, served("missing"));
    assert.equal((await load(loader, 2, served("there"))).isInline, false);
  });

  it("at() lets a function go for another one in its place, and not for itself", async () => {
    const loader = new TaskLoader(undefined);
    const one = await load(loader, 0, source("() => 1"));
    assert.equal(loader.at(0, source("() => 1"))?.loaded, one);
    const two = await load(loader, 0, source("() => 2"));
    assert.equal(loader.at(0, undefined)?.loaded, two);
    assert.equal(two.code(), 2);
    const again = await load(loader, 0, source("() => 1"));
    assert.equal(again.code(), 1);
    assert.notEqual(again, one);
  });

  it("find() throws what a module throws, and imports no longer", async () => {
    const loader = new TaskLoader(undefined);
    const found = loader.find(exported("f", "throw new RangeError('torn')"));
    assert.equal(thread().importing.length, 1);
    await assert.rejects(found, /torn/);
    assert.deepEqual(thread().importing, []);
  });
});

describe("TaskLoader in a page", () => {
  it("find() says once what a bundler needs, where a module could not be fetched", async () => {
    const failure = "Failed to fetch dynamically imported module: file:///home/me/tasks.ts";
    const ref = exported("f", `throw new TypeError(${JSON.stringify(failure)})`);
    const loader = new TaskLoader(undefined);
    for (let time = 0; time < 2; time++) {
      await assert.rejects(loader.find(ref), ({ message }: Error) => {
        assert.ok(message.startsWith(failure));
        return message.split("'worker'").length === 2;
      });
    }
  });
});

describe("TaskLoader with LocalTasks", () => {
  it("find() takes the caller's own function if its module waits for that very task", async () => {
    const gate = Promise.withResolvers<void>();
    Reflect.set(globalThis, "ownTaskRan", gate.promise);
    const ref = exported("f", "await globalThis.ownTaskRan; export const f = () => 'module'");
    const run = () => {
      gate.resolve();
      return "local";
    };
    const loader = new TaskLoader(localTasks(ref, run, () => Promise.resolve()));
    const code = await loader.find(ref);
    assert.equal(code(), "local");
    await gate.promise;
    Reflect.deleteProperty(globalThis, "ownTaskRan");
  });

  it("find() takes the module's function if the module loads in time", async () => {
    const ref = exported("f", "export const f = () => 'module'");
    const never = () => new Promise<void>(() => {});
    const loader = new TaskLoader(localTasks(ref, () => "local", never));
    assert.equal((await loader.find(ref))(), "module");
  });

  it("find() does not fall back on another function, nor on a module that fails", async () => {
    const ref = exported("f", "throw new RangeError('own')");
    const never = () => new Promise<void>(() => {});
    const loader = new TaskLoader(localTasks(ref, () => "local", never));
    await assert.rejects(loader.find(ref), /own/);
    const other = exported("g", "export const h = () => 1");
    const atOnce = new TaskLoader(localTasks(ref, () => "local", () => Promise.resolve()));
    await assert.rejects(atOnce.find(other), TaskNotFoundError);
  });

  it("find() takes the caller's own function where import() is refused", async () => {
    const never = () => new Promise<void>(() => {});
    for (const refusal of REFUSALS) {
      const ref = exported("f", `throw new TypeError(${JSON.stringify(refusal)})`);
      const loader = new TaskLoader(localTasks(ref, () => "local", never));
      assert.equal((await loader.find(ref))(), "local");
    }
  });

  it("find() takes a module that can be had in another way where import() is refused", async () => {
    const ref = exported("f", `throw new TypeError(${JSON.stringify(REFUSALS[0])})`);
    const required: string[] = [];
    const local: LocalTasks = {
      byKey: new Map(),
      pause: () => Promise.resolve(),
      require(url) {
        required.push(url);
        return required.length === 1 ? { f: () => "required" } : undefined;
      },
    };
    const loader = new TaskLoader(local);
    assert.equal((await loader.find(ref))(), "required");
    assert.deepEqual(required, [ref.kind === "module" && ref.url]);
    await assert.rejects(loader.find(ref), /import\(\) is disallowed/);
  });
});

/** What service workers, Node and Jest say of code that may not import. */
const REFUSALS = [
  "import() is disallowed on ServiceWorkerGlobalScope by the HTML specification",
  "A dynamic import callback was not specified.",
  "You need to run with a version of node that supports ES Modules in the VM API.",
];
