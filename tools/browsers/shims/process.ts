/**
 * What `node:process` can be in a browser.
 *
 * @module
 */

import { Absence } from "./absent.ts";

const scope = globalThis as { readonly close?: () => void; readonly document?: unknown };

function exit(): void {
  if (scope.document !== undefined) throw new Absence("needs a process");
  scope.close?.();
}

const known = { env: {}, versions: {}, platform: "browser", argv: [], execArgv: [], exit };

const process: object = new Proxy(known, {
  get(target, key) {
    if (!Object.hasOwn(target, key)) throw new Absence(`needs process.${String(key)}`);
    return Reflect.get(target, key);
  },
});

export default process;
