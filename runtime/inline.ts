import type { FromWorker, ToWorker } from "../core/wire/protocol.ts";
import type { TaskThread } from "../core/worker/outbox.ts";
import { TaskRunner } from "../core/worker/task_runner.ts";
import type { TaskCode } from "../core/worker/task_loader.ts";
import { Inlet, pace } from "./channel.ts";
import { nextTurn } from "./clock.ts";
import { taskScope } from "./node.ts";
import type { WorkerListener, WorkerPort } from "./port.ts";

/** How long an import may take that waits for nothing, in ms. */
const IMPORT_MS = 20;

/**
 * Opens a port to the calling thread itself: the same messages, cloned in the
 * same way, each in a turn of its own, so that timers and events go on.
 *
 * @param functions Functions that the caller passed itself, by key.
 * @param listener Hears what a worker would say.
 */
export function openInlineWorker(
  functions: ReadonlyMap<string, TaskCode>,
  listener: WorkerListener,
): WorkerPort {
  const scope = taskScope();
  let isOpen = true;
  const inlet = new Inlet(pace, (message) => isOpen && listener.message(message));
  const end = () => {
    if (!isOpen) return;
    isOpen = false;
    nextTurn(() => listener.ended(0));
  };
  const thread: TaskThread = {
    scope,
    now: () => performance.now(),
    stop: end,
    post(message: FromWorker, transfer) {
      const copy = structuredClone(message, { transfer: [...transfer] });
      nextTurn(() => inlet.take(copy));
    },
  };
  const pause = () => new Promise<void>((resolve) => setTimeout(resolve, IMPORT_MS));
  const runner = new TaskRunner(thread, { byKey: functions, pause });
  return {
    get isBehind() {
      return inlet.isBehind;
    },
    post(message: ToWorker, transfer) {
      const copy = structuredClone(message, { transfer: [...transfer] });
      // A task cannot be stopped here: that it should end reaches it even when nobody listens any more.
      nextTurn(() => {
        if (isOpen || copy.kind === "abort") scope.run(null, () => runner.receive(copy));
      });
    },
    terminate: end,
    close: () => isOpen = false,
    // Only what its tasks wait for keeps the process alive; there is no thread that could.
    hold: () => {},
    release: () => {},
  };
}
