/**
 * What a page comes from: a folder that was built, or a bundler's own server.
 *
 * @module
 */

import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import process from "node:process";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
};

/** Serves a folder while a test runs. */
export async function withServedFolder<T>(
  folder: string,
  test: (url: string) => Promise<T>,
): Promise<T> {
  const server = createServer(async ({ url = "/" }, response) => {
    const path = new URL(url, "http://localhost").pathname;
    const file = path.endsWith("/") ? `${path}index.html` : path;
    try {
      const body = await readFile(join(folder, normalize(file)));
      response.setHeader("access-control-allow-origin", "*");
      response.setHeader("content-type", TYPES[extname(file)] ?? "application/octet-stream");
      response.end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const address = server.address();
    return await test(`http://127.0.0.1:${typeof address === "object" && address?.port}/`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

/** Runs a server that prints its URL, while a test runs. */
export async function withServer<T>(
  folder: string,
  [command = "", ...args]: readonly string[],
  test: (url: string) => Promise<T>,
): Promise<T> {
  const server = spawn(command, args, {
    cwd: folder,
    env: { ...process.env, NO_COLOR: "1", NODE_TEST_CONTEXT: undefined },
    stdio: ["pipe", "pipe", "ignore"],
  });
  const ended = new Promise<void>((resolve) => server.once("exit", () => resolve()));
  try {
    let printed = "";
    for await (const text of server.stdout.setEncoding("utf8")) {
      printed += text;
      const url = /http:\/\/127\.0\.0\.1:\d+\//.exec(printed)?.[0];
      if (url !== undefined) return await test(url);
    }
    throw new Error(`Cannot open the server's page as it has ended: ${printed}`);
  } finally {
    server.kill();
    await ended;
  }
}
