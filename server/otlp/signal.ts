import type { Sender } from "../logs/line.ts";
import type { MessageShape } from "./protobuf.ts";

/** What became of a request: how many items were not taken, and why. */
export interface Taken {
  rejected: number;
  /** One sentence; empty when everything was taken. */
  problem: string;
}

/** One of the three signals of OpenTelemetry: where it comes in and who takes it. */
export interface Signal<Access extends string> {
  path: `/v1/${string}`;
  access: Access;
  summary: string;
  /** Of its export request; see the `.proto` files of OTLP. */
  shape: MessageShape;
  /** The field of the answer that counts what was rejected. */
  rejectedField: string;
  /** Takes an export request in the shape of OTLP/JSON. @throws AppError, of which `storage_full` makes a sender come again. */
  take(request: unknown, sender: Sender): Promise<Taken>;
}
