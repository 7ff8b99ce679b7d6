import type { BrokerMethod, StreamId } from "../../../schema/plugin/rpc.ts";

/** The streams of one channel, as a broker sees them. */
export interface BrokerStreams {
  /** A stream towards the plugin: what is written leaves as the plugin gives credit. */
  open(source: ReadableStream<Uint8Array>): StreamId;
  /** A stream that the plugin has opened. @throws AppError `invalid_request` when there is none of that number */
  accept(id: StreamId): ReadableStream<Uint8Array>;
}

/** Serves one running plugin; made with what it was granted. */
export interface BrokerSession {
  /**
   * Decides upon and serves one request. The parameters come from a hostile process and are validated here.
   * @throws AppError `permission_denied` (counted and audited), `invalid_request`, and what the service behind throws
   */
  serve(method: BrokerMethod, params: unknown, streams: BrokerStreams, signal: AbortSignal): Promise<unknown>;
  /** Ends what it still holds open: connections, files, programs, browsers. */
  close(): Promise<void>;
}
