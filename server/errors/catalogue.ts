/** The families of failure; each edge translates a family once (HTTP status, exit code, close code). */
export type ErrorKind =
  | "invalid"
  | "unauthenticated"
  | "forbidden"
  | "not_found"
  | "method_not_allowed"
  | "conflict"
  | "too_large"
  | "unsupported_media"
  | "misdirected"
  | "unprocessable"
  | "rate_limited"
  | "unavailable"
  | "internal";

/**
 * Every failure Binnacle can report: stable code → family and the sentence that names it.
 * Codes are part of the API: they are added, never renamed.
 */
export const ERROR_CATALOGUE = {
  invalid_request: { kind: "invalid", title: "The request is not well formed" },
  invalid_cursor: { kind: "invalid", title: "The cursor does not belong to this list" },
  validation_failed: { kind: "unprocessable", title: "Some fields are not valid" },
  invalid_configuration: { kind: "unprocessable", title: "The configuration is not valid" },
  unauthenticated: { kind: "unauthenticated", title: "Sign in or send a token" },
  invalid_credentials: { kind: "unauthenticated", title: "Name or password is wrong" },
  invalid_token: { kind: "unauthenticated", title: "The token is not valid" },
  setup_link_invalid: { kind: "forbidden", title: "The set-up link is used, expired or wrong" },
  reset_link_invalid: { kind: "forbidden", title: "The link is used, expired or wrong" },
  sign_in_expired: { kind: "forbidden", title: "The sign-in took too long, or began in another browser" },
  sign_in_refused: { kind: "forbidden", title: "That account may not sign in here" },
  https_required: { kind: "forbidden", title: "This server answers over HTTPS only" },
  scope_missing: { kind: "forbidden", title: "This needs a permission you do not have" },
  cross_site_request: { kind: "forbidden", title: "The request came from another site" },
  host_not_allowed: { kind: "misdirected", title: "This server does not answer under that host name" },
  not_found: { kind: "not_found", title: "There is nothing here" },
  user_not_found: { kind: "not_found", title: "There is no such user" },
  token_not_found: { kind: "not_found", title: "There is no such token" },
  role_not_found: { kind: "not_found", title: "There is no such role" },
  provider_not_found: { kind: "not_found", title: "There is no such sign-in provider" },
  identity_not_found: { kind: "not_found", title: "There is no such linked account" },
  session_not_found: { kind: "not_found", title: "There is no such session" },
  event_type_not_found: { kind: "not_found", title: "There is no such event type" },
  parked_event_not_found: { kind: "not_found", title: "There is no such parked event" },
  alert_not_found: { kind: "not_found", title: "There is no such alert" },
  alert_definition_not_found: { kind: "not_found", title: "There is no such rule, channel, route or window" },
  alert_state_conflict: { kind: "conflict", title: "The alert does not allow that in its state" },
  delivery_not_found: { kind: "not_found", title: "There is no such delivery" },
  incident_not_found: { kind: "not_found", title: "There is no such error" },
  operation_not_found: { kind: "not_found", title: "There is no such operation" },
  trace_not_found: { kind: "not_found", title: "There is no such trace" },
  events_missed: { kind: "conflict", title: "The events asked for are no longer kept" },
  secret_not_found: { kind: "not_found", title: "There is no such secret" },
  series_not_found: { kind: "not_found", title: "There is no such series" },
  log_line_not_found: { kind: "not_found", title: "There is no such log line" },
  method_not_allowed: { kind: "method_not_allowed", title: "This path does not know that method" },
  revision_not_found: { kind: "not_found", title: "There is no such revision of the configuration" },
  revision_conflict: { kind: "conflict", title: "The configuration was changed meanwhile" },
  setting_locked: { kind: "conflict", title: "The environment or a flag holds that setting" },
  name_taken: { kind: "conflict", title: "The name is taken" },
  last_admin: { kind: "conflict", title: "Somebody must remain able to administer this server" },
  key_mismatch: { kind: "conflict", title: "The master key does not fit this data folder" },
  key_in_environment: { kind: "conflict", title: "The master key is held by the environment" },
  recovery_key_invalid: { kind: "unprocessable", title: "The recovery key is not valid" },
  role_in_use: { kind: "conflict", title: "Somebody has that role" },
  role_built_in: { kind: "conflict", title: "That role ships with Binnacle and cannot be changed" },
  identity_taken: { kind: "conflict", title: "That account is linked to another user" },
  last_sign_in_way: { kind: "conflict", title: "It is the only way this user can sign in" },
  already_set_up: { kind: "conflict", title: "This server is set up already" },
  body_too_large: { kind: "too_large", title: "The body is larger than this server accepts" },
  unsupported_media_type: { kind: "unsupported_media", title: "The content type is not one this path reads" },
  rate_limited: { kind: "rate_limited", title: "Too many requests" },
  query_too_complex: { kind: "invalid", title: "The query is larger than this server accepts" },
  persisted_operation_unknown: { kind: "not_found", title: "That persisted operation is not known" },
  feature_off: { kind: "not_found", title: "That feature is switched off" },
  not_ready: { kind: "unavailable", title: "The server is starting or stopping" },
  overloaded: { kind: "unavailable", title: "The server has more work than it can take; try again shortly" },
  storage_full: { kind: "unavailable", title: "The disk is full" },
  storage_unavailable: { kind: "unavailable", title: "The data folder cannot be used" },
  database_newer: { kind: "conflict", title: "The database was written by a newer Binnacle" },
  database_corrupt: { kind: "internal", title: "The database is damaged" },
  already_running: { kind: "conflict", title: "Another Binnacle uses this data folder" },
  address_in_use: { kind: "conflict", title: "The address is in use" },
  server_unreachable: { kind: "unavailable", title: "No Binnacle answers there" },
  secret_unreadable: { kind: "internal", title: "A stored secret or key cannot be decrypted" },
  chunk_corrupt: { kind: "internal", title: "A stored chunk of samples is damaged" },
  cardinality_limit: { kind: "unprocessable", title: "The limit on series is reached" },
  provider_failed: { kind: "unavailable", title: "The sign-in provider did not answer as it should" },
  certificate_failed: { kind: "unavailable", title: "The certificate authority gave no certificate" },
  outbound_refused: { kind: "unprocessable", title: "That place may not be connected to" },
  outbound_failed: { kind: "unavailable", title: "The other side did not answer as it should" },
  circuit_open: { kind: "unavailable", title: "It failed too often and rests for a while" },
  plugin_not_found: { kind: "not_found", title: "There is no such plugin" },
  plugin_inactive: { kind: "unavailable", title: "The plugin is not active" },
  plugin_unhealthy: { kind: "unavailable", title: "The plugin is unhealthy and rests for a while" },
  plugin_quarantined: { kind: "unavailable", title: "The plugin is quarantined" },
  plugin_busy: { kind: "unavailable", title: "The plugin has as many calls under way as it may" },
  plugin_timeout: { kind: "unavailable", title: "The plugin took too long" },
  plugin_execution_failed: { kind: "internal", title: "The plugin failed" },
  plugin_crashed: { kind: "internal", title: "The plugin's process ended in the midst of a call" },
  plugin_start_failed: { kind: "unavailable", title: "The plugin's process could not be started" },
  plugin_load_failed: { kind: "unprocessable", title: "The plugin's code could not be loaded" },
  plugin_sandbox_unavailable: { kind: "unavailable", title: "The sandbox that plugins need is not there" },
  plugin_invalid: { kind: "unprocessable", title: "The plugin is not valid" },
  plugin_conflict: { kind: "conflict", title: "Another plugin has that id" },
  plugin_not_allowed: { kind: "forbidden", title: "This server does not accept that plugin" },
  plugin_not_approved: { kind: "conflict", title: "The plugin waits for an approval" },
  plugin_dependency_missing: { kind: "conflict", title: "The plugin needs another one that is not there" },
  plugin_state_conflict: { kind: "conflict", title: "The plugin's state does not allow that" },
  approval_outdated: { kind: "conflict", title: "The plugin was changed since it was looked at" },
  refused_by_plugin: { kind: "forbidden", title: "A plugin refused the request" },
  browser_unavailable: { kind: "unavailable", title: "No browser can be started on this machine" },
  permission_denied: { kind: "forbidden", title: "The plugin was not granted that" },
  cancelled: { kind: "unavailable", title: "It was cancelled" },
  timed_out: { kind: "unavailable", title: "It took too long" },
  internal: { kind: "internal", title: "Something went wrong inside Binnacle" },
} as const satisfies Record<string, { kind: ErrorKind; title: string }>;

/** A stable error code. */
export type ErrorCode = keyof typeof ERROR_CATALOGUE;
