import { Pace } from "../core/pace.ts";

const { setTimeout } = globalThis;
/** Sooner than a timer of no time, and still after all that is due; browsers have none. */
const { setImmediate } = globalThis as { setImmediate?: (callback: () => void) => void };

/** The pace of all that workers send to this thread. */
export const pace: Pace = new Pace(
  () => performance.now(),
  (callback) => setImmediate === undefined ? setTimeout(callback) : setImmediate(callback),
);
