import type { RunnerHost } from "./outbox.ts";
import type { CurrentTask } from "./task_context.ts";

/** The task that runs, as its own code sees it. */
export class RunningTask implements CurrentTask {
  readonly workerName: string;
  readonly #chunk: number;
  readonly #position: number;
  readonly #host: RunnerHost;
  #controller: AbortController | undefined;

  constructor(chunk: number, position: number, workerName: string, host: RunnerHost) {
    this.#chunk = chunk;
    this.#position = position;
    this.workerName = workerName;
    this.#host = host;
  }

  /** Its signal; most tasks never look at it. */
  get signal(): AbortSignal {
    this.#controller ??= this.#host.newAbortController();
    return this.#controller.signal;
  }

  /** Whether it is the task at this position of this chunk. */
  isAt(chunk: number, position: number): boolean {
    return this.#chunk === chunk && this.#position === position;
  }

  /** Sends a value to the job's caller. */
  report(value: unknown): void {
    const kind = "report";
    this.#host.post({ kind, chunk: this.#chunk, position: this.#position, value }, []);
  }

  /** Aborts its signal. */
  abort(reason: unknown): void {
    this.#controller ??= this.#host.newAbortController();
    this.#controller.abort(reason);
  }
}
