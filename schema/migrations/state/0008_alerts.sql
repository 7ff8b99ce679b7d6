CREATE TABLE `alert_definitions` (
	`id` text PRIMARY KEY NOT NULL,
	`kind` text NOT NULL,
	`name` text NOT NULL,
	`definition` text NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`updated_by` text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `alert_definitions_name` ON `alert_definitions` (`kind`,`name`);--> statement-breakpoint
CREATE TABLE `alert_groups` (
	`route_id` text NOT NULL,
	`group_key` text NOT NULL,
	`told_at` integer NOT NULL,
	PRIMARY KEY(`route_id`, `group_key`)
);
--> statement-breakpoint
CREATE INDEX `alert_groups_told` ON `alert_groups` (`told_at`);--> statement-breakpoint
CREATE TABLE `alert_notices` (
	`alert_id` text NOT NULL,
	`route_id` text NOT NULL,
	`group_key` text NOT NULL,
	`due_at` integer,
	`held_by` text,
	`told` text,
	`step` integer NOT NULL,
	`escalate_at` integer,
	PRIMARY KEY(`alert_id`, `route_id`),
	FOREIGN KEY (`alert_id`) REFERENCES `alerts`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `alert_notices_due` ON `alert_notices` (`due_at`);--> statement-breakpoint
CREATE INDEX `alert_notices_escalate` ON `alert_notices` (`escalate_at`);--> statement-breakpoint
CREATE INDEX `alert_notices_group` ON `alert_notices` (`route_id`,`group_key`,`due_at`);--> statement-breakpoint
CREATE TABLE `alert_transitions` (
	`seq` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`alert_id` text NOT NULL,
	`fingerprint` text NOT NULL,
	`from_state` text,
	`to_state` text NOT NULL,
	`severity` text NOT NULL,
	`at` integer NOT NULL,
	`by` text NOT NULL,
	`note` text NOT NULL,
	FOREIGN KEY (`alert_id`) REFERENCES `alerts`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `alert_transitions_alert` ON `alert_transitions` (`alert_id`,`seq`);--> statement-breakpoint
CREATE INDEX `alert_transitions_fingerprint` ON `alert_transitions` (`fingerprint`,`at`);--> statement-breakpoint
CREATE INDEX `alert_transitions_at` ON `alert_transitions` (`at`);--> statement-breakpoint
CREATE TABLE `alerts` (
	`id` text PRIMARY KEY NOT NULL,
	`fingerprint` text NOT NULL,
	`type` text NOT NULL,
	`severity` text NOT NULL,
	`state` text NOT NULL,
	`message` text NOT NULL,
	`labels` text NOT NULL,
	`source` text NOT NULL,
	`rule_id` text,
	`occurrences` integer NOT NULL,
	`raised_at` integer NOT NULL,
	`last_seen_at` integer NOT NULL,
	`state_changed_at` integer NOT NULL,
	`state_changed_by` text NOT NULL,
	`muted_until` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `alerts_open` ON `alerts` (`fingerprint`) WHERE state <> 'resolved';--> statement-breakpoint
CREATE INDEX `alerts_raised` ON `alerts` (`raised_at`,`id`);--> statement-breakpoint
CREATE INDEX `alerts_state` ON `alerts` (`state`,`state_changed_at`);--> statement-breakpoint
CREATE INDEX `alerts_rule` ON `alerts` (`rule_id`,`state`);