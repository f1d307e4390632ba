import { kindOf } from "../../core/wire/protocol.ts";
import { unpack } from "../../core/wire/packing.ts";
import type { WorkerListener, WorkerPort } from "../../runtime/port.ts";

/** Notes all that is heard of a worker. */
export class RecordingListener implements WorkerListener {
  /** What came, in order: a message's kind, `failed` or `ended`. */
  readonly heard: string[] = [];
  readonly messages: unknown[] = [];
  readonly failures: unknown[] = [];
  readonly exitCodes: (number | undefined)[] = [];

  message(data: unknown): void {
    this.heard.push(kindOf(data));
    this.messages.push(data);
  }

  unreadable(): void {
    this.heard.push("unreadable");
  }

  failed(cause: unknown): void {
    this.heard.push("failed");
    this.failures.push(cause);
  }

  ended(exitCode: number | undefined): void {
    this.heard.push("ended");
    this.exitCodes.push(exitCode);
  }

  /** The values of all results so far, and `undefined` for each error. */
  get values(): unknown[] {
    return this.messages.flatMap((data) => {
      const { kind, values } = Object(data);
      return kind === "results" ? [...unpack(values)] : [];
    });
  }

  /** Whether a message of this kind, `failed` or `ended` has come. */
  has(word: string): boolean {
    return this.heard.includes(word);
  }
}

/** Takes its time over each message, and notes whether others may wait to be handled behind it. */
export class SlowListener extends RecordingListener {
  /** What it looks at, once it is there. */
  port: WorkerPort | undefined;
  /** Whether its port was behind when it had heard a message. */
  wasBehind = false;

  override message(data: unknown): void {
    super.message(data);
    const end = performance.now() + 5;
    while (performance.now() < end);
    void Promise.resolve().then(() => this.wasBehind ||= this.port?.isBehind ?? false);
  }

  /** The values of all reports so far. */
  get reports(): unknown[] {
    return this.messages.flatMap((data) => {
      const { kind, value } = Object(data);
      return kind === "report" ? [value] : [];
    });
  }
}
