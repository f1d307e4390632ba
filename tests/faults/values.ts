import { alone, failureAmong, inChunk, tasks } from "./runs.ts";
import { type Fault, type FaultGroup, nameOutcome } from "./fault.ts";
import { note } from "./shared.ts";

const open = (): number => 1;

/** The other tasks of a chunk: whether the bad one has a value is a matter of what travels with it. */
function neighboursOf(name: string): Fault["run"] {
  return async (stage) => {
    const [outcome] = await Promise.allSettled([inChunk(name)(stage)]);
    const word = nameOutcome(outcome);
    if (word !== "value" && word !== "SerializationError") throw new Error(word);
    return "values";
  };
}

const faults: readonly Fault[] = [
  {
    name: "an argument that cannot be cloned",
    outcome: "DataCloneError",
    run({ pool, shared }) {
      note(shared);
      return pool.apply(tasks.identity, [{ open }]);
    },
  },
  {
    name: "an item that cannot be cloned, in the middle of a chunk",
    outcome: "DataCloneError",
    run({ pool, shared }) {
      note(shared);
      // No number: the point of the fault.
      const items = [0, 1, open as never, 3, 4];
      return failureAmong(pool.mapSettled(tasks.doubleOrMisbehave, items, { chunkSize: 5 }));
    },
  },
  {
    name: "a transferred argument that is gone already",
    outcome: "DataCloneError",
    run({ pool, shared }) {
      const buffer = new ArrayBuffer(8);
      structuredClone(buffer, { transfer: [buffer] });
      note(shared);
      return pool.apply(tasks.identity, [buffer], { transfer: [buffer] });
    },
  },
  {
    name: "a result that cannot be cloned",
    outcome: "SerializationError",
    run: alone("giveFunction"),
  },
  {
    name: "a result that cannot be cloned, in the middle of a chunk",
    outcome: "SerializationError",
    run: inChunk("giveFunction"),
  },
  {
    name: "a result whose getter throws, in the middle of a chunk",
    outcome: "SerializationError",
    run: inChunk("giveThrowingGetter"),
  },
  {
    name: "a result whose getter throws the first time only",
    outcome: "SerializationError",
    run: alone("giveFailingOnce"),
  },
  {
    name: "the neighbours in a chunk of a result whose getter throws the first time only",
    outcome: "value",
    run: neighboursOf("giveFailingOnce"),
  },
  {
    name: "a result whose getter throws the second time only",
    outcome: "value",
    run: inChunk("giveFailingSecond"),
  },
  { name: "a result whose `then` throws", outcome: "RangeError", run: alone("giveThrowingThen") },
  {
    name: "a report that cannot be cloned",
    outcome: "DataCloneError",
    run: alone("reportFunction"),
  },
  {
    name: "an error with a property that cannot be cloned",
    outcome: "RangeError",
    run: inChunk("throwFunctionWithin"),
  },
  {
    name: "an error with a getter that throws",
    outcome: "RangeError",
    run: inChunk("throwGetterWithin"),
  },
  {
    name: "an error with a getter that throws every other time",
    outcome: "RangeError",
    run: inChunk("throwFailingOdd"),
  },
  {
    name: "an error with a getter that throws from the second time on",
    outcome: "RangeError",
    run: inChunk("throwFailingEven"),
  },
  { name: "`throw undefined`", outcome: "undefined", run: alone("throwUndefined") },
  { name: "`throw null`", outcome: "null", run: alone("throwNull") },
  { name: "a thrown string", outcome: '"just text"', run: alone("throwText") },
  { name: "a thrown function", outcome: "SerializationError", run: alone("throwFunction") },
  { name: "a thrown Proxy", outcome: "SerializationError", run: alone("throwProxy") },
  {
    name: "a thrown Proxy whose traps throw",
    outcome: "SerializationError",
    run: inChunk("throwHostileProxy"),
  },
  {
    name: "a thrown object with a getter that throws",
    outcome: "SerializationError",
    run: inChunk("throwGetter"),
  },
];

/** Values that do not get from one thread to another. */
export const values: FaultGroup = { title: "A value cannot cross", faults };
