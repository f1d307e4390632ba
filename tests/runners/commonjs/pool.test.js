const { fromModule, Pool, WorkerLostError } = require("@polypool/pool");
const { embeddedWorker } = require("@polypool/pool/embedded");
const { pathToFileURL } = require("node:url");
const { fail, square } = require("./tasks.js");

const url = pathToFileURL(require.resolve("./tasks.js")).href;

/** Runs a test with a pool that ends with it. */
async function withPool(options, test) {
  const pool = new Pool(options);
  try {
    await test(pool);
  } finally {
    await pool.terminate();
  }
}

const KINDS = {
  "workers": { workers: 2 },
  "embedded workers": { workers: 2, worker: embeddedWorker },
  "workers: 0": { workers: 0 },
};

for (const [kind, options] of Object.entries(KINDS)) {
  describe(kind, () => {
    it("an arrow goes as source text", () =>
      withPool(options, async (pool) => {
        expect(await pool.map((n) => n + 1, [1, 2, 3])).toEqual([2, 3, 4]);
      }));

    it("a function goes by its name in the pool's module", () =>
      withPool({ ...options, module: url }, async (pool) => {
        expect(await pool.map(square, [1, 2, 3])).toEqual([1, 4, 9]);
      }));

    it("fromModule() names a function that the test has not loaded", () =>
      withPool(options, async (pool) => {
        expect(await pool.map(fromModule(url).square, [1, 2, 3])).toEqual([1, 4, 9]);
      }));

    it("a task's error arrives with class, message and properties", () =>
      withPool({ ...options, module: url }, async (pool) => {
        const error = await pool.apply(fail).catch((thrown) => thrown);
        expect(error).toBeInstanceOf(TypeError);
        expect([error.message, error.code]).toEqual(["the failure", "E_TASK"]);
      }));
  });
}

it("a worker that ends itself fails its task", () =>
  withPool({ workers: 1 }, async (pool) => {
    await expect(pool.apply(() => process.exit(3))).rejects.toBeInstanceOf(WorkerLostError);
  }));
