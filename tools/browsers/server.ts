/**
 * Serves the repository to pages, and hears what they tell of their tests.
 *
 * @module
 */

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import type { Told } from "./report.ts";
import { absenceOf, bundleOf, packageOf, scriptOf } from "./sources.ts";

/** A server that runs. */
export interface PageServer {
  readonly port: number;
  stop(): void;
}

/** What of a page is its file; what of it was made once is made for all. */
type Make = (path: string) => Promise<string> | string;

const JAVASCRIPT = "text/javascript; charset=utf-8";

/** Other origins may load everything: some pages are such. */
const ALWAYS = {
  "Access-Control-Allow-Origin": "*",
  "Cross-Origin-Resource-Policy": "cross-origin",
  // The files of a run do not change.
  "Cache-Control": "max-age=3600",
};

const made = new Map<string, Promise<string>>();

/** What is served, by the beginning of its path: the longest that fits. */
const KINDS: readonly (readonly [prefix: string, type: string, make: Make])[] = [
  ["/page/", "text/html; charset=utf-8", pageOf],
  ["/packages/", JAVASCRIPT, (path) => packageOf(path.slice("/packages/".length))],
  ["/absent/", JAVASCRIPT, (path) => absenceOf(path.slice("/absent/".length))],
  ["/worker.ts", JAVASCRIPT, bundleOf],
  ["/", JAVASCRIPT, scriptOf],
];

/** A page that runs the test file in its address; scripts of its own a policy might forbid. */
function pageOf(path: string): string {
  const map = JSON.stringify({ imports: { "@polypool/pool": "/mod.ts" } });
  return `<!doctype html>
<title>${path}</title>
<script type="importmap">${map}</script>
<script type="module" src="/tools/browsers/page.ts"></script>
`;
}

/** Serves on a port that is free; `hear` gets what the page of a test file tells. */
export async function serve(
  headers: Readonly<Record<string, string>>,
  hear: (file: string, told: Told) => void,
): Promise<PageServer> {
  const server = createServer(async (request, response) => {
    try {
      await answer(request, response);
    } catch (error) {
      response.writeHead(404, ALWAYS).end(String(error));
    }
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    if (request.method === "POST") {
      hear(pathname.slice(1), JSON.parse(await text(request)) as Told);
      response.writeHead(204, ALWAYS).end();
      return;
    }
    const [, type, make] = KINDS.find(([prefix]) => pathname.startsWith(prefix)) ?? [];
    if (make === undefined || type === undefined) throw new RangeError("no such path");
    const promise = made.get(pathname) ?? Promise.resolve(make(pathname));
    made.set(pathname, promise);
    const body = await promise;
    const contentType = pathname.endsWith(".json") ? "application/json" : type;
    response.writeHead(200, { ...ALWAYS, ...headers, "Content-Type": contentType }).end(body);
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new TypeError("Cannot find the port");
  return {
    port: address.port,
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}
