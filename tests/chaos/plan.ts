/**
 * What happens in a run, made from its seed: the pool, its jobs, what each task
 * does and who is aborted when. How threads take turns is not in it.
 *
 * @module
 */

import { Random, type Shares } from "./random.ts";
import { withEndless } from "./endless.ts";

/** What a task does. */
export type Act =
  | "value"
  | "busy"
  | "nap"
  | "throw"
  | "throwLater"
  | "report"
  | "badResult"
  | "badArgument"
  | "die"
  | "arm"
  | "hang"
  | "block"
  | "pend";

/** How a task ends its worker. */
export type Death = "exit" | "error" | "rejection" | "close" | "denoExit";

/** Which methods of the pool are called: `burst` is many plain calls of `apply`. */
export type JobKind =
  | "burst"
  | "apply"
  | "applyAsync"
  | "map"
  | "mapAsync"
  | "starmap"
  | "mapSettled"
  | "imap"
  | "imapUnordered"
  | "istarmap"
  | "broadcast";

/** One task. */
export interface PlannedTask {
  readonly id: number;
  readonly act: Act;
  /** How long it spins, naps or at most waits at the gate, or a timer waits that it arms, in ms. */
  readonly ms: number;
  readonly death: Death;
  /** Runs of it that end the worker, if its act is to die. */
  readonly deaths: number;
}

/** How a job is ended early. */
export interface PlannedAbort {
  /** By a signal, by one that is aborted already, by its result, or by its reader's leaving. */
  readonly how: "signal" | "before" | "result" | "leave";
  /** When, in ms from its submission; none for at once. */
  readonly ms: number | undefined;
  /** After how many results its reader leaves. */
  readonly taken: number;
}

/** What a job is submitted with. */
export interface PlannedOptions {
  readonly priority: number;
  readonly retries: number;
  readonly timeout?: number;
  readonly chunkSize?: number;
  readonly failFast?: boolean;
  readonly bufferSize?: number;
}

/** One call of a pool method, or several equal ones of a method that runs one task. */
export interface PlannedJob {
  readonly number: number;
  readonly kind: JobKind;
  readonly tasks: readonly PlannedTask[];
  readonly options: PlannedOptions;
  readonly input: "array" | "generator" | "asyncGenerator";
  /** Whether the input throws after its last item. */
  readonly inputThrows: boolean;
  /** How an `imap` is read: by `next()`, slowly, or by a loop, which ends with the first error. */
  readonly reader: "next" | "slow" | "loop";
  readonly abort: PlannedAbort | undefined;
}

/** A run. */
export interface Plan {
  readonly seed: number;
  /** How many tasks there are. */
  readonly size: number;
  readonly workers: number;
  readonly minWorkers: number;
  readonly maxTasksPerWorker: number;
  readonly abortGrace: number;
  /** Callers that submit one job after the other. */
  readonly callers: number;
  /** Whether the pool is closed when idle, or closed or terminated with the last jobs pending. */
  readonly ending: "drain" | "close" | "terminate";
  /** How long that end comes after the last submission, in ms. */
  readonly patience: number;
  readonly jobs: readonly PlannedJob[];
}

const KINDS: Shares<JobKind> = [
  ["burst", 10],
  ["apply", 14],
  ["applyAsync", 14],
  ["map", 10],
  ["mapAsync", 8],
  ["starmap", 8],
  ["mapSettled", 14],
  ["imap", 10],
  ["imapUnordered", 10],
  ["istarmap", 6],
  ["broadcast", 3],
];

const DEATHS: Shares<Death> = [
  ["exit", 3],
  ["error", 3],
  ["rejection", 2],
  ["close", 2],
  ["denoExit", 1],
];

const PEACEFUL_ACTS: Shares<Act> = [
  ["value", 560],
  ["busy", 120],
  ["nap", 120],
  ["report", 50],
];

const HOSTILE_ACTS: Shares<Act> = [
  ["throw", 12],
  ["throwLater", 6],
  ["badResult", 2],
  ["badArgument", 2],
  ["die", 4],
  ["arm", 3],
  ["hang", 4],
];

/** Methods whose results are read one by one. */
export const IMAP_KINDS: readonly JobKind[] = ["imap", "imapUnordered", "istarmap"];
const MAP_KINDS: readonly JobKind[] = ["map", "mapAsync", "starmap"];
const CALL_KINDS: readonly JobKind[] = ["burst", "apply", "applyAsync", "broadcast"];

/** Makes the plan of a run of so many tasks. */
export function planOf(seed: number, size: number): Plan {
  const random = new Random(seed);
  // Where nothing is cut short, the pool's counts can be checked to the last task.
  const mayCut = random.chance(60);
  const traits = {
    workers: 4,
    minWorkers: random.oneOf([0, 0, 2, 4]),
    maxTasksPerWorker: random.oneOf([Infinity, Infinity, 40, 500]),
    abortGrace: random.oneOf([0, 0, 15]),
    callers: random.between(2, 8),
    ending: random.shared<Plan["ending"]>([["drain", 2], ["close", 2], ["terminate", +mayCut]]),
    patience: random.between(0, 60),
  };
  const jobs: PlannedJob[] = [];
  for (let first = 0; first < size;) {
    const job = jobOf(random, { number: jobs.length, first, room: size - first, mayCut });
    jobs.push(job);
    first += job.tasks.length;
  }
  return { seed, size, ...traits, jobs: withEndless(random, jobs, size) };
}

/** Whether a job ends in time whatever its tasks do. */
export function isCutOff({ options, abort }: Pick<PlannedJob, "options" | "abort">): boolean {
  return options.timeout !== undefined || (abort !== undefined && abort.how !== "leave");
}

/** Where a job stands in its plan. */
interface Place {
  readonly number: number;
  /** Number of its first task. */
  readonly first: number;
  /** How many tasks are left to plan. */
  readonly room: number;
  /** Whether it may be ended early. */
  readonly mayCut: boolean;
}

function jobOf(random: Random, { number, first, room, mayCut }: Place): PlannedJob {
  const kind = random.shared(KINDS);
  const abort = mayCut && random.chance(12) ? abortOf(random, kind) : undefined;
  const options = optionsOf(random, kind, mayCut);
  const count = kind === "broadcast" ? 1 : Math.min(room, sizeOf(random));
  const mayHang = isCutOff({ options, abort });
  // In a peaceful job nothing hides an error of its neighbours' making.
  const hostility = random.oneOf([0, 3, 6, 12]);
  const tasks = Array.from({ length: count }, (_, at) => {
    return taskOf(random, first + at, random.chance(hostility), mayHang);
  });
  return {
    ...{ number, kind, tasks, options, abort },
    input: random.oneOf(["array", "array", "generator", "asyncGenerator"]),
    inputThrows: !CALL_KINDS.includes(kind) && random.chance(4),
    reader: random.shared<PlannedJob["reader"]>([["next", 2], ["slow", 1], ["loop", +mayCut]]),
  };
}

function sizeOf(random: Random): number {
  return random.shared([[random.between(1, 8), 4], [random.between(5, 60), 5], [
    random.between(50, 400),
    1,
  ]]);
}

function taskOf(random: Random, id: number, isHostile: boolean, mayHang: boolean): PlannedTask {
  const drawn = random.shared(isHostile ? HOSTILE_ACTS : PEACEFUL_ACTS);
  const act = drawn === "hang" && !mayHang ? "throw" : drawn;
  const ms = act === "busy" ? 1 : random.between(0, 8);
  return { id, act, ms, death: random.shared(DEATHS), deaths: random.oneOf([1, 1, 2, 9]) };
}

function optionsOf(random: Random, kind: JobKind, mayCut: boolean): PlannedOptions {
  if (kind === "burst" || kind === "broadcast") return { priority: 0, retries: 0 };
  const priority = random.oneOf([0, 0, 0, 1, -1]);
  const retries = random.oneOf([0, 0, 0, 1, 2]);
  const timeout = random.chance(25) ? { timeout: random.between(60, 200) } : {};
  if (CALL_KINDS.includes(kind)) return { priority, retries, ...timeout };
  const chunkSize = random.chance(60) ? { chunkSize: random.oneOf([1, 2, 5, 20, 100]) } : {};
  const failFast = mayCut && MAP_KINDS.includes(kind) && random.chance(10)
    ? { failFast: true }
    : {};
  const isBuffered = IMAP_KINDS.includes(kind) && random.chance(50);
  const bufferSize = isBuffered ? { bufferSize: random.oneOf([1, 3, 10, 100]) } : {};
  return { priority, retries, ...timeout, ...chunkSize, ...failFast, ...bufferSize };
}

function abortOf(random: Random, kind: JobKind): PlannedAbort | undefined {
  if (kind === "burst" || kind === "broadcast") return undefined;
  const hows: PlannedAbort["how"][] = ["signal", "signal", "before"];
  if (kind === "applyAsync" || kind === "mapAsync") hows.push("result", "result", "result");
  if (IMAP_KINDS.includes(kind)) hows.push("leave", "leave", "leave");
  const ms = random.chance(20) ? undefined : random.between(0, 40);
  return { how: random.oneOf(hows), ms, taken: random.between(0, 20) };
}
