import { join } from "node:path";
import { lexicographicSortSchema, printSchema } from "graphql";
import { type RunningApp, startApp } from "./start-app.ts";

const SCHEMA_FOLDER = join(import.meta.dirname, "../../schema");

/** File in schema/ → what the application says of itself now. */
export async function printSnapshots({ app, parts }: RunningApp): Promise<ReadonlyMap<string, string>> {
  const { graph, describe } = app.surface;
  if (!graph) throw new Error("GraphQL is off: there is no schema to print.");
  const { engine } = await graph.open();
  return new Map([
    ["schema.graphql", `${printSchema(lexicographicSortSchema(engine.schema))}\n`],
    [
      "openapi.json",
      `${JSON.stringify(await describe(), null, 2)}\n`.replace(
        parts.sessionCookie.name,
        "binnacle_session_000000",
      ),
    ],
  ]);
}

/** Path of a snapshot. */
export const snapshotFile = (name: string): string => join(SCHEMA_FOLDER, name);

if (import.meta.main) {
  await using running = await startApp();
  for (const [name, text] of await printSnapshots(running)) {
    await Bun.write(snapshotFile(name), text);
    console.log(`schema/${name}: ${text.length} characters`);
  }
}
