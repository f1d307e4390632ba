// Compiled by `deno task check`, never run: right code must compile, and each
// line under an expect-error must not.
import {
  type AsyncResult,
  fromModule,
  inline,
  move,
  Pool,
  type ResultIterator,
  type TaskReference,
} from "../../mod.ts";

/** Compiles only if both types are the same. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true
  : false;

/** `expectType<Expected>()(value)` compiles only for a value of exactly that type. */
function expectType<Expected>(): <Actual>(
  value: Actual,
  ...mismatch: Same<Actual, Expected> extends true ? [] : [never]
) => void {
  return () => {};
}

const pool = new Pool();
const url = new URL("./tasks.ts", import.meta.url);
const tasks = fromModule<typeof import("./tasks.ts")>(url);
const { fib, shout, greet, first } = tasks;
const square = (n: number): number => n * n;
const later = (n: number): Promise<string> => Promise.resolve(String(n));
const either = (n: number): number | Promise<number> => n > 0 ? n : Promise.resolve(n);
const power = (base: number, exponent: number): number => base ** exponent;
const maybe = (base: number, exponent?: number): number => base ** (exponent ?? 2);

// The four forms of designation, and what is inferred from each.
expectType<TaskReference<[n: number], number>>()(fib);
expectType<TaskReference<[text: string, times: number], string>>()(shout);
expectType<TaskReference<[name?: string], string>>()(greet);
expectType<Promise<number[]>>()(pool.map(square, [1, 2]));
expectType<Promise<number[]>>()(pool.map(fib, [1, 2]));
expectType<Promise<number[]>>()(pool.map((n) => n * n, [1, 2]));
expectType<Promise<number[]>>()(pool.map(inline(square), [1, 2]));
expectType<Promise<unknown[]>>()(pool.map(first, [[1], [2]]));
const { fib: served } = fromModule<typeof import("./tasks.ts")>();
expectType<Promise<number>>()(pool.apply(served, [1]));
// @ts-expect-error: a value is no task
tasks.version;
// @ts-expect-error: the module exports no such function
tasks.missing;

// Awaited results.
expectType<Promise<string[]>>()(pool.map(later, [1]));
expectType<Promise<number[]>>()(pool.map(either, [1]));
expectType<Promise<string>>()(pool.apply(shout, ["a", 2]));

// apply: arguments are required where the function requires them.
expectType<Promise<number>>()(pool.apply(power, [2, 3]));
expectType<Promise<number>>()(pool.apply(() => 1));
expectType<Promise<string>>()(pool.apply(greet));
expectType<Promise<string>>()(pool.apply(greet, ["you"]));
expectType<Promise<string>>()(pool.apply(greet, [], { timeout: 5 }));
expectType<Promise<number>>()(pool.apply(maybe, [2]));
expectType<Promise<number>>()(pool.apply(maybe, [2, 3]));
expectType<Promise<number>>()(pool.apply((a: number, b: number) => a + b, [1, 2], { retries: 1 }));
// @ts-expect-error: an argument is missing
pool.apply(power, [2]);
// @ts-expect-error: all arguments are missing
pool.apply(power);
// @ts-expect-error: an argument has the wrong type
pool.apply(power, [2, "3"]);
// @ts-expect-error: an argument too many
pool.apply(fib, [1, 2]);
// @ts-expect-error: an argument has the wrong type, through a reference
pool.apply(shout, [1, 2]);
// @ts-expect-error: not a list of arguments
pool.apply(fib, 1);
// @ts-expect-error: no such option
pool.apply(fib, [1], { timeOut: 1 });
// @ts-expect-error: not a function
pool.apply("fib", [1]);

// applyAsync: callbacks see the result's type.
expectType<AsyncResult<number>>()(
  pool.applyAsync(fib, [1], { callback: (value) => expectType<number>()(value) }),
);
expectType<Promise<number>>()(pool.applyAsync(fib, [1]).get(5));
expectType<boolean>()(pool.applyAsync(fib, [1]).ready());
// @ts-expect-error: the callback takes another type
pool.applyAsync(fib, [1], { callback: (value: string) => value.length });

// map: items are what the function takes.
expectType<Promise<number[]>>()(pool.map(square, new Set([1])));
expectType<Promise<number[]>>()(pool.map(
  square,
  function* () {
    yield 1;
  }(),
));
expectType<Promise<number[]>>()(pool.map(
  square,
  async function* () {
    yield 1;
  }(),
));
expectType<Promise<number[]>>()(pool.map(square, [1] as const));
expectType<Promise<number[]>>()(pool.map(maybe, [1, 2]));
expectType<AsyncResult<number[]>>()(pool.mapAsync(square, [1]));
expectType<Promise<PromiseSettledResult<number>[]>>()(pool.mapSettled(fib, [1]));
pool.map(square, [1], { transfer: (item, index) => [new ArrayBuffer(item + index)] });
// @ts-expect-error: items of the wrong type
pool.map(square, ["1"]);
// @ts-expect-error: items of the wrong type, through a reference
pool.map(fib, ["1"]);
// @ts-expect-error: not iterable
pool.map(square, 3);
// @ts-expect-error: the function requires a second argument
pool.map(power, [1]);
// @ts-expect-error: imap's option
pool.map(square, [1], { bufferSize: 4 });

// starmap: tuples are checked.
expectType<Promise<number[]>>()(pool.starmap(power, [[2, 3], [3, 2]]));
expectType<Promise<string[]>>()(pool.starmap(shout, [["a", 1]]));
expectType<Promise<number[]>>()(pool.starmap(maybe, [[1], [1, 2]]));
expectType<Promise<number[]>>()(pool.starmap(power, [[2, 3]] as const));
expectType<Promise<number[]>>()(pool.starmap(power, new Map([[1, 2]])));
expectType<AsyncResult<number[]>>()(pool.starmapAsync(power, [[2, 3]]));
// @ts-expect-error: a list too short
pool.starmap(power, [[2]]);
// @ts-expect-error: a list too long
pool.starmap(power, [[2, 3, 4]]);
// @ts-expect-error: the wrong type within a list
pool.starmap(shout, [["a", "b"]]);
// @ts-expect-error: items that are no lists
pool.starmap(power, [2, 3]);

// imap and its kin.
expectType<ResultIterator<number>>()(pool.imap(square, [1], { bufferSize: 4 }));
expectType<ResultIterator<string>>()(pool.imapUnordered(later, [1]));
expectType<ResultIterator<number>>()(pool.istarmap(power, [[1, 2]]));
expectType<ResultIterator<number>>()(pool.istarmapUnordered(power, [[1, 2]]));
for await (const value of pool.imap(square, [1])) expectType<number>()(value);

// broadcast.
expectType<Promise<string[]>>()(pool.broadcast(greet));
expectType<Promise<number[]>>()(pool.broadcast(fib, [3]));
// @ts-expect-error: an argument is missing
pool.broadcast(fib);

// Options of the pool.
new Pool({ initializer: (path: string) => path.length, initArgs: ["a"] });
new Pool({ initializer: fib, initArgs: [1] });
new Pool({ module: import.meta.url, worker: () => new Worker(url, { type: "module" }) });
// @ts-expect-error: not a number
new Pool({ workers: "2" });
// @ts-expect-error: no such option
new Pool({ threads: 2 });
// @ts-expect-error: not a worker
new Pool({ worker: () => 1 });

// move gives back the type of its value.
expectType<Uint8Array<ArrayBuffer>>()(move(new Uint8Array(1), []));
