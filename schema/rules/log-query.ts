/** One term of a search of log lines: minus, field, quoted value or word. The server searches and the dashboard marks by it. */
export const LOG_QUERY_TERM = /(-?)(?:([\p{L}\p{N}_.-]+)=)?(?:"([^"]*)"|(\S+))/gu;
/** Most characters of a search. */
export const MAX_LOG_QUERY_LENGTH = 500;
