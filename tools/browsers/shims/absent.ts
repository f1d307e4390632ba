/** What a test fails with that needs what pages do not have: it is counted as skipped. */
export class Absence extends Error {
  override readonly name = "Absence";
}

/** Stands for a module that pages do not have, or a part of one: fails when it is used. */
export function absent(name: string): unknown {
  const fail = () => {
    throw new Absence(`needs ${name}`);
  };
  return new Proxy(class {}, { apply: fail, construct: fail, get: fail });
}

/** Whether a test fails for want of what pages do not have, itself or in a worker. */
export function absenceIn(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if (error.name === "Absence") return error.message;
  if (error.cause !== undefined) return absenceIn(error.cause);
  const lacksMemory = error instanceof ReferenceError && /SharedArrayBuffer/.test(error.message);
  // The product has to do without.
  return lacksMemory && isOfTest(error) ? "needs SharedArrayBuffer" : undefined;
}

/** Whether it was thrown by code of the tests. */
function isOfTest({ stack = "" }: Error): boolean {
  const [innermost = ""] = stack.split("\n").filter((line) => /:\d+:\d+/.test(line));
  return /\/\/[^/]+\/tests\//.test(innermost);
}
