/** Longest that anything may take, in ms: what is pending then is taken to hang. */
const MAX_WAIT = 15_000;

/** Outcomes by name, as soon as all promises are settled; if some hang, an error says which. */
export async function settle<K extends string>(
  promises: Readonly<Record<K, PromiseLike<unknown>>>,
  maxWait: number = MAX_WAIT,
): Promise<Record<K, PromiseSettledResult<unknown>>> {
  const pending = new Set(Object.keys(promises));
  const settled = Object.entries<PromiseLike<unknown>>(promises).map(async ([name, promise]) => {
    const [outcome] = await Promise.allSettled([promise]);
    pending.delete(name);
    return [name, outcome];
  });
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`still pending: ${[...pending].join(", ")}`)),
      maxWait,
    );
  });
  try {
    // The keys are those of the promises.
    return Object.fromEntries(await Promise.race([Promise.all(settled), limit])) as Record<
      K,
      PromiseSettledResult<unknown>
    >;
  } finally {
    clearTimeout(timer);
  }
}

/** The same promise, unless it hangs. */
export async function patiently<R>(
  promise: PromiseLike<R>,
  what: string,
  maxWait: number = MAX_WAIT,
): Promise<R> {
  await settle({ [what]: promise }, maxWait);
  return await promise;
}
