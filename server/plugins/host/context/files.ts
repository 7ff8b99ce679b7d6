import type { PluginFiles } from "../../../../plugins/sdk/index.ts";
import type { ServerLine } from "../server-line.ts";
import { endingWith, streamOf } from "./streams.ts";

/** `ctx.files` of one call, which ends with the signal that `held` gives. */
export function filesOf(line: ServerLine, held: () => AbortSignal): PluginFiles {
  const stream: PluginFiles["stream"] = async (path, range = {}) => {
    const answer = await line.ask("files.read", { path, ...range }, held());
    return endingWith(line.channel.streams.accept(answer.stream), held());
  };
  return {
    stream,
    read: async (path) => new Response(await stream(path)).bytes(),
    readText: async (path) => new Response(await stream(path)).text(),
    async write(path, content, { append = false } = {}) {
      const id = line.open(streamOf(content));
      const { sizeBytes } = await line.askWith("files.write", { path, stream: id, append }, [id], held());
      return sizeBytes;
    },
    list: (path) => line.ask("files.list", { path }, held()),
    stat: async (path) => (await line.ask("files.stat", { path }, held())) ?? undefined,
    remove: (path) => line.ask("files.remove", { path }, held()),
  };
}
