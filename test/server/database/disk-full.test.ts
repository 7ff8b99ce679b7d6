import { expect, test } from "bun:test";
import { sql } from "drizzle-orm";
import { Database } from "../../../server/database/database.ts";
import { TempFolder } from "../../support/temp-folder.ts";
import { FULL_MIGRATIONS } from "./fill-disk.ts";

/** Blocks of 1 KiB that the child's files may have: a full disk for it alone, without the right to mount one. */
const LIMIT_KIB = 512;

test("a full disk is named as one, keeps every acknowledged change, and work goes on once there is room", async () => {
  using folder = new TempFolder();
  const path = folder.file("state.db");
  const child = Bun.spawn(
    [
      "bash",
      "-c",
      `trap '' XFSZ; ulimit -f ${LIMIT_KIB}; exec "$0" "$@"`,
      process.execPath,
      `${import.meta.dir}/fill-disk.ts`,
      path,
    ],
    { stdout: "pipe", stderr: "pipe" },
  );
  const [output, errors] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  expect(errors).toBe("");
  const { acknowledged, code, afterwards } = JSON.parse(output);
  expect(code).toBe("storage_full");
  expect(acknowledged).toBeGreaterThan(10);
  expect(afterwards).toBe(acknowledged);

  const database = Database.open({ path, migrations: FULL_MIGRATIONS, synchronous: "FULL" });
  expect(database.findDamage()).toEqual([]);
  expect(database.reader.all<unknown>(sql`SELECT count(*) AS rows FROM filling`)).toEqual([
    { rows: acknowledged },
  ]);
  await database.write((tx) => tx.run(sql`INSERT INTO filling (bytes) VALUES (zeroblob(1000000))`));
  await database.close();
});
