import { expect, test } from "bun:test";
import { secretFieldsOf } from "../../../server/plugins/configuration-values.ts";

const SECRET = { type: "string", writeOnly: true };

test("secret fields are found at every depth, and where a schema is put together of others", () => {
  const schema = {
    type: "object",
    properties: {
      host: { type: "string" },
      token: SECRET,
      mail: { type: "object", properties: { user: { type: "string" }, password: SECRET } },
      targets: { type: "array", items: { type: "object", properties: { key: SECRET } } },
    },
    anyOf: [{ properties: { first: SECRET } }],
    else: { properties: { second: SECRET } },
    dependentSchemas: { host: { properties: { third: SECRET } } },
  };
  expect(
    secretFieldsOf(schema)
      .map(({ path }) => path)
      .toSorted(),
  ).toEqual(["first", "mail.password", "second", "targets", "third", "token"]);
});
