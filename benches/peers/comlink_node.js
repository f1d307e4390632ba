/**
 * For comlink on Node: a thread.
 *
 * @module
 */

import { expose } from "comlink";
import nodeEndpoint from "comlink/dist/esm/node-adapter.mjs";
import { parentPort } from "node:worker_threads";
import { api } from "./comlink_api.js";

expose(api, nodeEndpoint(parentPort));
