import {
  type CircuitBreakerPolicy,
  ConsecutiveBreaker,
  circuitBreaker,
  ExponentialBackoff,
  handleWhen,
  isBrokenCircuitError,
  retry,
} from "cockatiel";
import { LRUCache } from "lru-cache";
import { AppError, toAppError } from "../errors/app-error.ts";
import type { ErrorCode, ErrorKind } from "../errors/catalogue.ts";
import type { Clock } from "../lib/clock.ts";
import type { Attempt, Operation, RecoveryStrategy } from "./recovery.ts";

/** How patient the strategies are. */
export interface RecoveryLimits {
  retries: number;
  firstDelayMs: number;
  longestDelayMs: number;
  /** Failures in a row after which a circuit opens, and how long it rests. */
  circuitFailures: number;
  circuitRestMs: number;
  /** Restarts of one place within {@link restartWindowMs}. */
  restarts: number;
  restartWindowMs: number;
}

const RECOVERY_LIMITS: RecoveryLimits = {
  retries: 2,
  firstDelayMs: 100,
  longestDelayMs: 2_000,
  circuitFailures: 5,
  circuitRestMs: 30_000,
  restarts: 3,
  restartWindowMs: 5 * 60_000,
};

/** Circuits and restarts remembered; those that were not asked for longest are forgotten. */
const MAX_PLACES = 500;
/** What trying again at once does not mend. */
const LASTING: ReadonlySet<ErrorCode> = new Set(["circuit_open", "storage_full"]);

const isPassing = ({ kind, code }: AppError): boolean => kind === "unavailable" && !LASTING.has(code);
const FAULTS: ReadonlySet<ErrorKind> = new Set(["unavailable", "internal"]);

/** Tries again after a growing, random wait: for what passes by itself. */
function retrying({ retries, firstDelayMs, longestDelayMs }: RecoveryLimits): RecoveryStrategy {
  const policy = retry(
    handleWhen((thrown) => isPassing(toAppError(thrown))),
    {
      maxAttempts: retries,
      backoff: new ExponentialBackoff({ initialDelay: firstDelayMs, maxDelay: longestDelayMs }),
    },
  );
  return {
    name: "retry",
    description: `Tries again up to ${retries} times, waiting longer each time: what is unavailable may come back`,
    appliesTo: (error, { isRepeatable = false }) => isRepeatable && isPassing(error),
    async attempt<T>({ work }: Operation<T>, error: AppError): Promise<Attempt<T>> {
      // The failure that brought it here stands for the policy's first try, so that it waits before the next.
      let hasFailed = false;
      const value = await policy.execute(async () => {
        if (hasFailed) return work();
        hasFailed = true;
        throw error;
      });
      return { value };
    },
  };
}

/** Starts afresh what the work relies on, then does the work once more; not without end. */
function restarting({ restarts, restartWindowMs }: RecoveryLimits, clock: Clock): RecoveryStrategy {
  const made = new LRUCache<string, number[]>({ max: MAX_PLACES });
  const recent = (where: string): number[] =>
    (made.get(where) ?? []).filter((at) => clock.monotonic() - at < restartWindowMs);
  return {
    name: "restart",
    description: `Starts afresh what failed inside, at most ${restarts} times in ${restartWindowMs / 60_000} minutes`,
    appliesTo: ({ kind }, { restart, where }) =>
      restart !== undefined && kind === "internal" && recent(where).length < restarts,
    async attempt<T>({ restart, work, where }: Operation<T>): Promise<Attempt<T>> {
      made.set(where, [...recent(where), clock.monotonic()]);
      await restart?.();
      return { value: await work() };
    },
  };
}

/** Serves what the work has to offer in its own place. */
const fallingBack: RecoveryStrategy = {
  name: "fall_back",
  description: "Answers with what the operation keeps for that case: an older value, a simpler way",
  appliesTo: ({ kind }, { fallBack }) => fallBack !== undefined && FAULTS.has(kind),
  async attempt<T>({ fallBack }: Operation<T>, error: AppError): Promise<Attempt<T>> {
    if (!fallBack) throw error;
    return { value: await fallBack(error) };
  },
};

/** Lets what fails again and again rest: while the circuit is open, the work is not even begun. */
export function openingCircuit(
  { circuitFailures, circuitRestMs }: RecoveryLimits,
  count: (strategy: string, code: ErrorCode, hasSucceeded: boolean) => void,
): RecoveryStrategy {
  const name = "open_circuit";
  const circuits = new LRUCache<string, CircuitBreakerPolicy>({ max: MAX_PLACES });
  const newCircuit = (): CircuitBreakerPolicy => {
    const circuit = circuitBreaker(
      handleWhen((thrown) => FAULTS.has(toAppError(thrown).kind)),
      { halfOpenAfter: circuitRestMs, breaker: new ConsecutiveBreaker(circuitFailures) },
    );
    // It has helped when what rested works again.
    circuit.onReset(() => count(name, "circuit_open", true));
    circuit.onBreak(() => count(name, "circuit_open", false));
    return circuit;
  };
  return {
    name,
    description: `After ${circuitFailures} failures in a row, leaves it alone for ${circuitRestMs / 1_000} s, then tries once; closing again counts as success`,
    appliesTo: () => false,
    attempt: async (_operation, error) => {
      throw error;
    },
    surround<T>(operation: Operation<T>): Operation<T> {
      const { circuit: key, work } = operation;
      if (key === undefined) return operation;
      const circuit = circuits.get(key) ?? newCircuit();
      circuits.set(key, circuit);
      return { ...operation, work: () => through(circuit, work, circuitRestMs) };
    },
  };
}

async function through<T>(circuit: CircuitBreakerPolicy, work: () => Promise<T>, restMs: number): Promise<T> {
  try {
    return await circuit.execute(work);
  } catch (thrown) {
    if (!isBrokenCircuitError(thrown)) throw thrown;
    throw new AppError("circuit_open", undefined, { cause: thrown, retryAfterMs: restMs });
  }
}

/** Tells somebody at once, whatever the rate. */
const escalating: RecoveryStrategy = {
  name: "escalate",
  description: "Publishes error.escalated when nothing helped and the operation is vital",
  appliesTo: ({ kind }, { isVital = false }) => isVital && FAULTS.has(kind),
  attempt: async () => "done",
};

/** The strategies of the house in the order in which they are tried. */
export const standardStrategies = (
  clock: Clock,
  count: (strategy: string, code: ErrorCode, hasSucceeded: boolean) => void,
  limits: RecoveryLimits = RECOVERY_LIMITS,
): RecoveryStrategy[] => [
  retrying(limits),
  restarting(limits, clock),
  openingCircuit(limits, count),
  fallingBack,
  escalating,
];
