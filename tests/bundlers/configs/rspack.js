import process from "node:process";
import { rspack } from "@rspack/core";

rspack({
  mode: "production",
  context: process.cwd(),
  entry: "./main.ts",
  output: { filename: "main.js" },
  module: {
    rules: [{
      test: /\.ts$/,
      loader: "builtin:swc-loader",
      // The default target is old: it puts helpers into functions, which go as source text without them.
      options: { jsc: { parser: { syntax: "typescript" }, target: "es2024" } },
    }],
  },
}, (error, stats) => {
  console.log(error ?? stats.toString());
  process.exitCode = error || stats.hasErrors() ? 1 : 0;
});
