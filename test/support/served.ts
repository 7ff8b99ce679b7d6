import { afterAll, beforeAll } from "bun:test";
import { RunningBinary, Workspace } from "./binary.ts";

/** A server of a test file's own: the executable over an empty data folder, from its first test to its last. */
export function served(options: { env?: Record<string, string> } = {}): () => RunningBinary {
  const workspace = new Workspace();
  let server: RunningBinary | undefined;
  beforeAll(async () => {
    server = await RunningBinary.start(workspace.path, options);
  });
  afterAll(async () => {
    await server?.end();
    workspace[Symbol.dispose]();
  });
  return () => {
    if (!server) throw new Error("The server has not started.");
    return server;
  };
}
