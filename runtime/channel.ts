import { Fifo } from "../core/queues.ts";
import { isReport, type ToWorker } from "../core/wire/protocol.ts";
import { type Handshake, isHandshake } from "./handshake.ts";
import { isNode, nextTurn, nodeWorkerThreads, now, timers } from "./platform.ts";
import { type Flow, isRefable, listen, send, type WorkerListener } from "./port.ts";

/** Stands among the messages for one that cannot be read. */
const UNREADABLE = Symbol("unreadable");

/**
 * The pool's end of the private channel that it has with one worker. What
 * tasks post on their global scope does not come this way.
 */
export class Channel {
  readonly #port: MessagePort;
  readonly #listener: WorkerListener;
  readonly #onHandshake: (message: Handshake) => void;
  readonly #inlet: Inlet;
  /** The worker's end, until it is given away. */
  #other: MessagePort | undefined;

  /**
   * @param listener Hears what the worker says of its tasks.
   * @param onHandshake Hears what it says of itself.
   */
  constructor(listener: WorkerListener, onHandshake: (message: Handshake) => void) {
    const { port1, port2 } = newChannel();
    this.#port = port1;
    this.#other = port2;
    this.#listener = listener;
    this.#onHandshake = onHandshake;
    const flow = listen(
      port1,
      (data) => this.#inlet.take(data),
      () => this.#inlet.take(UNREADABLE),
    );
    this.#inlet = new Inlet(pace, (data) => this.#hear(data), flow && this.#free(flow));
    this.#unref();
  }

  /** Whether something may have arrived that waits to be handled. */
  get isBehind(): boolean {
    return this.#inlet.isBehind;
  }

  /** Gives the worker its end. Once: a task may ask for another, but there is none. */
  connect(lock: string, post: (message: Handshake, transfer: MessagePort[]) => void): void {
    const port = this.#other;
    if (port === undefined) return;
    this.#other = undefined;
    post({ polypool: "connect", port, lock }, [port]);
  }

  /**
   * Sends a message.
   *
   * @throws {DataCloneError} If something in it cannot be cloned.
   */
  post(message: ToWorker, transfer: readonly Transferable[]): void {
    send(this.#port, message, transfer);
  }

  /** Hears nothing more. */
  close(): void {
    this.#inlet.close();
    this.#port.close();
  }

  #hear(data: unknown): void {
    if (data === UNREADABLE) this.#listener.unreadable();
    else if (isHandshake(data)) this.#onHandshake(data);
    else this.#listener.message(data);
  }

  #free({ stop, start }: Flow): Flow {
    return {
      stop,
      start: () => {
        start();
        this.#unref();
      },
    };
  }

  /** The worker alone decides whether the process stays alive. A listener undoes this: it comes after. */
  #unref(): void {
    if (isRefable(this.#port)) this.#port.unref();
  }
}

/** Node's own, where it is Node: what stands for a page there, for tests, may have another, or none. */
function newChannel(): MessageChannel {
  const Own = isNode() ? nodeWorkerThreads()?.MessageChannel : undefined;
  return Own === undefined ? new MessageChannel() : new Own();
}

/**
 * Where one worker's messages come in: they are handled in order, at once. Only
 * reports can come in any number; those that one turn has no time for wait, and
 * all that came after them.
 */
export class Inlet {
  readonly #pace: Pace;
  readonly #handle: (message: unknown) => void;
  readonly #flow: Flow | undefined;
  readonly #waiting = new Fifo<unknown>();
  #isBehind = false;
  #isClosed = false;

  /**
   * @param pace Shared by all inlets of a thread.
   * @param handle Gets each message.
   * @param flow Spares this inlet to keep what goes on coming.
   */
  constructor(pace: Pace, handle: (message: unknown) => void, flow?: Flow) {
    this.#pace = pace;
    this.#handle = handle;
    this.#flow = flow;
  }

  /** Whether something may have arrived that is not handled yet. */
  get isBehind(): boolean {
    return this.#isBehind;
  }

  /** Takes the next message. */
  take(message: unknown): void {
    // A port that is closed may still hand over what had arrived.
    if (this.#isClosed) return;
    if (this.#isBehind) return this.#waiting.push(message);
    this.#handle(message);
    if (this.#mustWait(message)) this.#fallBehind();
  }

  /** Handles nothing more. */
  close(): void {
    this.#isClosed = true;
    this.#isBehind = false;
    this.#waiting.retain(() => false);
  }

  #mustWait(message: unknown): boolean {
    return isReport(message) && !this.#isClosed && this.#pace.isSpent();
  }

  #fallBehind(): void {
    this.#isBehind = true;
    this.#flow?.stop();
    this.#pace.wait(() => this.#goOn());
  }

  #goOn(): void {
    try {
      this.#handleWaiting();
    } finally {
      if (this.#waiting.size > 0) this.#pace.wait(() => this.#goOn());
      else if (!this.#isClosed) this.#catchUp();
    }
  }

  #handleWaiting(): void {
    while (this.#waiting.size > 0) {
      const message = this.#waiting.shift();
      this.#handle(message);
      if (this.#mustWait(message)) return;
    }
  }

  #catchUp(): void {
    this.#isBehind = false;
    this.#flow?.start();
  }
}

/** How long those who share a pace may work in one turn of the event loop, all together, in ms. */
const TURN_MS = 4;

/**
 * Keeps those who have much to do from filling whole turns of the event loop:
 * they share some milliseconds of each, and go on one after the other.
 */
export class Pace {
  readonly #now: () => number;
  readonly #nextTurn: (callback: () => void) => void;
  readonly #line = new Fifo<() => void>();
  #isWatching = false;
  /** When the first of this turn had done something. */
  #since: number | undefined;

  /**
   * @param now Milliseconds since some moment.
   * @param nextTurn Calls back once everything else that is due has had its turn.
   */
  constructor(now: () => number, nextTurn: (callback: () => void) => void) {
    this.#now = now;
    this.#nextTurn = nextTurn;
  }

  /** Whether this turn has had its share; asked after each piece of work. */
  isSpent(): boolean {
    this.#watch();
    const now = this.#now();
    this.#since ??= now;
    return now - this.#since >= TURN_MS;
  }

  /** Calls back in a later turn, when those who have waited longer have had theirs. */
  wait(goOn: () => void): void {
    this.#line.push(goOn);
    this.#watch();
  }

  #watch(): void {
    if (this.#isWatching) return;
    this.#isWatching = true;
    this.#nextTurn(() => this.#beginTurn());
  }

  #beginTurn(): void {
    this.#isWatching = false;
    this.#since = undefined;
    const goOn = this.#line.shift();
    if (goOn === undefined) return;
    this.#watch();
    goOn();
  }
}

const { setImmediate } = timers();

/** The pace of all that workers send to this thread. */
export const pace: Pace = new Pace(
  now,
  (callback) => setImmediate === undefined ? nextTurn(callback) : setImmediate(callback),
);
