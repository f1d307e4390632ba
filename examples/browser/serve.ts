/**
 * Serves the page of this folder, and the package beside it, as npm has it.
 *
 *     deno task example:browser [port]
 *
 * @module
 */

import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { buildNpm } from "../../tools/build_npm.ts";

const TYPES: Readonly<Record<string, string>> = {
  ".css": "text/css",
  ".html": "text/html",
  ".js": "text/javascript",
};

/** They make the page cross-origin isolated: then its threads may share memory, which spares messages. */
const ISOLATION = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
};

/** What is served, by its path. */
type Files = ReadonlyMap<string, Uint8Array>;

/** Serves the page on this machine alone; port 0 is any that is free. */
export async function serve(port: number, isolated: boolean): Promise<Server> {
  const files = new Map([
    ...await read(fileURLToPath(new URL(".", import.meta.url)), "/"),
    ...await readPackage("/polypool/"),
  ]);
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    const path = pathname === "/" ? "/index.html" : pathname;
    const file = files.get(path);
    if (file === undefined) return void response.writeHead(404).end();
    const headers = { "content-type": TYPES[extname(path)], ...(isolated ? ISOLATION : {}) };
    response.writeHead(200, headers).end(file);
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve(server));
  });
}

/** The address of the page. */
export function urlOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

/** With an installed package it would be its folder in `node_modules`. */
async function readPackage(prefix: string): Promise<Files> {
  const folder = await mkdtemp(join(tmpdir(), "polypool-"));
  try {
    await buildNpm(folder);
    return await read(folder, prefix);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function read(folder: string, prefix: string): Promise<Files> {
  const names = (await readdir(folder)).filter((name) => extname(name) in TYPES);
  return new Map(
    await Promise.all(
      names.map(async (name) => [prefix + name, await readFile(join(folder, name))] as const),
    ),
  );
}

if (import.meta.main) {
  const server = await serve(Number(process.argv[2] ?? 8000), true);
  console.log(`Open ${urlOf(server)} in a browser; Ctrl-C ends this.`);
}
