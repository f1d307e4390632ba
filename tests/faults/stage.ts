import assert from "node:assert/strict";
import { Pool } from "../../mod.ts";
import { open } from "../fixtures/gate.ts";
import { expectedOutcome, type Fault, nameOutcome, type Place } from "./fault.ts";
import { Others } from "./others.ts";
import { patiently, settle } from "./patience.ts";
import { tasks } from "./runs.ts";
import { newShared, type Shared } from "./shared.ts";

/** Longest that a job may take from the fault on, in ms: twice what is promised, as machines are shared. */
const MAX_DELAY = 2_000;

/** What was seen of a fault. */
export interface Sighting {
  readonly outcome: string;
  /** From the fault to the outcome. */
  readonly ms: number;
}

/** Lets a fault happen, and checks that no job suffers but the one concerned, and that one in time. */
export async function perform(fault: Fault, place: Place): Promise<Sighting> {
  const shared = newShared();
  const workers = place === "inline" ? { workers: 0 } : {};
  const pool = new Pool({ workers: 2, ...fault.options?.(shared), ...workers });
  try {
    if (!fault.cold) await patiently(warmUp(pool), "the pool's start");
    const sighting = await watch(fault, pool, shared);
    assert.equal(sighting.outcome, expectedOutcome(fault));
    assert.ok(sighting.ms <= MAX_DELAY, `it took ${sighting.ms} ms`);
    if (fault.ends === undefined) await checkUsable(fault, pool);
    else await checkEnded(fault, pool);
    await end(pool);
    checkAbandoned(fault, pool, place);
    return sighting;
  } finally {
    // What Deno could not stop must not live on with the tests that follow.
    open(shared.gate);
    await patiently(pool.terminate(), "the last terminate()");
  }
}

/** Has all workers up, with the tasks' module in them. */
async function warmUp(pool: Pool): Promise<void> {
  await pool.ready();
  await pool.broadcast(tasks.identity, [0]);
}

async function watch(fault: Fault, pool: Pool, shared: Shared): Promise<Sighting> {
  const others = new Others(pool);
  if (!fault.cold) await patiently(others.underWay, "the first result of an imap()");
  let end = 0;
  const aside: Promise<unknown>[] = [];
  const job = Promise.resolve(fault.run({ pool, shared, othersDone: others.done, aside }));
  const timed = job.finally(() => end = Date.now());
  others.add(pool);
  const { "the job concerned": settled } = await settle({ "the job concerned": timed });
  if (settled.status === "rejected" && settled.reason instanceof assert.AssertionError) {
    throw settled.reason;
  }
  await others.check(fault.ends === undefined ? [] : [fault.outcome, "PoolStateError"]);
  await patiently(Promise.all(aside), "what else must come true");
  const [moment = 0] = shared.moment;
  assert.notEqual(moment, 0, "the fault never happened");
  return { outcome: nameOutcome(settled), ms: Math.max(0, end - moment) };
}

/** The pool works on, in all of its workers. */
async function checkUsable({ replaced = 0 }: Fault, pool: Pool): Promise<void> {
  assert.equal(pool.state, "running");
  assert.equal(await patiently(pool.apply(tasks.identity, ["on"]), "a later apply()"), "on");
  const all = await patiently(pool.broadcast(tasks.identity, ["on"]), "a later broadcast()");
  assert.deepEqual(all, all.map(() => "on"));
  const { queued, running, busy, restarted } = pool.stats();
  assert.deepEqual({ queued, running, busy }, { queued: 0, running: 0, busy: 0 });
  if (replaced !== "maybe") assert.equal(restarted, replaced, "workers that were replaced");
}

/** The pool says what became of it, to every later job as well. */
async function checkEnded({ ends, outcome }: Fault, pool: Pool): Promise<void> {
  assert.equal(pool.state, ends);
  if (ends === "terminated") {
    assert.throws(() => pool.apply(tasks.identity, [1]), { name: "PoolStateError" });
  } else {
    const later = assert.rejects(pool.apply(tasks.identity, [1]), { name: outcome });
    await patiently(later, "a later apply()");
  }
}

/** Deno cannot stop a busy thread; and on a busy machine no thread that is killed may end in time. */
function checkAbandoned(fault: Fault, pool: Pool, place: Place): void {
  const { abandoned } = pool.stats();
  const least = place === "deno" ? fault.abandoned ?? 0 : 0;
  const isAnyKilled = (fault.replaced ?? 0) !== 0 || fault.ends !== undefined;
  const isRight = isAnyKilled ? abandoned >= least : abandoned === 0;
  assert.ok(isRight, `threads that were abandoned: ${abandoned}`);
}

async function end(pool: Pool): Promise<void> {
  await patiently(pool.terminate(), "terminate()");
  await patiently(pool.join(), "join()");
  assert.equal(pool.stats().workers, 0);
}
