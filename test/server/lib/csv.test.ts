import { expect, test } from "bun:test";
import { csvRow } from "../../../server/lib/csv.ts";

test("a row is one of RFC 4180: quotes are doubled, and what would end a field is quoted", () => {
  expect(csvRow(["a", 'say "hi"', "b,c", "two\r\nlines", 1.5, null, { x: 1 }])).toBe(
    'a,"say ""hi""","b,c","two\r\nlines",1.5,"""""","{""x"":1}"\r\n',
  );
});

test.each(["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])("a spreadsheet does not calculate %j", (text) => {
  expect(csvRow([text])).toMatch(/^"?'/);
});

test("a number stays one, also below zero", () => {
  expect(csvRow([-1, 0, 1e21])).toBe("-1,0,1e+21\r\n");
});
