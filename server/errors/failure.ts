/** What was being done when something failed. */
export interface FailureContext {
  /** `GET /api/v3/users`, `timer metrics.maintain`, `collector cpu`. */
  where: string;
  /** Of the request or work; a new one when absent. */
  correlationId?: string;
  /** Name of who was served; absent for work of the server's own. */
  principal?: string;
  /** Somebody should know at once, whatever its rate. */
  isUrgent?: boolean;
}

/** Takes note of a failure: quick, and never throws. Whoever goes on after a failure tells it here. */
export type FailureReport = (thrown: unknown, context: FailureContext) => void;
