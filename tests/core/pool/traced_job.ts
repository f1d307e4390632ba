import type { Collector } from "../../../core/pool/collectors.ts";
import { FunctionTable, type KnownFunction } from "../../../core/pool/functions.ts";
import { Job, type JobOwner, type Outcome } from "../../../core/pool/job.ts";
import { type JobPolicy, PLAIN_POLICY } from "../../../core/pool/policy.ts";
import { openInput } from "../../../core/pool/inputs.ts";

/** A job and all that its collector hears of it. */
export interface TracedJob {
  readonly job: Job;
  /** Index and value of each task that gave one. */
  readonly values: [number, unknown][];
  /** Index and error of each task that failed. */
  readonly errors: [number, unknown][];
  /** How the job ended: `["end"]`, or `["fail", error]`. */
  readonly endings: unknown[][];
}

/** A function of a certain cost. */
export function functionOf(name: string, cost?: number): KnownFunction {
  const known = new FunctionTable().intern({ kind: "served", name });
  if (cost !== undefined) known.measure(1, cost);
  return known;
}

/** An owner that does nothing but count. */
export function countingOwner(): JobOwner & { readonly outcomes: Record<Outcome, number> } {
  const outcomes = { completed: 0, failed: 0, lost: 0 };
  return {
    outcomes,
    wake: () => {},
    unsure: () => {},
    over: () => {},
    settled: (outcome, tasks) => void (outcomes[outcome] += tasks),
    held: () => {},
  };
}

/** A job on items, without an owner. */
export function tracedJob(
  items: unknown,
  policy: Partial<JobPolicy> = {},
  fn: KnownFunction = functionOf("f"),
): TracedJob {
  const values: [number, unknown][] = [];
  const errors: [number, unknown][] = [];
  const endings: unknown[][] = [];
  const collector: Collector = {
    fulfil: (first, row) => Array.from(row, (value, at) => values.push([first + at, value])),
    reject: (index, error) => void errors.push([index, error]),
    end: () => void endings.push(["end"]),
    fail: (error) => void endings.push(["fail", error]),
  };
  const input = openInput(items, true, () => {});
  const job = new Job(
    fn,
    { ...PLAIN_POLICY, counted: false, spread: false, ...policy },
    input,
    collector,
  );
  return { job, values, errors, endings };
}
