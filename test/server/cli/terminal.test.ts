import { describe, expect, test } from "bun:test";
import pc from "picocolors";
import { Terminal } from "../../../server/cli/terminal.ts";

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
    const text = terminal.table(
      ["outcome", "from"],
      [
        [red("denied"), "here"],
        ["ok", "there"],
      ],
    );
    expect(text).toContain(`${red("denied")}   here`);
    expect(text).toContain("ok       there");
  });
});
