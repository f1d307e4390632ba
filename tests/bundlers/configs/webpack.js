import process from "node:process";
import webpack from "webpack";

webpack({
  mode: "production",
  context: process.cwd(),
  entry: "./main.js",
  output: { filename: "main.js" },
}, (error, stats) => {
  console.log(error ?? stats.toString());
  process.exitCode = error || stats.hasErrors() ? 1 : 0;
});
