CREATE TABLE `chunks` (
	`id` integer PRIMARY KEY NOT NULL,
	`series_id` integer NOT NULL,
	`tier` integer NOT NULL,
	`start_at` integer NOT NULL,
	`end_at` integer NOT NULL,
	`rows` integer NOT NULL,
	`packed` blob NOT NULL
);
--> statement-breakpoint
CREATE INDEX `chunks_place` ON `chunks` (`series_id`,`tier`,`start_at`);--> statement-breakpoint
CREATE TABLE `sample_log` (
	`seq` integer PRIMARY KEY NOT NULL,
	`window_at` integer NOT NULL,
	`ticks` blob NOT NULL
);
--> statement-breakpoint
CREATE TABLE `series` (
	`id` integer PRIMARY KEY NOT NULL,
	`key` text NOT NULL,
	`name` text NOT NULL,
	`labels` text NOT NULL,
	`unit` text NOT NULL,
	`help` text NOT NULL,
	`first_seen_at` integer NOT NULL,
	`last_seen_at` integer NOT NULL,
	`sealed_seq` integer NOT NULL,
	`rolled_until` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `series_key_unique` ON `series` (`key`);--> statement-breakpoint
CREATE TABLE `tier_floors` (
	`tier` integer PRIMARY KEY NOT NULL,
	`floor_at` integer NOT NULL
);
