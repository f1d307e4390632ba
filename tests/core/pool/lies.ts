import fc from "fast-check";
import { encodeError } from "../../../core/wire/error_codec.ts";
import type { FromWorker, ToWorker } from "../../../core/wire/protocol.ts";

/** Chunks that a lie may be about: those that a worker has, and some that it has not. */
const chunk = fc.nat(2);
const position = fc.nat(3);
const error = fc.oneof(fc.string(), fc.constant(new RangeError("a lie")))
  .map((thrown) => encodeError(thrown));

/** Results come most often, and are the most harmful. */
const results: fc.Arbitrary<FromWorker> = fc.record({
  kind: fc.constant("results" as const),
  chunk,
  from: position,
  values: fc.array(fc.anything(), { maxLength: 4 }),
  errors: fc.array(fc.tuple(position, error), { maxLength: 2 }),
  ended: fc.boolean(),
  elapsed: fc.double({ min: 0, noNaN: true }),
});

/** Messages of the right shape that the worker has no right to send. */
const plausible: fc.Arbitrary<FromWorker> = fc.oneof(
  fc.constantFrom<FromWorker>({ kind: "ready" }, { kind: "initializing" }),
  fc.record({ kind: fc.constant("initFailed" as const), error }),
  fc.record({ kind: fc.constant("loading" as const), chunk }),
  fc.record({ kind: fc.constant("loadFailed" as const), chunk, error }),
  fc.record({ kind: fc.constantFrom("began" as const, "ending" as const), chunk }),
  fc.record({ kind: fc.constant("report" as const), chunk, position, value: fc.anything() }),
  { arbitrary: results, weight: 6 },
);
/** Anything instead of one field of a message. */
function spoilt(messages: fc.Arbitrary<FromWorker | ToWorker>): fc.Arbitrary<unknown> {
  return fc.tuple(messages, fc.nat(7), fc.anything()).map(([message, at, value]) => {
    const keys = Object.keys(message);
    return { ...message, [keys[at % keys.length] ?? "kind"]: value };
  });
}

/** Whatever a worker that is not its own master may send. */
export const lies: fc.Arbitrary<unknown> = fc.oneof(
  { arbitrary: plausible, weight: 4 },
  { arbitrary: spoilt(plausible), weight: 2 },
  { arbitrary: fc.anything(), weight: 1 },
);

const ref = fc.constantFrom(
  undefined,
  { kind: "source" as const, source: "(n) => n", name: "" },
  { kind: "source" as const, source: "(", name: "" },
  { kind: "served" as const, name: "nowhere" },
  { kind: "module" as const, url: "data:text/javascript,", name: "x" },
);

const order: fc.Arbitrary<ToWorker> = fc.oneof(
  fc.record({
    kind: fc.constant("init" as const),
    workerName: fc.string(),
    memory: fc.constant(undefined),
    modules: fc.constant([]),
    initializer: fc.constant(undefined),
  }),
  fc.record({
    kind: fc.constant("run" as const),
    chunks: fc.array(
      fc.record({
        id: fc.nat(9),
        word: fc.nat(9),
        fn: fc.nat(2),
        ref,
        items: fc.array(fc.anything(), { maxLength: 3 }),
        spread: fc.boolean(),
        stopOnError: fc.boolean(),
        eager: fc.boolean(),
        tellsEachTask: fc.boolean(),
      }),
      { maxLength: 2 },
    ),
  }),
  fc.record({ kind: fc.constant("abort" as const), chunk, reason: error }),
);

/** Orders of the right shape, and such as no pool would give. */
export const orders: fc.Arbitrary<unknown> = fc.oneof(order, spoilt(order), fc.anything());
