/** The fake timers of Vitest, or of Jest. */
export const timers = globalThis.vi ?? import.meta.jest;
