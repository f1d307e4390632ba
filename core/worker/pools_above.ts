import { PoolStateError } from "../../errors.ts";
import { misuse } from "../error_stack.ts";
import { existingState, thread, type ThreadState } from "./thread_state.ts";

/*
 * A program that makes a pool of its own module makes one in each worker as
 * well, unless it asks whether it is the main program: pools without end.
 * Python refuses that while a worker imports the main module; here a program
 * may go on after its import, so that what is no task's is refused later, too.
 */

/** What a program should have asked. */
const GUARD = "guard the main program with 'if (import.meta.main)', a library with isPoolWorker()";

/** Takes note that code of this thread can make pools, if it is a worker's. */
export function notePools(): void {
  const state = existingState();
  if (state !== undefined) state.hasPools = true;
}

/**
 * The task modules of the pools above a worker.
 *
 * @param module The one of its own pool, made in this thread.
 */
export function modulesAbove(module: string | undefined): string[] {
  const above = [...existingState()?.modules ?? []];
  return module === undefined || above.includes(module) ? above : [...above, module];
}

/**
 * Checks that a pool may be made here.
 *
 * @param module Its module.
 * @throws {PoolStateError} If that would be one of pools without end.
 */
export function checkMayCreate(module: string | undefined): void {
  const state = existingState();
  if (!state?.isPoolWorker) return;
  const imported = state.importing.at(-1);
  if (imported !== undefined && !isInTask(state)) {
    refuse(`Cannot create a pool while a pool's worker imports this module, ${GUARD}: ${imported}`);
  }
  checkModule(state, module, "create a pool");
}

/**
 * Checks that a function of a module may be submitted here.
 *
 * @throws {PoolStateError} If that would be done by pools without end.
 */
export function checkMaySubmit(module: string): void {
  const state = existingState();
  if (state?.isPoolWorker) checkModule(state, module, "submit the task");
}

function checkModule(state: ThreadState, module: string | undefined, action: string): void {
  if (module === undefined || !state.modules.has(module) || isInTask(state)) return;
  refuse(
    `Cannot ${action} as a pool's worker has imported this module and no task asks for it, ` +
      `${GUARD}: ${module}`,
  );
}

function isInTask({ scope, provider }: ThreadState): boolean {
  const known = scope?.getStore();
  if (known !== undefined) return known !== null;
  const mayBe = scope === undefined || scope.endsAtAwait === true;
  return mayBe && provider?.currentTask() !== undefined;
}

/** The pool above has to know: its worker dies of it, or does nothing of what it should. */
function refuse(message: string): never {
  const error = misuse(new PoolStateError(message));
  thread().provider?.refused?.(error);
  throw error;
}
