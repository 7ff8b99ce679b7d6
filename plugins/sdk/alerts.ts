/** A message to people: what became of one alert or of several. */
export interface Alert {
  /** The same at every attempt: a receiver tells repetitions by it. */
  id: string;
  /** Type of the alert that stands for all: the worst that still fires. */
  type: string;
  /** `LOW`, `MEDIUM`, `HIGH` or `CRITICAL`. */
  severity: string;
  /** `firing`, or `resolved` when all of it is over. */
  state?: string;
  /** In the channel's words. */
  title?: string;
  /** In the channel's words, a line an alert. */
  message: string;
  labels?: Record<string, string>;
  /** Alerts that it tells of; the first of them are in `alerts`. */
  count?: number;
  alerts?: AlertItem[];
  reason?: "change" | "escalation" | "test";
  /** Name of the route it comes by. */
  route?: string;
  /** The same for all messages of one group of alerts: what threads by it keeps them together. */
  group?: string;
  /** How many groups the alerts are of, when there were too many for a message each. */
  groups?: number;
  /** Its place in the dashboard; absent while `server.publicUrl` is not set. */
  link?: string;
  /** ISO 8601. */
  createdAt: string;
  [field: string]: unknown;
}

export interface AlertItem {
  id: string;
  type: string;
  severity: string;
  state: string;
  message: string;
  labels: Record<string, string>;
  /** ISO 8601. */
  raisedAt: string;
}

/** What an alert says, for any channel: see `alertWords`. */
export interface AlertWords {
  /** For whoever sees no colours: `●` low, `▲` medium, `■` high, `◆` critical, `✓` over, `○` a test. */
  shape: string;
  /** Red, green and blue: `0xd64545`. */
  color: number;
  title: string;
  body: string;
  /** Severity, number of alerts, route and time, in one line. */
  footer: string;
  isResolved: boolean;
}

/** How a text is written, and how its size is counted, by `shortened`; as it is, and in UTF-16 units, unless given. */
export interface Shortening {
  written?: (character: string) => string;
  sizeOf?: (text: string) => number;
}

/** An answer over HTTP that was read: see `readAnswer`. */
export interface ServiceAnswer {
  status: number;
  /** The beginning of the body. */
  text: string;
  /** The body, when it is JSON. */
  json: unknown;
  /** What the header `retry-after` asks for. */
  retryAfterMs: number | undefined;
}

/** How a channel says that it did not send: try again after that time (0: as usual), or, with `rejected`, never. */
export interface AlertRefusal {
  retryAfterMs?: number;
  rejected?: string;
  reason?: string;
}

/** How a channel says that it sent; `answer` is what the service said. */
export interface AlertReceipt {
  reference?: string;
  answer?: string;
}
