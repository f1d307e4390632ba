/**
 * A process with a time limit: what it prints, and when.
 *
 * @module
 */

/** How a process ended. */
export interface ChildOutcome {
  readonly stdout: string;
  readonly stderr: string;
  readonly success: boolean;
  /** Whether it was killed, as its time was over. */
  readonly isLate: boolean;
  /** From its start to its first output, and to its end. */
  readonly firstOutputMs: number;
  readonly endMs: number;
  /** What it computed, in all its threads and processes; none is known of one that was killed. */
  readonly cpuMs: number;
}

/** What stops the bench before its end: the process that it waits for has to be stopped with it. */
const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/** Ends the errors by a line of seconds: Deno does not tell the CPU time of another process. */
const TIMED = "LC_ALL=C; TIMEFORMAT=$'\\n%3U %3S'; time \"$@\"";

const ENV = { DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" };

/** Runs a command until its end, or until its time is over. */
export async function runChild(
  command: readonly string[],
  limitMs: number,
): Promise<ChildOutcome> {
  const start = performance.now();
  const stdio = { stdin: "null", stdout: "piped", stderr: "piped" } as const;
  // In a process group of its own, to be killed whole: some libraries start processes.
  const args = ["-c", TIMED, "bash", ...command];
  const child = new Deno.Command("bash", { args, env: ENV, ...stdio, detached: true }).spawn();
  const watch = guard(child, limitMs);
  const errors = new Response(child.stderr).text();
  let firstOutputMs = NaN;
  let stdout = "";
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    if (stdout === "") firstOutputMs = performance.now() - start;
    stdout += text;
  }
  const { success } = await child.status;
  const endMs = performance.now() - start;
  const isLate = watch.end();
  return { stdout, success, isLate, firstOutputMs, endMs, ...parseErrors(await errors) };
}

/** Takes the line of seconds, user and system, off the errors. */
function parseErrors(text: string): Pick<ChildOutcome, "stderr" | "cpuMs"> {
  const [line = "", user, system] = /\n([\d.]+) ([\d.]+)\n$/.exec(text) ?? [];
  const cpuMs = (Number(user) + Number(system)) * 1000;
  return { stderr: text.slice(0, text.length - line.length), cpuMs };
}

/** Kills a process when its time is over, or when this one is stopped. */
function guard(child: Deno.ChildProcess, limitMs: number): { end(): boolean } {
  let isLate = false;
  const interrupt = () => {
    killGroup(child.pid);
    Deno.exit(130);
  };
  const timer = setTimeout(() => {
    isLate = true;
    killGroup(child.pid);
  }, limitMs);
  for (const name of SIGNALS) Deno.addSignalListener(name, interrupt);
  return {
    end() {
      clearTimeout(timer);
      for (const name of SIGNALS) Deno.removeSignalListener(name, interrupt);
      return isLate;
    },
  };
}

function killGroup(pid: number): void {
  try {
    Deno.kill(-pid, "SIGKILL");
  } catch (error) {
    // It has just ended by itself.
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
