/** What types/pool_types.ts takes from the DOM. */
declare var Worker: new (
  url: URL,
  options: { type: "module" },
) => import("@polypool/pool").WorkerLike;
