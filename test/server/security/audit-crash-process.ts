import { mock } from "bun:test";
import * as files from "node:fs/promises";
import { systemClock } from "../../../server/lib/clock.ts";
import { AS_OWNER } from "../../support/access.ts";

/** The writes of one row, in their order: into the database, then the newest position into the file beside it. */
export const AUDIT_STEPS = [
  "row inserted",
  "committed",
  "file opened",
  "file written",
  "file on disk",
  "file in place",
] as const;
export type AuditStep = (typeof AUDIT_STEPS)[number];

/** Node's own calls, kept before the module is replaced. */
const kept = { ...files };

/** Rows that are written before the process may be killed. */
export const SAFE_ROWS = 5;

/** Appends rows without end, says each that is written, and kills itself at `step` of the row after the safe ones. */
async function appendUntilKilled(folder: string, step: string): Promise<void> {
  let isArmed = false;
  const reach = (reached: AuditStep): void => {
    if (isArmed && reached === step) process.kill(process.pid, "SIGKILL");
  };
  mock.module("node:fs/promises", () => ({ ...kept, ...killable(reach) }));
  const { SecretHouse } = await import("../secrets/secret-house.ts");
  const house = await SecretHouse.open(folder, systemClock);
  for (let row = 1; ; row++) {
    isArmed = row > SAFE_ROWS;
    await house.state.write(async (tx) => {
      await house.audit.append(tx, AS_OWNER, { action: "test.write", target: `t${row}` });
      house.state.afterCommit(() => reach("committed"));
      reach("row inserted");
    });
    await Bun.write(Bun.stdout, `${row}\n`);
    await house.audit.flush();
  }
}

/** The calls by which a file is replaced, each followed by `reach`. */
const killable = (reach: (step: AuditStep) => void): Pick<typeof files, "open" | "rename"> => ({
  async open(...given) {
    const file = await kept.open(...given);
    reach("file opened");
    const [write, sync] = [file.writeFile.bind(file), file.datasync.bind(file)];
    file.writeFile = async (...text) => {
      await write(...text);
      reach("file written");
    };
    file.datasync = async () => {
      await sync();
      reach("file on disk");
    };
    return file;
  },
  async rename(...paths) {
    await kept.rename(...paths);
    reach("file in place");
  },
});

const [folder, step = ""] = process.argv.slice(2);
if (import.meta.main && folder !== undefined) await appendUntilKilled(folder, step);
