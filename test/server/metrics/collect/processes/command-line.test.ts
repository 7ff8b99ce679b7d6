import { describe, expect, test } from "bun:test";
import { readableCommand } from "../../../../../server/metrics/collect/processes/command-line.ts";

const command = (...words: string[]) => readableCommand(`${words.join("\0")}\0`);

describe("a command as people read it", () => {
  test("is its arguments with blanks between", () => {
    expect(command("/usr/bin/postgres", "-D", "/var/lib/postgresql")).toBe(
      "/usr/bin/postgres -D /var/lib/postgresql",
    );
    expect(readableCommand("nginx: worker process\0\0\0\0")).toBe("nginx: worker process");
    expect(readableCommand("")).toBe("");
  });

  test.each([
    [["mysql", "--password=hunter2", "-u", "me"], "mysql --password=… -u me"],
    [["app", "--api-key", "hunter2", "--port", "80"], "app --api-key … --port 80"],
    [["app", "--token", "--verbose"], "app --token --verbose"],
    [["env", "DB_PASSWORD=hunter2", "run"], "env DB_PASSWORD=… run"],
    [["psql", "postgres://me:hunter2@db/app"], "psql postgres://me:…@db/app"],
    [["app", "--secret-file=/run/secret"], "app --secret-file=/run/secret"],
  ])("shows no secret of %j", (words, shown) => {
    expect(command(...words)).toBe(shown);
  });

  test("holds no control characters and at most 512 characters", () => {
    expect(command("printf", "a\u001b[31m\nb")).toBe("printf a [31m b");
    const long = command("java", "x".repeat(3_000_000));
    expect(long).toHaveLength(512);
    expect(long.endsWith("…")).toBe(true);
  });
});
