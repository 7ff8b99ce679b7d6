import type { Command } from "commander";
import { defineServe } from "./serve.ts";

/** `binnacle api start`: another name of `serve`, as existing unit files write it. */
export function addApiCommand(program: Command): void {
  const api = program.command("api").description("the server under its older name");
  defineServe(api.command("start").description("start the server (same as serve)"));
}
