import type { Runtime } from "../fixtures/runtime.ts";
import { expectedOutcome, type Fault, type FaultGroup } from "./fault.ts";

/** Where faults were tried: a column of the table. */
export interface Column {
  readonly title: string;
  /** What runs it; nothing for `workers: 0`, which stands for the calling thread of any. */
  readonly runtime: Runtime | undefined;
}

/** Says how long a fault took in a column. */
export type TimeOf = (fault: Fault, column: Column) => string;

/** The columns, by the names that the tests' runtimes have; that of `workers: 0` is the last. */
export const columns: Readonly<Record<string, Column>> = {
  deno: { title: "Deno", runtime: "deno" },
  bun: { title: "Bun", runtime: "bun" },
  node22: { title: "Node 22", runtime: "node" },
  node24: { title: "Node 24", runtime: "node" },
  node26: { title: "Node 26", runtime: "node" },
  inline: { title: "`workers: 0`", runtime: undefined },
};

const all = Object.values(columns);

/** A group of faults as a table in Markdown, under a heading. */
export function sectionOf(group: FaultGroup, timeOf: TimeOf): string {
  const header = ["fault", "outcome", ...all.map(({ title }) => title)];
  const rows = [header, header.map(() => "---"), ...rowsOf(group, timeOf)];
  return [`### ${group.title}`, "", ...rows.map((cells) => `| ${cells.join(" | ")} |`)].join("\n");
}

/** The table's cells, row by row. */
export function rowsOf({ faults }: FaultGroup, timeOf: TimeOf): string[][] {
  return faults.map((fault) => [
    fault.name,
    wordOf(fault.outcome),
    ...all.map((column) => cellOf(fault, column, timeOf)),
  ]);
}

function cellOf(fault: Fault, column: Column, timeOf: TimeOf): string {
  const { runtime } = column;
  if (fault.skip?.[runtime ?? "inline"] !== undefined) return "–";
  const outcome = runtime === undefined ? fault.outcome : expectedOutcome(fault, runtime);
  const time = timeOf(fault, column);
  return outcome === fault.outcome ? time : `${wordOf(outcome)} ${time}`;
}

function wordOf(outcome: string): string {
  return outcome === "value" ? outcome : `\`${outcome}\``;
}
