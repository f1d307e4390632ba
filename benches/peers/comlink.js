/**
 * For comlink on Bun and Deno: a web worker.
 *
 * @module
 */

import { expose } from "comlink";
import { api } from "./comlink_api.js";

expose(api);
