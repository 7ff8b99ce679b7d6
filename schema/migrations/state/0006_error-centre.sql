CREATE TABLE `answer_hours` (
	`hour` integer NOT NULL,
	`outcome` text NOT NULL,
	`count` integer NOT NULL,
	PRIMARY KEY(`hour`, `outcome`)
);
--> statement-breakpoint
CREATE TABLE `incident_hours` (
	`incident_id` text NOT NULL,
	`hour` integer NOT NULL,
	`count` integer NOT NULL,
	PRIMARY KEY(`incident_id`, `hour`),
	FOREIGN KEY (`incident_id`) REFERENCES `incidents`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `incidents` (
	`id` text PRIMARY KEY NOT NULL,
	`code` text NOT NULL,
	`kind` text NOT NULL,
	`state` text NOT NULL,
	`count` integer NOT NULL,
	`first_seen_at` integer NOT NULL,
	`last_seen_at` integer NOT NULL,
	`message` text NOT NULL,
	`place` text NOT NULL,
	`frame` text NOT NULL,
	`cause` text NOT NULL,
	`occurrences` text NOT NULL,
	`regressions` integer NOT NULL,
	`state_changed_at` integer,
	`state_changed_by` text,
	`escalated_at` integer
);
--> statement-breakpoint
CREATE INDEX `incidents_last_seen` ON `incidents` (`last_seen_at`,`id`);--> statement-breakpoint
CREATE INDEX `incidents_state` ON `incidents` (`state`,`last_seen_at`);--> statement-breakpoint
CREATE TABLE `recoveries` (
	`strategy` text NOT NULL,
	`code` text NOT NULL,
	`attempts` integer NOT NULL,
	`successes` integer NOT NULL,
	`last_attempt_at` integer NOT NULL,
	PRIMARY KEY(`strategy`, `code`)
);
