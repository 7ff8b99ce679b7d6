import { defineTask } from "binnacle";
import { FORMATS, isFormat } from "./formats.ts";
import { Findings, type Problem } from "./problem.ts";
import { checkRules, type Rule } from "./rules.ts";
import { checkSchema, type Schema } from "./schema.ts";

type Input =
  | { data: unknown; rules: Rule[] }
  | { data: unknown; schema: Schema }
  /** One value, as the form of the dashboard asks. */
  | { value: string; format: string };

interface Outcome {
  isValid: boolean;
  problems: Problem[];
  /** More was wrong than is told. */
  isCut: boolean;
}

/** `{ data, rules }` or `{ data, schema }` → `{ isValid, problems: [{ path, message }] }`. */
export default defineTask<Input, Outcome>({
  execute(input) {
    const findings = new Findings();
    if ("format" in input) {
      if (!isFormat(input.format))
        throw new Error(
          `There is no format "${input.format}". There are: ${Object.keys(FORMATS).join(", ")}.`,
        );
      const { test, name } = FORMATS[input.format];
      if (!test(String(input.value))) findings.add([], `is not ${name}`);
    } else if ("schema" in input) checkSchema(input.data, input.schema, findings);
    else if ("rules" in input) checkRules(input.data, input.rules, findings);
    else throw new Error('Say what to check by: "schema" or "rules".');
    const { problems, isCut } = findings;
    return { isValid: problems.length === 0, problems, isCut };
  },
});
