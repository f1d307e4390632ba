import type { JobChunk } from "./job.ts";
import { explain, explainSlab } from "../wire/refusal.ts";
import { type Parcel, type Values, wrap } from "../wire/packing.ts";

/** The items of a chunk, ready to be sent. */
export interface ItemParcel extends Parcel {
  /** Whether each is a list of arguments. */
  readonly areLists: boolean;
}

/**
 * Makes the items of a chunk ready to be sent.
 *
 * @throws {DataCloneError} If one is of a kind that arrives empty on some platforms.
 */
export function parcelOf(chunk: JobChunk): ItemParcel {
  const { spread } = chunk.job.policy;
  const sole = spread ? soleArguments(chunk.items) : undefined;
  const areLists = spread && sole === undefined;
  chunk.transfer = transfersOf(chunk);
  return { ...wrap(sole ?? chunk.items, chunk.transfer, areLists), areLists };
}

/** What the caller hands over with the tasks of a chunk. */
function transfersOf({ job, items, first }: JobChunk): Transferable[] {
  const { transfer } = job.policy;
  const transfers: Transferable[] = [];
  if (transfer === undefined) return transfers;
  for (const [at, item] of items.entries()) transfers.push(...transfer(item, first + at));
  return transfers;
}

/** The arguments themselves, if each list holds just one: they are cloned faster without it. */
function soleArguments(lists: Values): unknown[] | undefined {
  const sole: unknown[] = [];
  for (const list of lists) {
    if (!Array.isArray(list) || list.length !== 1) return undefined;
    sole.push(list[0]);
  }
  return sole;
}

/** The error of a task that could not be sent, which says what of it cannot. */
export function explainRefusal(
  error: unknown,
  { job, items, first, transfer }: JobChunk,
): unknown {
  const [item] = items;
  const isList = job.policy.spread && Array.isArray(item);
  const values = isList
    ? item.map((value, at) => [`argument ${at + 1}`, value] as const)
    : [[`items[${first}]`, item] as const];
  const slab = values.map(([, value]) => explainSlab(value, transfer)).find(Boolean);
  if (slab === undefined) return explain(error, values);
  return new DOMException(`Cannot hand over the argument as ${slab}`, "DataCloneError");
}

/** The error of an argument that a worker could not read. */
export function newUnreadError(): DOMException {
  const text = "The value could not be read by its worker: it is nested too deeply, or too large.";
  return new DOMException(text, "DataCloneError");
}
