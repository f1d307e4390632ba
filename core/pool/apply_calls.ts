import type { Collector, Resolvers } from "./collectors.ts";
import type { KnownFunction } from "./functions.ts";
import { Job } from "./job.ts";
import { PLAIN_POLICY } from "./policy.ts";
import { addCallSite, copyError } from "../error_stack.ts";
import type { Values } from "../wire/packing.ts";
import type { TaskInput } from "./inputs.ts";

/** Calls in one run; a run that grew for ever would never let go of its first call. */
const MAX_CALLS = 4096;

/**
 * A run of `apply` calls of one function, one after the other: input and
 * collector of one job, so that thousands of calls cost one job and travel in
 * few messages.
 */
export class ApplyCalls implements TaskInput, Collector {
  readonly #items: unknown[] = [];
  readonly #resolvers: (Resolvers<unknown> | undefined)[] = [];
  #taken = 0;
  #closed = false;
  readonly #goesOn: boolean;

  /** @param goesOn Whether others may follow when all its calls are done, until it is probed. */
  constructor(goesOn = false) {
    this.#goesOn = goesOn;
  }

  /** More calls may still join, until the run has ended. */
  readonly length = undefined;

  /** Whether another call may join. */
  get open(): boolean {
    return !this.#closed && this.#items.length < MAX_CALLS;
  }

  /** Calls that no worker has been given. */
  get waiting(): number {
    return this.#items.length - this.#taken;
  }

  get remaining(): number {
    return this.waiting;
  }

  get exhausted(): boolean {
    return this.waiting === 0 && (this.#closed || !this.#goesOn);
  }

  probe(): void {
    this.#closed = true;
  }

  /** Adds a call. */
  add(args: readonly unknown[], resolvers: Resolvers<unknown>): void {
    this.#items.push(args);
    this.#resolvers.push(resolvers);
  }

  take(limit: number): Values {
    const items = this.#items.slice(this.#taken, this.#taken + limit);
    // The arguments of a call that ended must not live as long as the whole run.
    this.#items.fill(undefined, this.#taken, this.#taken + items.length);
    this.#taken += items.length;
    return items;
  }

  cancel(): undefined {
    this.#closed = true;
    this.#taken = this.#items.length;
  }

  fulfil(first: number, values: Values): void {
    for (let at = 0; at < values.length; at++) this.#settle(first + at)?.resolve(values[at]);
  }

  reject(index: number, error: unknown): void {
    const resolvers = this.#settle(index);
    if (resolvers === undefined) return;
    addCallSite(error, resolvers.callSite);
    resolvers.reject(error);
  }

  end(): void {
    this.#closed = true;
  }

  fail(error: unknown): void {
    this.#closed = true;
    const isOne = this.#resolvers.filter(Boolean).length === 1;
    for (let index = 0; index < this.#resolvers.length; index++) {
      if (this.#resolvers[index] !== undefined) {
        this.reject(index, isOne ? error : copyError(error));
      }
    }
  }

  #settle(index: number): Resolvers<unknown> | undefined {
    const resolvers = this.#resolvers[index];
    this.#resolvers[index] = undefined;
    return resolvers;
  }
}

/** Has equal calls in a row run as one job. */
export class CallRuns {
  readonly #submit: (job: Job) => void;
  #run: { readonly job: Job; readonly calls: ApplyCalls } | undefined;

  /** @param submit Takes on the job of a new run. */
  constructor(submit: (job: Job) => void) {
    this.#submit = submit;
  }

  /** Adds a call: to the run that it continues, or as a new one. */
  add(fn: KnownFunction, args: readonly unknown[], resolvers: Resolvers<unknown>): void {
    if (this.#run?.job.fn === fn && this.#run.calls.open) {
      this.#run.calls.add(args, resolvers);
      this.#run.job.grow();
    } else {
      const calls = new ApplyCalls(true);
      calls.add(args, resolvers);
      this.#run = { calls, job: new Job(fn, PLAIN_POLICY, calls, calls) };
      this.#submit(this.#run.job);
    }
  }

  /** Ends the run, as something else was submitted. */
  end(): void {
    this.#run = undefined;
  }
}
