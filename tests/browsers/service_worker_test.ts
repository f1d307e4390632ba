import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { ask, DOUBLES, SCOPE_PROGRAM } from "./ask.ts";

type Receiver = Parameters<typeof ask>[0];

/** The slice of a registration that is used here. */
interface Registration {
  readonly installing: Receiver | null;
  readonly waiting: Receiver | null;
  readonly active: Receiver | null;
  unregister(): Promise<boolean>;
}

const { serviceWorker } = navigator as unknown as {
  serviceWorker: { register(url: URL, options: { type: "module" }): Promise<Registration> };
};

const registration = serviceWorker.register(SCOPE_PROGRAM, { type: "module" });
after(async () => (await registration).unregister());

async function askWorker(program: Parameters<typeof ask>[1]) {
  const { installing, waiting, active } = await registration;
  const worker = installing ?? waiting ?? active;
  assert.ok(worker);
  return await ask(worker, program);
}

describe("A pool in a service worker", () => {
  it("says at the first job that there is no Worker, and what to do", async () => {
    const answer = await askWorker("inline");
    assert.ok("text" in answer, JSON.stringify(answer));
    assert.match(answer.text, /workers: 0/);
  });

  it("runs inline tasks on its own thread", async () => {
    assert.deepEqual(await askWorker("inlineHere"), DOUBLES);
  });
});
