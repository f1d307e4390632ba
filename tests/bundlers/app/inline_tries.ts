import { fromModule, type Pool } from "@polypool/pool";
import { staticUrl } from "./static_url.ts";

/** What static_tasks.js exports. */
interface StaticTasks {
  cube(n: number): number;
}

/** Functions that go as source text, of the kinds that compilers like to rewrite. */
export function inlineTries(pool: Pool): Record<string, () => Promise<unknown>> {
  return {
    arrow: () => pool.map((n: number) => n * 2, [1, 2, 3]),
    later: () =>
      pool.apply(async (n: number) => {
        const m = await Promise.resolve(n);
        return m + 1;
      }, [3]),
    byUrl: () => pool.map(fromModule<StaticTasks>(staticUrl()).cube, [1, 2, 3]),
    rest: () => pool.apply((...all: number[]) => [...all, all.at(-1) ?? 0], [1, 2]),
  };
}
