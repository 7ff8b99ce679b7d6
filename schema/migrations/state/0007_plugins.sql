CREATE TABLE `plugin_approvals` (
	`id` text PRIMARY KEY NOT NULL,
	`plugin_id` text NOT NULL,
	`version` text NOT NULL,
	`digest` text NOT NULL,
	`permissions` text NOT NULL,
	`files` text NOT NULL,
	`signed_by` text,
	`approved_by` text NOT NULL,
	`approved_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `plugin_approvals_by_plugin` ON `plugin_approvals` (`plugin_id`,`approved_at`);--> statement-breakpoint
CREATE TABLE `plugin_health` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`plugin_id` text NOT NULL,
	`at` integer NOT NULL,
	`status` text NOT NULL,
	`response_ms` integer,
	`message` text DEFAULT '' NOT NULL,
	`dependencies` text DEFAULT '[]' NOT NULL
);
--> statement-breakpoint
CREATE INDEX `plugin_health_by_plugin` ON `plugin_health` (`plugin_id`,`at`);--> statement-breakpoint
CREATE TABLE `plugin_state` (
	`plugin_id` text NOT NULL,
	`key` text NOT NULL,
	`value` text NOT NULL,
	`size_bytes` integer NOT NULL,
	`changed_at` integer NOT NULL,
	PRIMARY KEY(`plugin_id`, `key`)
);
--> statement-breakpoint
CREATE TABLE `plugins` (
	`id` text PRIMARY KEY NOT NULL,
	`origin` text NOT NULL,
	`path` text NOT NULL,
	`type` text NOT NULL,
	`version` text NOT NULL,
	`digest` text NOT NULL,
	`is_enabled` integer,
	`is_paused` integer DEFAULT false NOT NULL,
	`config` text DEFAULT '{}' NOT NULL,
	`quarantine_reason` text,
	`quarantined_digest` text,
	`quarantined_build` text,
	`quarantined_at` integer,
	`registered_by` text NOT NULL,
	`registered_at` integer NOT NULL,
	`changed_by` text NOT NULL,
	`changed_at` integer NOT NULL,
	`removed_at` integer
);
