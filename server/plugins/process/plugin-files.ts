import type { LoadParams } from "../../../schema/plugin/rpc.ts";
import type { PluginProgram } from "./plugin-process.ts";

/** The files of a plugin as they are sent: a list, and a stream of their bytes, one after another. */
export function filesToSend(files: PluginProgram["files"]): {
  list: LoadParams["files"];
  contents: ReadableStream<Uint8Array>;
} {
  const entries = [...files];
  const list = entries.map(([path, bytes]) => ({ path, sizeBytes: bytes.length }));
  const left = entries.values();
  const contents = new ReadableStream<Uint8Array>({
    pull(controller) {
      for (const [, bytes] of left) {
        if (bytes.length === 0) continue;
        controller.enqueue(bytes);
        return;
      }
      controller.close();
    },
  });
  return { list, contents };
}
