import { type Gate, makeGate } from "../fixtures/gate.ts";

/** Memory that a stage and the tasks on it share. */
export interface Shared {
  /** When the fault happened: milliseconds since 1970. */
  readonly moment: Float64Array<SharedArrayBuffer>;
  /** Opens when the fault is over: what blocks a thread until then must let go of it. */
  readonly gate: Gate;
}

/** Makes such memory, for a fault that is still to happen. */
export function newShared(): Shared {
  return {
    moment: new Float64Array(new SharedArrayBuffer(Float64Array.BYTES_PER_ELEMENT)),
    gate: makeGate(),
  };
}

/** Called right before a fault: says that it happens now, or in so many milliseconds. */
export function note({ moment }: Shared, ms: number = 0): void {
  moment[0] = Date.now() + ms;
}
