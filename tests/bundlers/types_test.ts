import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { runCommand } from "../fixtures/run_command.ts";
import { pathHere, skip, withFolder } from "./project.ts";
import { nodeTool } from "./tools.ts";

const TYPES = fileURLToPath(new URL("../types/", import.meta.url));

const COMPILERS: Readonly<Record<string, readonly string[]>> = {
  "TypeScript 5.9": nodeTool("typescript5/lib/tsc.js"),
  "TypeScript 6.0": nodeTool("typescript6/lib/tsc.js"),
  "TypeScript 7.0": nodeTool("typescript7/lib/tsc.js"),
};

const STRICT = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  skipLibCheck: false,
  noEmit: true,
  target: "es2022",
  types: ["node"],
  allowImportingTsExtensions: true,
};

const PROGRAM = ["consumer/program.ts", "consumer/web_worker.d.ts", "types/pool_types.ts"];
const APPS = ["app/plain.ts", "app/embedded.ts", "app/calling_thread.ts"];

/** What each kind of project asks of the compiler, and which files it has. */
const PROJECTS: Readonly<Record<string, { readonly files: string[]; readonly options: object }>> = {
  "a program of Node's": {
    files: [...PROGRAM, "consumer/script.cts"],
    options: { module: "nodenext", lib: ["es2023"] },
  },
  "a program of Node's that is newer": {
    files: [...PROGRAM, "consumer/script.cts"],
    options: { module: "nodenext", lib: ["es2024"] },
  },
  "a bundled program": {
    files: PROGRAM,
    options: { module: "esnext", moduleResolution: "bundler", lib: ["es2023"] },
  },
  "a bundled page": {
    files: ["consumer/page.ts", "types/pool_types.ts", ...APPS],
    options: {
      ...{ module: "esnext", moduleResolution: "bundler", types: [] },
      lib: ["es2023", "dom", "dom.iterable"],
    },
  },
};

/** Compiles a project that has the package: rejects with what the compiler says. */
function compile(compiler: readonly string[], project: string): Promise<string> {
  const { files, options } = PROJECTS[project] ?? { files: [], options: {} };
  return withFolder((folder) => {
    for (const source of [pathHere("app"), pathHere("consumer"), TYPES]) {
      cpSync(source, join(folder, basename(source)), { recursive: true });
    }
    const types = join(folder, "types/pool_types.ts");
    const code = readFileSync(types, "utf8");
    writeFileSync(types, code.replace('"../../mod.ts"', '"@polypool/pool"'));
    const config = { compilerOptions: { ...STRICT, ...options }, files };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
    const [command = "", ...args] = compiler;
    return runCommand(folder, command, ...args, "-p", "tsconfig.json");
  });
}

describe("The package's types", () => {
  for (const [name, compiler] of Object.entries(COMPILERS)) {
    for (const project of Object.keys(PROJECTS)) {
      it(
        `are accepted by ${name} in ${project}, all of them checked`,
        { skip },
        async () => void await compile(compiler, project),
      );
    }
  }
});
