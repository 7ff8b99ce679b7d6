import type { PluginFiles } from "../../../../plugins/sdk/index.ts";
import type { ServerLine } from "../server-line.ts";
import { endingWith, streamOf } from "./streams.ts";

/** `ctx.files` of one call. */
export function filesOf(line: ServerLine, signal: AbortSignal): PluginFiles {
  const stream: PluginFiles["stream"] = async (path, range = {}) => {
    const answer = await line.ask("files.read", { path, ...range }, signal);
    return endingWith(line.channel.streams.accept(answer.stream), signal);
  };
  return {
    stream,
    read: async (path) => new Response(await stream(path)).bytes(),
    readText: async (path) => new Response(await stream(path)).text(),
    async write(path, content, { append = false } = {}) {
      const id = line.open(streamOf(content));
      const { sizeBytes } = await line.askWith("files.write", { path, stream: id, append }, [id], signal);
      return sizeBytes;
    },
    list: (path) => line.ask("files.list", { path }, signal),
    stat: async (path) => (await line.ask("files.stat", { path }, signal)) ?? undefined,
    remove: (path) => line.ask("files.remove", { path }, signal),
  };
}
