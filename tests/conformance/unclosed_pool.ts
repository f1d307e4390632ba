/**
 * A program that ends without closing its pool; a test runs it.
 *
 * @module
 */

import { fromModule, Pool } from "../../mod.ts";

const { square } = fromModule<typeof import("./tasks.ts")>(new URL("./tasks.ts", import.meta.url));
const pool = new Pool({ workers: 2 });
console.log(JSON.stringify(await pool.map(square, [1, 2, 3])));
