import { isHandshake } from "./handshake.ts";
import { Channel } from "./channel.ts";
import { describe } from "../core/wire/error_codec.ts";
import {
  isNode,
  nodeProcess,
  type NodeWorker,
  type NodeWorkerOptions,
  type NodeWorkerThreads,
} from "./platform.ts";
import type { WorkerListener, WorkerPort } from "./port.ts";

/** Starts a worker of Node's kind: of a file, or of the text of a script. */
export function startNodeWorker(
  { Worker }: NodeWorkerThreads,
  code: URL | string,
  name: string,
): NodeWorker {
  const options = { name, ...(typeof code === "string" && { eval: true }), ...optionsOfText() };
  try {
    return new Worker(code, options);
  } catch (error) {
    const { execArgv } = options;
    if (execArgv === undefined) throw error;
    // Those of the process as a whole are refused, and named; they hold for its threads all the same.
    const mayGo = execArgv.filter((flag) => !describe(error).includes(flag));
    return new Worker(code, { ...options, execArgv: mayGo });
  }
}

/** What a worker is to have instead of the program's own flags, if that is given as text. */
function optionsOfText(): Pick<NodeWorkerOptions, "execArgv" | "env"> {
  const { execArgv = [], env } = nodeProcess() ?? {};
  const fromEnv = env?.["NODE_OPTIONS"]?.split(" ") ?? [];
  return {
    ...(execArgv.some(isInputType) && { execArgv: withoutInputType(execArgv) }),
    ...(fromEnv.some(isInputType) && {
      env: { ...env, NODE_OPTIONS: withoutInputType(fromEnv).join(" ") },
    }),
  };
}

/** A flag of programs given as text (`node --input-type=module -e …`), which no file can have. */
function isInputType(flag: string): boolean {
  return /^--input-type(=|$)/.test(flag);
}

/** Its value may be a word of its own. */
function withoutInputType(flags: readonly string[]): string[] {
  return flags.filter((flag, at) => !isInputType(flag) && flags[at - 1] !== "--input-type");
}

/** Opens a port to a worker of Node's kind. */
export function openNodeWorker(
  worker: NodeWorker,
  isServed: boolean,
  listener: WorkerListener,
): WorkerPort {
  const channel = new Channel(listener, () => {});
  const connect = () =>
    channel.connect("", (message, transfer) => worker.postMessage(message, transfer));
  worker.on("message", (data) => {
    if (isServed && isHandshake(data) && data.polypool === "serving") connect();
  });
  worker.on("error", (error) => listener.failed(error));
  worker.on("exit", (exitCode) => listener.ended(exitCode));
  if (!isServed) connect();
  return {
    get isBehind() {
      return channel.isBehind;
    },
    post: (message, transfer) => channel.post(message, transfer),
    hold: () => worker.ref(),
    release: () => worker.unref(),
    terminate: () => void worker.terminate(),
    close: () => channel.close(),
  };
}

/** Loads a module by `require()`, Node's or that of a tool which stands in its place; nothing elsewhere. */
export function requireModule(url: string): object | undefined {
  const node = isNode() && url.startsWith("file:") ? nodeProcess() : undefined;
  const path = node?.getBuiltinModule?.("node:url")?.fileURLToPath(url);
  if (path === undefined) return undefined;
  return node?.getBuiltinModule?.("node:module")?.createRequire(path)(path);
}
