import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, it } from "node:test";
import { runCommand } from "../fixtures/run_command.ts";
import { skip, withFolder } from "./project.ts";
import { nodeTool } from "./tools.ts";

/** What pools do where there are no threads, and no text may be compiled. */
const PROGRAM = `
  import { Pool } from "@polypool/pool";
  function double(n) { return n * 2; }
  async function told(options, fn) {
    const pool = new Pool(options);
    const value = await pool.apply(fn, [2]).catch(String);
    await pool.terminate();
    return value;
  }
  globalThis.tell = async () => JSON.stringify({
    withWorkers: await told({}, double),
    ofModule: await told({ workers: 0, module: "https://app.test/app.js" }, double),
    asText: await told({ workers: 0 }, (n) => n * 2),
  });
`;

/** Asserts that a pool said what is the matter, or gave its result. */
function assertTold(text: string): void {
  const { withWorkers, ofModule, asText } = JSON.parse(text);
  assert.match(withWorkers, /^WorkerLostError: .*no Worker here.*'workers: 0'/);
  assert.equal(ofModule, 4);
  assert.match(asText, /^EvalError: .*export the function from a module/);
}

/** Bundles a program in a folder. */
async function bundle(folder: string, code: string, format: "esm" | "iife"): Promise<void> {
  writeFileSync(join(folder, "main.js"), code);
  const [command = "", ...args] = nodeTool("esbuild/bin/esbuild");
  const options = ["main.js", "--bundle", `--format=${format}`, "--outdir=dist"];
  await runCommand(folder, command, ...args, ...options);
}

/** A port that nobody has. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}

function configuration(port: number): string {
  return `using Workerd = import "/workerd/workerd.capnp";
    const config :Workerd.Config = (
      services = [(name = "main", worker = .main)],
      sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
    );
    const main :Workerd.Worker = (
      modules = [(name = "main.js", esModule = embed "dist/main.js")],
      compatibilityDate = "2026-01-01",
    );`;
}

/** Runs a server while a test runs. */
async function withWorkerd(folder: string, test: () => Promise<void>): Promise<void> {
  // CommonJS: what it exports is the path of the program.
  const { default: { default: path } } = await import("workerd");
  const child = spawn(path, ["serve", "workerd.capnp"], { cwd: folder, stdio: "ignore" });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  try {
    await test();
  } finally {
    child.kill();
    await ended;
  }
}

/** Asks a server that may not listen yet. */
async function fetchSoon(url: string): Promise<Response> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const response = await fetch(url).catch(() => undefined);
    if (response !== undefined) return response;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`Cannot reach the server: ${url}`);
}

describe("Pools where there are no workers", () => {
  it(
    "say what to do, or run their functions, in Vercel's edge runtime",
    { skip },
    () =>
      withFolder(async (folder) => {
        await bundle(folder, PROGRAM, "iife");
        const { EdgeRuntime } = await import("edge-runtime");
        const edge = new EdgeRuntime();
        edge.evaluate(readFileSync(join(folder, "dist/main.js"), "utf8"));
        assertTold(await edge.evaluate("tell()"));
      }),
  );

  it(
    "say what to do, or run their functions, in Cloudflare's workerd",
    { skip },
    () =>
      withFolder(async (folder) => {
        const handler = "export default { fetch: async () => new Response(await tell()) };";
        await bundle(folder, PROGRAM + handler, "esm");
        const port = await freePort();
        writeFileSync(join(folder, "workerd.capnp"), configuration(port));
        await withWorkerd(folder, async () => {
          assertTold(await (await fetchSoon(`http://127.0.0.1:${port}/`)).text());
        });
      }),
  );
});
