import { closed, ID, jsonSchema, list, MAX_ID_LENGTH, plain } from "./schema-words.ts";

/** JSON Schema of one of `panels` in `plugin.json`. */
export const panel = closed(
  {
    id: {
      type: "string",
      pattern: ID,
      maxLength: MAX_ID_LENGTH,
      description: "Lower-case letters, digits, _ and -.",
    },
    title: plain("Its heading.", 100),
    kind: { type: "string", enum: ["metric", "table", "stat", "form"], description: "What it draws." },
    series: list(
      {
        type: "string",
        pattern: "^[a-zA-Z_][a-zA-Z0-9_.:]{0,127}$",
        description: "A name as the plugin records it.",
      },
      20,
      "Names of series as the plugin records them.",
    ),
    input: { description: "What execute is given." },
    columns: list(
      closed({ field: plain("Field of a row.", 128), title: plain("Heading of the column.", 100) }, [
        "field",
        "title",
      ]),
      50,
      "Columns of a table.",
    ),
    schema: jsonSchema("JSON Schema of what a form asks."),
    place: { type: "string", enum: ["plugin", "overview"], description: "Where it stands." },
  },
  ["id", "title", "kind"],
);
