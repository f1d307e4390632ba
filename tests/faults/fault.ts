import type { Pool, PoolOptions } from "../../mod.ts";
import { type Runtime, runtime } from "../fixtures/runtime.ts";
import type { Shared } from "./shared.ts";

/** Where a fault can happen: in a worker of a runtime, or on the calling thread (`workers: 0`). */
export type Place = Runtime | "inline";

/** A fault happens on a stage: a pool that has other work to do as well. */
export interface Stage {
  readonly pool: Pool;
  /** What the stage shares with its tasks; what makes the fault happen says when, by `note()`. */
  readonly shared: Shared;
  /** Resolves when the work of others is done. */
  readonly othersDone: Promise<void>;
  /** What else must come true: the job concerned need not wait for it. */
  readonly aside: Promise<unknown>[];
}

/** How a stage's pool is made. */
export type StageOptions = (shared: Shared) => PoolOptions;

/** One row of the fault matrix. */
export interface Fault {
  /** What goes wrong, in a few words. */
  readonly name: string;
  /** What the job that is concerned settles with: an error's name, a thrown value, or "value". */
  readonly outcome: string;
  /** Where its job settles otherwise, as the platform's own errors differ. */
  readonly otherwise?: Partial<Record<Runtime, string>>;
  /** Where it cannot happen, and why. */
  readonly skip?: Partial<Record<Place, string>>;
  /** How the pool is made, other than with two workers. */
  readonly options?: StageOptions;
  /** Whether the fault happens to a pool whose workers are not up yet. */
  readonly cold?: true;
  /** Workers that are replaced for it; "maybe" where that is a matter of luck. */
  readonly replaced?: number | "maybe";
  /** Threads that Deno cannot stop. */
  readonly abandoned?: number;
  /** What becomes of the pool, if it does not work on. */
  readonly ends?: "broken" | "terminated";
  /** Lets it happen; the promise is that of the job concerned. */
  run(stage: Stage): PromiseLike<unknown>;
}

/** Faults of one kind. */
export interface FaultGroup {
  readonly title: string;
  readonly faults: readonly Fault[];
}

/** Where tests run: in this runtime's workers, and on its calling thread. */
export const places: readonly Place[] = [runtime, "inline"];

/** What a fault's job settles with on a runtime. */
export function expectedOutcome(fault: Fault, on: Runtime = runtime): string {
  return fault.otherwise?.[on] ?? fault.outcome;
}

/** An outcome in a word. */
export function nameOutcome(settled: PromiseSettledResult<unknown>): string {
  if (settled.status === "fulfilled") return "value";
  const { reason } = settled;
  if (reason instanceof Error || reason instanceof DOMException) return reason.name;
  return typeof reason === "string" ? `"${reason}"` : String(reason);
}
