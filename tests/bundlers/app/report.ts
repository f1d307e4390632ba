import type { Pool } from "@polypool/pool";

/** What became of each try: its value, or the name and the message of its error. */
export type Report = Record<string, unknown>;

/** Leaves what a pool did where the test finds it: in the page, or among what a program prints. */
export async function report(
  pool: Pool,
  tries: Record<string, () => Promise<unknown>>,
): Promise<void> {
  const seen: Report = {};
  for (const [name, attempt] of Object.entries(tries)) {
    seen[name] = await attempt().catch((error: Error) => `${error.name}: ${error.message}`);
  }
  await pool.terminate();
  const text = JSON.stringify(seen);
  if ("document" in globalThis) Object.assign(globalThis, { polypoolReport: text });
  else console.log(text);
}
