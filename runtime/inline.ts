import type { FromWorker, ToWorker } from "../core/protocol.ts";
import { TaskRunner } from "../core/task_runner.ts";
import { runnerHost } from "./host.ts";
import type { WorkerListener, WorkerPort } from "./port.ts";

/**
 * Opens a port to the calling thread itself: the same messages, cloned in the
 * same way, each in a turn of its own, so that timers and events go on.
 */
export function openInlineWorker(listener: WorkerListener): WorkerPort {
  let isOpen = true;
  const end = () => {
    if (!isOpen) return;
    isOpen = false;
    nextTurn(() => listener.ended(0));
  };
  const runner = new TaskRunner(runnerHost({
    stop: end,
    post(message: FromWorker, transfer) {
      const copy = structuredClone(message, { transfer: [...transfer] });
      nextTurn(() => isOpen && listener.message(copy));
    },
  }));
  return {
    post(message: ToWorker, transfer) {
      const copy = structuredClone(message, { transfer: [...transfer] });
      nextTurn(() => isOpen && runner.receive(copy));
    },
    terminate: end,
    close: () => isOpen = false,
    // Only what its tasks wait for keeps the process alive; there is no thread that could.
    hold: () => {},
    release: () => {},
  };
}

function nextTurn(callback: () => void): void {
  setTimeout(callback, 0);
}
