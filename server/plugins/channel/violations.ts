/** What a side of a channel can do that the contract does not allow. */
export type Violation =
  | "bad_length"
  | "unknown_kind"
  | "bad_payload"
  | "forged_id"
  | "unknown_answer"
  | "too_many_requests"
  | "too_many_streams"
  | "credit_overrun"
  | "unknown_stream"
  | "unexpected_message";

/** Why a channel ended. */
export type ChannelEnding =
  /** The other side closed it, or its process ended. */
  | "ended"
  /** By our own will. */
  | "closed"
  /** The other side took nothing for too long while more and more waited for it. */
  | "not_reading"
  | `violation:${Violation}`;
