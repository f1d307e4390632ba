import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Channel } from "../../runtime/channel.ts";
import type { Handshake } from "../../runtime/handshake.ts";

/** Both ends of a channel, and what the pool's end hears. */
class Line {
  /** What came, in order: `message 1`, `handshake locked`, `failed`. */
  readonly heard: string[] = [];
  readonly channel: Channel;
  /** The worker's end. */
  readonly port: MessagePort;
  #onHeard = () => {};

  constructor() {
    const hear = (what: string) => {
      this.heard.push(what);
      this.#onHeard();
    };
    const listener = {
      message: (data: unknown) => hear(`message ${data}`),
      unreadable: () => hear("unreadable"),
      failed: () => hear("failed"),
      ended: () => hear("ended"),
    };
    this.channel = new Channel(
      listener,
      ({ polypool }: Handshake) => hear(`handshake ${polypool}`),
    );
    this.port = this.#connect();
  }

  #connect(): MessagePort {
    const ports: MessagePort[] = [];
    this.channel.connect("lock-1", (message, transfer) => {
      assert.deepEqual([message.polypool, Object(message).lock], ["connect", "lock-1"]);
      ports.push(...transfer);
    });
    const [port] = ports;
    assert(port, "no port was given away");
    return port;
  }

  /** Resolves when so much was heard; the port does not hold the process meanwhile. */
  async hears(count: number): Promise<string[]> {
    const timer = setTimeout(() => {}, 10_000);
    while (this.heard.length < count) {
      await new Promise<void>((resolve) => this.#onHeard = resolve);
    }
    clearTimeout(timer);
    return this.heard;
  }

  [Symbol.dispose](): void {
    this.channel.close();
    this.port.close();
  }
}

describe("Channel", () => {
  it("tells what a worker says of itself from what it says of its tasks", async () => {
    const line = new Line();
    try {
      line.port.postMessage({ polypool: "locked" });
      line.port.postMessage("of a task");
      line.port.postMessage({ polypool: "ending" });
      const expected = ["handshake locked", "message of a task", "handshake ending"];
      assert.deepEqual(await line.hears(3), expected);
    } finally {
      line[Symbol.dispose]();
    }
  });

  it("brings the worker what the pool sends, and hands over what goes with it", async () => {
    const line = new Line();
    try {
      const arrived = new Promise((resolve) => line.port.onmessage = ({ data }) => resolve(data));
      const { buffer } = new Uint8Array([7]);
      line.channel.post({ kind: "run", chunks: [] }, [buffer]);
      assert.deepEqual(await arrived, { kind: "run", chunks: [] });
      assert.equal(buffer.byteLength, 0);
    } finally {
      line[Symbol.dispose]();
    }
  });

  it("gives its worker's end away once", () => {
    const line = new Line();
    try {
      line.channel.connect("lock-2", () => assert.fail("it had no end left to give"));
    } finally {
      line[Symbol.dispose]();
    }
  });

  it("refuses what cannot be cloned at once", () => {
    const line = new Line();
    try {
      const message = { kind: "init", workerName: "w", initializer: () => 1 };
      // What the types do not let pass is what this is about.
      const post = () => line.channel.post(message as never, []);
      assert.throws(post, { name: "DataCloneError" });
    } finally {
      line[Symbol.dispose]();
    }
  });

  it("hears nothing more once it is closed", async () => {
    const line = new Line();
    try {
      line.port.postMessage("before");
      await line.hears(1);
      line.port.postMessage("late");
      line.channel.close();
      await new Promise((wake) => setTimeout(wake, 50));
      assert.deepEqual([line.heard, line.channel.isBehind], [["message before"], false]);
    } finally {
      line[Symbol.dispose]();
    }
  });
});
