import { AppError } from "../errors/app-error.ts";
import { Semaphore } from "../lib/semaphore.ts";
import { MAX_PASSWORD_LENGTH, normalisePassword } from "./password-rules.ts";
import type { RateLimits } from "./rate-limits.ts";

/** argon2id at OWASP's recommendation for servers: 19 MiB, two passes, one lane. */
const ARGON2 = { algorithm: "argon2id", memoryCost: 19_456, timeCost: 2 } as const;
/** Each takes 19 MiB and a core while it runs. */
const MAX_AT_ONCE = 2;
const MAX_WAITING = 32;
const BUSY_RETRY_MS = 2_000;

/** The hash of no password, at the cost of a real one: an unknown name takes as long as a wrong password. */
export const DUMMY_HASH =
  "$argon2id$v=19$m=19456,t=2,p=1$IxG67L1APw+j824sbO5f5bvrp4u8yJxr5BuYKz+2/Qo$oBERoft5tAj43xYD6jPR54oJz4+6UkQ6k78xxeB60Ak";

/** Hashes and checks passwords, few at once: a storm of sign-ins waits in a short queue instead of taking the memory. */
export class Passwords {
  readonly #limits: RateLimits;
  readonly #running = new Semaphore(MAX_AT_ONCE);

  constructor(limits: RateLimits) {
    this.#limits = limits;
  }

  /** The PHC string of `password`. @throws AppError `rate_limited` when too many wait. */
  async hash(password: string): Promise<string> {
    return this.#bounded(() => Bun.password.hash(normalisePassword(password), ARGON2));
  }

  /**
   * Whether `password` is the one of `hash`; without a hash it takes the same time and is false.
   * @throws AppError `rate_limited` when too many wait.
   */
  async verify(password: string, hash: string | undefined): Promise<boolean> {
    const isPossible = password !== "" && password.length <= MAX_PASSWORD_LENGTH * 2;
    const candidate = isPossible ? normalisePassword(password) : "-";
    const matches = await this.#bounded(() => Bun.password.verify(candidate, hash ?? DUMMY_HASH));
    return matches && isPossible && hash !== undefined;
  }

  /**
   * Like {@link verify}, for a signed-in person who proves it once more; at the rate of sign-ins for each user, so that
   * a stolen session cannot guess.
   */
  async confirm(userId: string, password: string, hash: string): Promise<boolean> {
    const { allowed, retryAfterMs } = this.#limits.take("login", `confirm:${userId}`);
    if (!allowed) throw new AppError("rate_limited", "Too many attempts; wait a moment.", { retryAfterMs });
    return this.verify(password, hash);
  }

  async #bounded<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running.waiting >= MAX_WAITING) {
      throw new AppError(
        "rate_limited",
        "Too many people are signing in at this moment; try again shortly.",
        {
          retryAfterMs: BUSY_RETRY_MS,
        },
      );
    }
    return this.#running.run(work);
  }
}
