CREATE TABLE `event_subscribers` (
	`name` text PRIMARY KEY NOT NULL,
	`cursor` integer NOT NULL,
	`backlog` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `event_types` (
	`name` text PRIMARY KEY NOT NULL,
	`description` text NOT NULL,
	`schema` text NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `events` (
	`seq` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`id` text NOT NULL,
	`type` text NOT NULL,
	`time` integer NOT NULL,
	`source` text NOT NULL,
	`correlation_id` text NOT NULL,
	`payload` text NOT NULL,
	`size_bytes` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `events_id_unique` ON `events` (`id`);--> statement-breakpoint
CREATE INDEX `events_type` ON `events` (`type`,`seq`);--> statement-breakpoint
CREATE INDEX `events_source` ON `events` (`source`,`seq`);--> statement-breakpoint
CREATE TABLE `parked_events` (
	`id` text PRIMARY KEY NOT NULL,
	`subscriber` text NOT NULL,
	`event` text NOT NULL,
	`attempts` integer NOT NULL,
	`message` text NOT NULL,
	`parked_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `parked_events_subscriber` ON `parked_events` (`subscriber`,`id`);--> statement-breakpoint
CREATE TABLE `outbox` (
	`seq` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`id` text NOT NULL,
	`kind` text NOT NULL,
	`target` text NOT NULL,
	`payload` text NOT NULL,
	`dedupe_key` text,
	`state` text NOT NULL,
	`attempts` integer NOT NULL,
	`not_before` integer NOT NULL,
	`lease_run` text,
	`lease_until` integer,
	`created_at` integer NOT NULL,
	`settled_at` integer,
	`last_error` text
);
--> statement-breakpoint
CREATE UNIQUE INDEX `outbox_id_unique` ON `outbox` (`id`);--> statement-breakpoint
CREATE UNIQUE INDEX `outbox_dedupe` ON `outbox` (`kind`,`target`,`dedupe_key`);--> statement-breakpoint
CREATE INDEX `outbox_target` ON `outbox` (`kind`,`target`,`state`,`seq`);--> statement-breakpoint
CREATE INDEX `outbox_state` ON `outbox` (`state`,`settled_at`);--> statement-breakpoint
CREATE TABLE `outbox_targets` (
	`kind` text NOT NULL,
	`target` text NOT NULL,
	`state` text NOT NULL,
	`failures` integer NOT NULL,
	`last_error` text,
	`changed_at` integer NOT NULL,
	PRIMARY KEY(`kind`, `target`)
);
