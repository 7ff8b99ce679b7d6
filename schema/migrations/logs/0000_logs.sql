CREATE TABLE `log_blocks` (
	`id` integer PRIMARY KEY NOT NULL,
	`last_id` integer NOT NULL,
	`min_at` integer NOT NULL,
	`max_at` integer NOT NULL,
	`sealed_at` integer NOT NULL,
	`debug` integer NOT NULL,
	`info` integer NOT NULL,
	`warning` integer NOT NULL,
	`error` integer NOT NULL,
	`sources` text NOT NULL,
	`marks` blob NOT NULL
);
--> statement-breakpoint
CREATE TABLE `log_files` (
	`path` text PRIMARY KEY NOT NULL,
	`inode` text NOT NULL,
	`offset` integer NOT NULL,
	`fingerprint` text NOT NULL,
	`fingerprint_bytes` integer NOT NULL,
	`seen_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `log_files_seen` ON `log_files` (`seen_at`);--> statement-breakpoint
CREATE TABLE `log_floor` (
	`id` integer PRIMARY KEY NOT NULL,
	`next_id` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `log_sources` (
	`id` integer PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`first_seen_at` integer NOT NULL,
	`last_seen_at` integer NOT NULL,
	`lines` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `log_sources_name_unique` ON `log_sources` (`name`);--> statement-breakpoint
CREATE TABLE `log_tail` (
	`id` integer PRIMARY KEY NOT NULL,
	`marks` blob NOT NULL,
	`texts` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `log_texts` (
	`id` integer PRIMARY KEY NOT NULL,
	`packed` blob NOT NULL
);
