import { expect, test } from "bun:test";
import { launchProgram } from "../../server/plugins/jail/launch.ts";
import { BINARY } from "../support/binary.ts";
import { CALL, startPlugin, TestBroker } from "../support/plugin-process.ts";

const launch = (request: Parameters<typeof launchProgram>[0]) =>
  launchProgram(request, { executable: BINARY, args: [], readableFolders: [] });

test("a plugin of several files runs inside the compiled program, and its errors name its own lines", async () => {
  const broker = new TestBroker({ "state.get": () => "kept" });
  const plugin = await startPlugin(
    {
      "main.ts": `import { definePlugin } from "binnacle";
import { greet } from "./greet";
import settings from "./settings.json";
export default definePlugin({
  async execute(input: { name?: string } | null, ctx) {
    if (!input?.name) throw new Error("a name is needed");
    console.log("greeting", input.name);
    return [greet(input.name), settings.language, await ctx.state.get("key")];
  },
});`,
      "greet.ts": `export const greet = (name: string): string => "hello " + name;`,
      "settings.json": `{ "language": "en" }`,
    },
    { broker, launch },
  );
  try {
    expect(await plugin.invoke("execute", { name: "Ada" }, CALL)).toEqual(["hello Ada", "en", "kept"]);
    expect(broker.log).toMatchObject([{ level: "info", message: "greeting Ada" }]);
    const error = await plugin.invoke("execute", null, CALL).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ message: "The plugin tested failed: a name is needed" });
    expect(String((error as Error).cause)).toContain("plugin:main.ts:6:");
    await plugin.drain(2_000);
  } finally {
    plugin.kill("the test is over");
    await plugin.exited;
  }
});
