/**
 * For workerpool: registers the function of a job in a worker.
 *
 * @module
 */

import { workerData } from "node:worker_threads";
import workerpool from "workerpool";

const { run } = await import(workerData);
workerpool.worker({ run });
