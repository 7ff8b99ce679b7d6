import { describe, expect, spyOn, test } from "bun:test";
import pc from "picocolors";
import { jsonText, plainText, Terminal } from "../../../server/cli/terminal.ts";

describe("a table", () => {
  const terminal = new Terminal({});
  const clearScreen = "\u001b[2J";
  const setTitle = "\u001b]0;owned\u0007";

  test("holds no name that steers the terminal", () => {
    const text = terminal.table(
      ["name"],
      [[`a${clearScreen}`], [`b${setTitle}`], ["c\r\nd\u0000"], ["e\u202Ef"]],
    );
    expect(text.split("\n").slice(1)).toEqual(["a�[2J", "b�]0;owned�", "c��d�", "e�f"]);
    expect(terminal.facts([["name", `x${clearScreen}`]])).toEndWith("x�[2J");
  });

  test("says so when there is nothing in it", () => {
    expect(terminal.table(["id", "name"], [])).toBe("Nothing to list.");
  });

  test("keeps our own colours and its columns", () => {
    const { red } = pc.createColors(true);
    const text = new Terminal({ hasColours: true }).table(
      ["outcome", "from"],
      [
        [red("denied"), "here"],
        ["ok", "there"],
      ],
    );
    expect(text).toContain(`${red("denied")}   here`);
    expect(text).toContain("ok       there");
  });

  test("shows no colour that came with a name where it has none itself, and lets none reach beyond its cell", () => {
    const green = "\u001b[32mhealthy";
    const cells = (hasColours: boolean) =>
      new Terminal({ hasColours }).table(["name", "state"], [[green, "\u001b[2mgone"]]).split("\n")[1];
    expect(cells(false)).toBe("�[32mhealthy  �[2mgone");
    expect(cells(true)).toBe(`${green}\u001b[39m  \u001b[2mgone\u001b[22m`);
  });
});

describe("a sentence", () => {
  const shown = (text: string, isScreen: boolean): unknown => {
    const log = spyOn(console, "log").mockImplementation(() => undefined);
    try {
      new Terminal({ isScreen, hasColours: false }).show({}, () => text);
      return log.mock.calls[0]?.[0];
    } finally {
      log.mockRestore();
    }
  };
  const answer = "The test was sent. \u001b]52;c;cm0gLXJmIC8=\u0007ok\u009b2J\r\n\tdone";

  test("with what a service answered does not steer the screen; a file gets it as it is", () => {
    expect(shown(answer, true)).toBe("The test was sent. �]52;c;cm0gLXJmIC8=�ok�2J�\n\tdone");
    expect(shown(answer, false)).toBe(answer);
  });

  test("that tells of a failure does not, either", () => {
    expect(plainText("The channel did not send: \u001b[2Jno\nand\u202Eon")).toBe(
      "The channel did not send: �[2Jno\nand�on",
    );
  });
});

test("a document for programs says the same without what would steer the screen that it is read on", () => {
  const value = { said: "\u009b2J\u202ea\u007f\u001b[2J\nb", ü: ["日本"] };
  const text = jsonText(value, 2);
  expect(text).toContain('"said": "\\u009b2J\\u202ea\\u007f\\u001b[2J\\nb"');
  expect(text).toContain('"日本"');
  expect(JSON.parse(text)).toEqual(value);
  expect(jsonText(undefined)).toBe("null");
});
