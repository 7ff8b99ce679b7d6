import type { AppError } from "../../errors/app-error.ts";
import { type Block, type Quarantine, refusalOf, type Standing } from "./standing.ts";

const NOTHING: Standing = {
  package: undefined,
  block: undefined,
  isGone: false,
  needsApproval: false,
  isEnabled: false,
  isPaused: false,
  quarantine: undefined,
};

/** What is wished of one plugin now, by people and by what it went through: whether it may run, and be called. */
export class Wishes {
  standing: Standing = NOTHING;
  /** By a person, until they start it or the server does again. */
  isStopped = false;
  /** For good: the plugin or the server ends. */
  isClosed = false;

  /** Whether a process may be there; a paused plugin keeps its own. */
  get isWanted(): boolean {
    const { isEnabled, quarantine } = this.standing;
    return isEnabled && !this.isStopped && !quarantine && !this.isClosed;
  }

  /** Whether calls are let in. */
  get isOpen(): boolean {
    return this.isWanted && !this.standing.isPaused;
  }

  quarantine(quarantine: Quarantine): void {
    this.standing = { ...this.standing, quarantine };
  }

  /** Why calls are not let in; `block` is what the plugin shows. */
  refusal(block: Block | undefined): AppError {
    const { isStopped, isClosed } = this;
    return refusalOf(this.standing, block, { isStopped, isClosed });
  }
}
