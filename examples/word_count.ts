/**
 * Counts the words in a folder of text files, as many files at a time as there are cores.
 *
 *     deno run -A examples/word_count.ts [folder]
 *
 * Ctrl-C stops it, and shows what was counted so far.
 *
 * @module
 */

import { readdir, readFile } from "node:fs/promises";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { Pool } from "@polypool/pool";

/** Runs in a worker: a Map crosses to the main thread as it is. */
export async function countWords(path: string): Promise<Map<string, number>> {
  const text = await readFile(path, "utf8");
  const counts = new Map<string, number>();
  for (const word of text.toLowerCase().match(/[\p{L}']+/gu) ?? []) {
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return counts;
}

async function textFiles(folder: string): Promise<string[]> {
  const names = await readdir(folder);
  return names.filter((name) => /\.(md|txt)$/.test(name)).map((name) => `${folder}/${name}`);
}

/** One line that counts up on a terminal, a line for each file elsewhere. */
function showProgress(done: number, total: number): void {
  const text = `${done} of ${total} files`;
  if (process.stdout.isTTY) process.stdout.write(`\r${text}${done === total ? "\n" : ""}`);
  else console.log(text);
}

function add(counts: ReadonlyMap<string, number>, totals: Map<string, number>): void {
  for (const [word, count] of counts) totals.set(word, (totals.get(word) ?? 0) + count);
}

function showMostFrequent(totals: ReadonlyMap<string, number>): void {
  const words = [...totals].sort(([a, many], [b, more]) => more - many || (a < b ? -1 : 1));
  for (const [word, count] of words.slice(0, 5)) console.log(`${word.padEnd(8)} ${count}`);
}

async function main(folder: string): Promise<void> {
  const pool = new Pool({ module: import.meta.url });
  const files = await textFiles(folder);
  // Unordered: a long file holds up no other, and sums do not mind the order.
  const results = pool.imapUnordered(countWords, files);
  const interrupt = () => {
    process.exitCode = 130;
    // Ends the loop below, and drops the files that no worker has begun.
    void results.return();
  };
  process.once("SIGINT", interrupt);
  const totals = new Map<string, number>();
  let done = 0;
  for await (const counts of results) {
    add(counts, totals);
    showProgress(++done, files.length);
  }
  process.off("SIGINT", interrupt);
  await pool.terminate();
  if (done < files.length) console.log(`\nStopped after ${done} of ${files.length} files`);
  showMostFrequent(totals);
}

if (import.meta.main) {
  const texts = fileURLToPath(new URL("./texts", import.meta.url));
  await main(process.argv[2] ?? texts);
}

// Output:
// 1 of 4 files
// 2 of 4 files
// 3 of 4 files
// 4 of 4 files
// the      22
// in       8
// for      4
// it       4
// and      3
