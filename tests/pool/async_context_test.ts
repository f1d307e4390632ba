import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { describe, it } from "node:test";
import { fromModule, Pool } from "../../mod.ts";
import { makeWorker } from "../fixtures/make_worker.ts";
import { withPool } from "../fixtures/with_pool.ts";

const tasks = fromModule<typeof import("../fixtures/tasks/tasks.ts")>(
  new URL("../fixtures/tasks/tasks.ts", import.meta.url),
);
const requests = new AsyncLocalStorage<string>();

/** Where the caller's code saw which request. */
type Seen = Record<string, Set<string | undefined>>;

/** Runs jobs of all kinds, and notes in which request their callbacks and inputs run. */
async function useAll(pool: Pool): Promise<Seen> {
  const seen: Seen = {};
  const note = (place: string) => void (seen[place] ??= new Set()).add(requests.getStore());
  function* items(place: string): Generator<number> {
    try {
      for (let n = 0; n < 40; n++) {
        note(place);
        yield n;
      }
    } finally {
      note(`${place}, closed`);
    }
  }
  async function* itemsLater(place: string): AsyncGenerator<number> {
    for (let n = 0; n < 10; n++) {
      note(place);
      yield n;
      await new Promise((wake) => setTimeout(wake));
    }
  }
  const transfer = () => {
    note("transfer");
    return [];
  };
  const onProgress = () => note("onProgress");
  const onReport = () => note("onReport");
  const callback = () => note("callback");
  const errorCallback = () => note("errorCallback");
  const failed = pool.applyAsync(tasks.failOdd, [1], { callback, errorCallback });
  const results = pool.imap(tasks.square, items("imap's items"), { bufferSize: 4, transfer });
  await results.next();
  await results.return?.();
  await Promise.all([
    pool.map(tasks.square, items("map's items"), { chunkSize: 2, onProgress }),
    pool.map(tasks.square, itemsLater("map's async items"), { onProgress }),
    pool.map(tasks.square, [1, 2, 3], { transfer, onProgress, chunkSize: 1 }),
    pool.apply(tasks.reportTwice, [1], { onReport }),
    pool.mapAsync(tasks.square, [1, 2], { callback }),
    pool.applyAsync(tasks.square, [2], { callback }),
    failed.wait(),
  ]);
  return seen;
}

const PLACES = [
  "callback",
  "errorCallback",
  "imap's items",
  "imap's items, closed",
  "map's async items",
  "map's items",
  "map's items, closed",
  "onProgress",
  "onReport",
  "transfer",
];

/** All of these in one request alone. */
function everywhere(request: string): Seen {
  return Object.fromEntries(PLACES.map((place) => [place, new Set([request])]));
}

function sorted(seen: Seen): Seen {
  return Object.fromEntries(Object.entries(seen).sort(([a], [b]) => a < b ? -1 : 1));
}

describe("the async context", () => {
  for (const workers of [0, 1, 2]) {
    it(`of callbacks and inputs is that of their call, ${workers} workers`, async () => {
      const pool = requests.run("starter", () => new Pool({ workers }));
      try {
        // Whoever has the workers started, or the dispatcher woken, is not who they belong to.
        await requests.run("starter", () => pool.apply(tasks.square, [1]));
        const both = ["first", "second"].map((name) => requests.run(name, () => useAll(pool)));
        const [first, second] = (await Promise.all(both)).map(sorted);
        assert.deepEqual(first, everywhere("first"));
        assert.deepEqual(second, everywhere("second"));
      } finally {
        await pool.terminate();
      }
    });
  }

  it("of the worker factory is that of the pool's constructor", async () => {
    const seen = new Set<string | undefined>();
    const worker = () => {
      seen.add(requests.getStore());
      return makeWorker(new URL("../fixtures/workers/tasks.worker.ts", import.meta.url));
    };
    const pool = requests.run("maker", () => new Pool({ workers: 2, worker }));
    const { square } = fromModule<typeof import("../fixtures/tasks/tasks.ts")>();
    try {
      await requests.run("user", () => pool.map(square, [1, 2, 3], { chunkSize: 1 }));
      await requests.run("user", () => pool.ready());
      assert.deepEqual(seen, new Set(["maker"]));
    } finally {
      await pool.terminate();
    }
  });

  it("costs a plain call nothing: it is its promise that keeps it", () =>
    withPool({ workers: 1 }, async (pool) => {
      const names = ["a", "b"].map((name) =>
        requests.run(name, async () => {
          await pool.apply(tasks.square, [1]);
          return requests.getStore();
        })
      );
      assert.deepEqual(await Promise.all(names), ["a", "b"]);
    }));
});
