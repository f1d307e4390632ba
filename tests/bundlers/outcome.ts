import { isDeepStrictEqual } from "node:util";
import type { Report } from "./app/report.ts";
import { type Flavour, FLAVOURS } from "./project.ts";

const INLINE: Report = { arrow: [2, 4, 6], later: 4, byUrl: [1, 8, 27], rest: [1, 2, 2] };

/** What an app reports whose pool works. */
const WORKING: Readonly<Record<Flavour, Report>> = {
  served: { square: [1, 4, 9], half: 2.5 },
  plain: INLINE,
  embedded: INLINE,
  calling_thread: INLINE,
};

/** What plain functions may give that go to a served worker by their names, or else an error. */
const BY_NAME: Report = { plainNegate: -5, other0: 125, other1: 10, other2: 5 / 3, other3: 6 };

/** An error that says which file the pool looked for, if that can be known, and what to do. */
const ADVICE =
  /^WorkerLostError: .*(file is \S+worker\.js|does not say where its file is).*option 'worker'/s;

/** Tries an app of each flavour: what became of it in the word of the table, or what it reports if there is none. */
export async function outcomesOf(
  run: (flavour: Flavour) => Promise<Report>,
): Promise<Record<string, string>> {
  const seen: Record<string, string> = {};
  for (const flavour of FLAVOURS) {
    const report = await run(flavour).catch(({ message }: Error) => ({ died: message }));
    seen[flavour] = outcomeOf(flavour, report);
  }
  return seen;
}

function outcomeOf(flavour: Flavour, report: Report): string {
  if (isDeepStrictEqual(withoutNamed(report), WORKING[flavour])) return "works";
  const byUrl = WORKING[flavour]["byUrl"];
  if (isDeepStrictEqual({ ...report, byUrl }, WORKING[flavour])) return "works, not by URL";
  const errors = Object.values(report);
  if (errors.length > 1 && errors.every((error) => ADVICE.test(String(error)))) return "fails";
  return JSON.stringify(report, undefined, 2);
}

/** Leaves out what went by name, where that gave the right value, or the error that is due. */
function withoutNamed(report: Report): Report {
  const rest = Object.entries(report).filter(([name, value]) =>
    !(name in BY_NAME) ||
    !(value === BY_NAME[name] || String(value).startsWith("TaskNotFoundError: "))
  );
  return Object.fromEntries(rest);
}
