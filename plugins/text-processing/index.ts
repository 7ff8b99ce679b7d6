import { defineTask } from "binnacle";
import { OPERATIONS, type OperationInput } from "./operations.ts";

const MAX_CHARACTERS = 1_000_000;

interface Input extends OperationInput {
  operation: string;
}

/** `{ operation, text, … }` → `{ operation, result }`; `{ operation: "list" }` tells what there is. */
export default defineTask<Input, unknown>({
  async execute(input) {
    const { operation } = input;
    if (operation === "list") {
      return Object.entries(OPERATIONS).map(([name, { about }]) => ({ name, about }));
    }
    const known = Object.hasOwn(OPERATIONS, operation) ? OPERATIONS[operation] : undefined;
    if (!known) {
      throw new Error(
        `There is no operation "${operation}". There are: list, ${Object.keys(OPERATIONS).join(", ")}.`,
      );
    }
    for (const [name, value] of Object.entries(input)) {
      if (typeof value === "string" && value.length > MAX_CHARACTERS) {
        throw new Error(`"${name}" has more than ${MAX_CHARACTERS} characters.`);
      }
    }
    if (typeof input.text !== "string") throw new Error('"text" is missing.');
    return { operation, result: await known.run(input) };
  },
});
