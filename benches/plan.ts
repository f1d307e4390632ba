/**
 * What is measured, in which order.
 *
 * @module
 */

import type { Entrant, Line, Mode, Runtime } from "./contestant.ts";
import { isJob } from "./job_pool.ts";
import type { Workload } from "./workload.ts";

/** A workload and its file's name. */
export interface NamedWorkload {
  readonly name: string;
  readonly workload: Workload;
}

/** What is wanted. */
export interface Wish {
  readonly mode: Mode;
  readonly rounds: number;
  readonly runtimes: readonly Runtime[];
  readonly workloads: readonly NamedWorkload[];
  readonly contestants: readonly Entrant[];
}

/** One process to come. */
export interface Measurement extends Omit<Line, "metrics" | "error"> {
  readonly workload: string;
  readonly sizes: Readonly<Record<string, number>>;
  /** Whether all its threads share one core. */
  readonly isPinned: boolean;
  /** After which it is killed. */
  readonly limitMs: number;
}

/** Whether a workload is a program of its own, of which the start is measured. */
export function isStart(workload: string): boolean {
  return workload === "start" || workload === "ready";
}

/** Has no pool: only the start of its process is measured. */
export const EMPTY = "empty";

/** Lists all measurements, round by round, so that a noisy minute is not one contestant's alone. */
export function plan(wish: Wish): Measurement[] {
  const rounds = Array.from({ length: wish.rounds }, (_, n) => n + 1);
  return rounds.flatMap((round) =>
    wish.workloads.flatMap((workload) => planWorkload(wish, round, workload))
  );
}

function planWorkload(wish: Wish, round: number, { name, workload }: NamedWorkload): Measurement[] {
  const { mode, runtimes, contestants } = wish;
  const seconds = mode === "quick" ? 15 : workload.limit ?? 60;
  const sizes = workload.sizes[mode];
  if (sizes === undefined) return [];
  const isPinned = mode === "cold" && workload.isPinned === true;
  const common = { workload: name, mode, round, sizes, isPinned };
  const measurement = (runtime: Line["runtime"], contestant: string) => ({
    ...common,
    ...{ runtime, contestant, limitMs: seconds * 1000 },
  });
  if (round > (workload.rounds?.[mode] ?? round)) return [];
  const here = contestants.filter((contestant) => takesPart(contestant, name, workload, common));
  const ours = runtimes.flatMap((runtime) => {
    const names = here.filter((contestant) => canRun(contestant, name, runtime)).map(nameOf);
    return rotated(isStart(name) ? [EMPTY, ...names] : names, round)
      .map((contestant) => measurement(runtime, contestant));
  });
  // Python compiles nothing as it goes: its first call is as good as any.
  const pythons = mode === "cold" ? [] : here.filter(isPython);
  const others = pythons.map((python) => measurement("python", nameOf(python)));
  return [...ours, ...others];
}

function takesPart(
  { kind, cannot, isForJobs = false }: Entrant,
  name: string,
  { quick, subjectOnly = false }: Workload,
  { mode, round }: Pick<Measurement, "mode" | "round">,
): boolean {
  if (isForJobs !== isJob(name) || cannot[name] !== undefined) return false;
  if (subjectOnly && kind !== "subject") return false;
  if (mode !== "quick" || kind === "subject" || kind === "floor") return true;
  // One round has to do for the others: they are many.
  return round === 1 && (quick !== "no peers" || kind !== "peer");
}

/** Python has no part on a runtime: it is measured once a round. */
function canRun(contestant: Entrant, name: string, runtime: Runtime): boolean {
  if (isPython(contestant) || !contestant.runtimes.includes(runtime)) return false;
  return contestant.cannot[`${name}:${runtime}`] === undefined;
}

function isPython({ kind }: Entrant): boolean {
  return kind === "other language";
}

function nameOf({ name }: Entrant): string {
  return name;
}

/** Each round begins with another: whoever comes first finds the machine in another state. */
function rotated(names: readonly string[], by: number): string[] {
  const at = by % Math.max(1, names.length);
  return [...names.slice(at), ...names.slice(0, at)];
}
