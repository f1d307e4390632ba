/** What a page says of the package. */

import { fromModule, Pool } from "@polypool/pool";
import { embeddedWorker } from "@polypool/pool/embedded";
import { serve } from "@polypool/pool/worker";

const pool = new Pool({
  worker: () => new Worker(new URL("./tasks.worker.js", import.meta.url), { type: "module" }),
});

export async function main(canvas: OffscreenCanvas): Promise<number> {
  const { draw } = fromModule<{ draw(canvas: OffscreenCanvas): number }>();
  return await pool.apply(draw, [canvas], { transfer: [canvas] });
}

export const spare: Pool = new Pool({ worker: embeddedWorker });
export const work = (): void => serve({ draw: (canvas: OffscreenCanvas) => canvas.width });
