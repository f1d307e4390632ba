import type { Answer, Program } from "./scope_program.ts";

/** What can be sent a message, and ports with it. */
interface Receiver {
  postMessage(message: unknown, transfer: Transferable[]): void;
}

/** The values of every program that succeeds. */
export const DOUBLES: Answer = { value: [2, 4, 6] };

/** The file that answers in each scope. */
export const SCOPE_PROGRAM: URL = new URL("./scope_program.ts", import.meta.url);

/** Has a program run in another scope. */
export function ask(scope: Receiver, program: Program): Promise<Answer> {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.onmessage = ({ data }) => {
      port1.close();
      resolve(data);
    };
    scope.postMessage(program, [port2]);
  });
}
