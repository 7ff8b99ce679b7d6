import { describe, expect, test } from "bun:test";
import { AppError } from "../../../server/errors/app-error.ts";
import { type Operation, Recovery } from "../../../server/incidents/recovery.ts";
import { type RecoveryLimits, standardStrategies } from "../../../server/incidents/strategies.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { ErrorCentre, MINUTE_MS } from "./error-centre.ts";

const LIMITS: RecoveryLimits = {
  retries: 2,
  firstDelayMs: 1,
  longestDelayMs: 2,
  circuitFailures: 3,
  circuitRestMs: MINUTE_MS,
  restarts: 2,
  restartWindowMs: 5 * MINUTE_MS,
};

/** Recovery that tells what it counted and reported. */
function house(limits: Partial<RecoveryLimits> = {}) {
  const counted: string[] = [];
  const reported: { code: string; isUrgent: boolean | undefined }[] = [];
  const clock = new ManualClock();
  const count = (strategy: string, code: string, hasSucceeded: boolean): void => {
    counted.push(`${strategy} ${code} ${hasSucceeded ? "worked" : "failed"}`);
  };
  const recovery = new Recovery({
    report: (thrown, { isUrgent }) => reported.push({ code: (thrown as AppError).code, isUrgent }),
    count,
  });
  for (const strategy of standardStrategies(clock, count, { ...LIMITS, ...limits }))
    recovery.register(strategy);
  return { recovery, counted, reported, clock };
}

/** Fails so often, then works. */
function flaky(
  failures: number,
  code: "timed_out" | "internal" | "not_found" | "storage_full" = "timed_out",
) {
  let calls = 0;
  return {
    get calls() {
      return calls;
    },
    work: async (): Promise<string> => {
      calls++;
      if (calls <= failures) throw new AppError(code);
      return "done";
    },
  };
}

const outcomeOf = async (recovery: Recovery, operation: Operation<string>): Promise<string> =>
  recovery.run(operation).catch((error: AppError) => error.code);

describe("retry", () => {
  test("tries again what may be repeated and may pass", async () => {
    const { recovery, counted, reported } = house();
    const job = flaky(2);
    expect(await outcomeOf(recovery, { where: "job", work: job.work, isRepeatable: true })).toBe("done");
    expect(job.calls).toBe(3);
    expect(counted).toEqual(["retry timed_out worked"]);
    expect(reported).toEqual([]);
  });

  test("gives up after its tries; the failure is reported once", async () => {
    const { recovery, counted, reported } = house();
    const job = flaky(9);
    expect(await outcomeOf(recovery, { where: "job", work: job.work, isRepeatable: true })).toBe("timed_out");
    expect(job.calls).toBe(3);
    expect(counted).toEqual(["retry timed_out failed"]);
    expect(reported).toEqual([{ code: "timed_out", isUrgent: false }]);
  });

  test("leaves alone what must not be repeated, and what trying again does not mend", async () => {
    const { recovery, counted } = house();
    const jobs = [flaky(1), flaky(1, "not_found"), flaky(1, "storage_full"), flaky(1, "internal")];
    const [once, ...others] = jobs;
    await outcomeOf(recovery, { where: "job", work: once?.work ?? fail });
    for (const { work } of others) await outcomeOf(recovery, { where: "job", work, isRepeatable: true });
    expect(jobs.map(({ calls }) => calls)).toEqual([1, 1, 1, 1]);
    expect(counted).toEqual([]);
  });
});

test("restart: starts afresh what failed inside, not more often than allowed", async () => {
  const { recovery, counted, clock } = house();
  let restarts = 0;
  const run = (failures: number) =>
    outcomeOf(recovery, {
      where: "plugin a",
      work: flaky(failures, "internal").work,
      restart: async () => void restarts++,
    });
  expect(await run(1)).toBe("done");
  expect(await run(2)).toBe("internal");
  expect(await run(1)).toBe("internal");
  expect(restarts).toBe(2);
  await clock.advance(5 * MINUTE_MS);
  expect(await run(1)).toBe("done");
  expect(counted).toEqual(["restart internal worked", "restart internal failed", "restart internal worked"]);
});

test("fall back: serves what the operation keeps, after the others have failed", async () => {
  const { recovery, counted } = house();
  const operation = {
    where: "rates",
    work: flaky(9).work,
    isRepeatable: true,
    fallBack: () => "yesterday's",
  };
  expect(await outcomeOf(recovery, operation)).toBe("yesterday's");
  expect(counted).toEqual(["retry timed_out failed", "fall_back timed_out worked"]);
});

test("open the circuit: what fails in a row is left alone, and tried once after its rest", async () => {
  const { recovery, counted } = house({ circuitRestMs: 0 });
  const resting = house();
  const job = flaky(3);
  for (let round = 0; round < 5; round++) {
    await outcomeOf(resting.recovery, { where: "a", circuit: "far", work: job.work });
  }
  expect(job.calls).toBe(3);
  expect(resting.reported.map(({ code }) => code)).toEqual([
    ...new Array(3).fill("timed_out"),
    ...new Array(2).fill("circuit_open"),
  ]);
  const healing = flaky(3);
  const outcomes: string[] = [];
  for (let round = 0; round < 4; round++) {
    outcomes.push(await outcomeOf(recovery, { where: "a", circuit: "far", work: healing.work }));
  }
  expect(outcomes.at(-1)).toBe("done");
  expect(counted).toEqual(["open_circuit circuit_open failed", "open_circuit circuit_open worked"]);
});

test("escalate: what is vital is told at once; the failure goes on", async () => {
  const { recovery, counted, reported } = house();
  expect(await outcomeOf(recovery, { where: "backup", work: flaky(9).work, isVital: true })).toBe(
    "timed_out",
  );
  expect(counted).toEqual(["escalate timed_out worked"]);
  expect(reported).toEqual([{ code: "timed_out", isUrgent: true }]);
});

test("an urgent failure becomes an escalation, and the counts are kept", async () => {
  await using centre = new ErrorCentre();
  const { incidents } = centre;
  const recovery = new Recovery({ report: incidents.record, count: incidents.countRecovery.bind(incidents) });
  const count = incidents.countRecovery.bind(incidents);
  for (const strategy of standardStrategies(centre.clock, count, LIMITS)) recovery.register(strategy);
  const operation = { where: "backup", isVital: true, isRepeatable: true };
  await outcomeOf(recovery, { ...operation, work: flaky(9).work });
  await outcomeOf(recovery, { ...operation, work: flaky(1).work });
  await incidents.flush();
  expect(centre.escalated.map(({ reason }) => reason)).toEqual(["urgent"]);
  const counts = await incidents.listRecoveries("timed_out");
  expect(counts.map(({ strategy, attempts, successes }) => [strategy, attempts, successes])).toEqual([
    ["escalate", 1, 1],
    ["retry", 2, 1],
  ]);
});

test("two strategies of one name are refused", () => {
  const { recovery } = house();
  const [strategy] = recovery.strategies;
  if (!strategy) throw new Error("There is no strategy.");
  expect(() => recovery.register(strategy)).toThrow(RangeError);
});

const fail = async (): Promise<string> => {
  throw new Error("There is no job.");
};
