/** What comes of a call. */
type Result = Readonly<Record<string, unknown>>;

/** An answer, or an event, which has no number. */
interface Answer {
  readonly id?: number;
  readonly result?: Result;
  readonly error?: unknown;
  readonly message?: string;
}

/** Calls a browser over a WebSocket; both protocols that browsers speak number calls in this way. */
export class Remote {
  readonly #socket: WebSocket;
  readonly #calls = new Map<number, PromiseWithResolvers<Result>>();
  #count = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => this.#hear(JSON.parse(String(data))));
    socket.addEventListener("close", () => {
      for (const { reject } of this.#calls.values()) reject(new Error("the browser has ended"));
    });
  }

  /** Connects to where a browser listens. */
  static async connect(address: string): Promise<Remote> {
    const socket = new WebSocket(address);
    await new Promise((resolve, reject) => {
      socket.addEventListener("open", resolve);
      socket.addEventListener("error", () => reject(new Error(`Cannot connect to ${address}`)));
    });
    return new Remote(socket);
  }

  /** Calls a command; what it gives, or its error. */
  call(method: string, params: Result): Promise<Result> {
    const id = ++this.#count;
    const call = Promise.withResolvers<Result>();
    this.#calls.set(id, call);
    this.#socket.send(JSON.stringify({ id, method, params }));
    return call.promise;
  }

  /** Hangs up. */
  close(): void {
    this.#socket.close();
  }

  #hear({ id, result, error, message }: Answer): void {
    const call = this.#calls.get(id ?? 0);
    if (id === undefined || call === undefined) return;
    this.#calls.delete(id);
    if (result !== undefined) return call.resolve(result);
    call.reject(new Error(`The browser refused: ${message ?? ""} ${JSON.stringify(error)}`));
  }
}
