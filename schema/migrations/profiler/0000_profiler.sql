CREATE TABLE `operation_windows` (
	`width_ms` integer NOT NULL,
	`start_at` integer NOT NULL,
	`operation_id` integer NOT NULL,
	`count` integer NOT NULL,
	`errors` integer NOT NULL,
	`sum_ms` real NOT NULL,
	`min_ms` real NOT NULL,
	`max_ms` real NOT NULL,
	`buckets` blob NOT NULL,
	PRIMARY KEY(`width_ms`, `start_at`, `operation_id`),
	FOREIGN KEY (`operation_id`) REFERENCES `operations`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `operation_windows_operation` ON `operation_windows` (`operation_id`,`width_ms`,`start_at`);--> statement-breakpoint
CREATE TABLE `operations` (
	`id` integer PRIMARY KEY NOT NULL,
	`kind` text NOT NULL,
	`source` text NOT NULL,
	`name` text NOT NULL,
	`first_seen_at` integer NOT NULL,
	`last_seen_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `operations_identity` ON `operations` (`kind`,`source`,`name`);--> statement-breakpoint
CREATE TABLE `slow_operations` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`kind` text NOT NULL,
	`source` text NOT NULL,
	`name` text NOT NULL,
	`at` integer NOT NULL,
	`duration_ms` real NOT NULL,
	`threshold_ms` real NOT NULL,
	`has_failed` integer NOT NULL,
	`correlation_id` text,
	`trace_id` text,
	`principal` text,
	`attributes` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `slow_operations_duration` ON `slow_operations` (`duration_ms`);--> statement-breakpoint
CREATE TABLE `spans` (
	`trace_id` text NOT NULL,
	`id` text NOT NULL,
	`parent_id` text,
	`name` text NOT NULL,
	`kind` text NOT NULL,
	`service` text NOT NULL,
	`started_at_us` integer NOT NULL,
	`duration_us` integer NOT NULL,
	`has_failed` integer NOT NULL,
	`message` text NOT NULL,
	`attributes` text NOT NULL,
	PRIMARY KEY(`trace_id`, `id`),
	FOREIGN KEY (`trace_id`) REFERENCES `traces`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `traces` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`service` text NOT NULL,
	`started_at_us` integer NOT NULL,
	`ended_at_us` integer NOT NULL,
	`duration_us` integer NOT NULL,
	`spans` integer NOT NULL,
	`errors` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `traces_started` ON `traces` (`started_at_us`,`id`);