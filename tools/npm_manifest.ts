/**
 * The `package.json` of the package as it is published on npm.
 *
 * @module
 */

/** Where the repository is: links and pictures of the README lead there as well. */
const REPOSITORY = "https://github.com/polypool/pool";

/** Entry points, by their names. */
const ENTRIES = { ".": "index", "./worker": "serve", "./embedded": "embedded" };

/** What npm, Node and bundlers are told of the package. */
export function npmManifest(version: string): Record<string, unknown> {
  return {
    name: "@polypool/pool",
    version,
    description: "Python's multiprocessing.Pool for Deno, Bun, Node and browsers: " +
      "run functions in worker threads",
    keywords: [
      ...["worker", "workers", "worker-threads", "web-worker", "thread-pool", "worker-pool"],
      ...["pool", "parallel", "multiprocessing", "python", "deno", "bun", "browser"],
    ],
    license: "MIT",
    author: "the polypool authors",
    homepage: `${REPOSITORY}#readme`,
    repository: { type: "git", url: `git+${REPOSITORY}.git` },
    bugs: `${REPOSITORY}/issues`,
    type: "module",
    engines: { node: ">=22.18" },
    // A worker's main module does its work when it is imported.
    sideEffects: ["./serve.js", "./worker.js", "./cjs/serve.js", "./cjs/worker.js"],
    main: "./cjs/index.js",
    module: "./index.js",
    types: "./index.d.ts",
    exports: {
      ...Object.fromEntries(
        Object.entries(ENTRIES).map(([entry, name]) => [entry, conditions(name)]),
      ),
      // Tools look into it.
      "./package.json": "./package.json",
    },
  };
}

function conditions(name: string): Record<string, unknown> {
  return {
    import: { types: `./${name}.d.ts`, default: `./${name}.js` },
    require: { types: `./cjs/${name}.d.ts`, default: `./cjs/${name}.js` },
  };
}
