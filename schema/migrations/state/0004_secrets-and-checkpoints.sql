CREATE TABLE `audit_checkpoints` (
	`seq` integer PRIMARY KEY NOT NULL,
	`mac` text NOT NULL,
	`at` integer NOT NULL,
	`signature` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `secret_key_wraps` (
	`key_id` text NOT NULL,
	`master_id` text NOT NULL,
	`sealed` blob NOT NULL,
	PRIMARY KEY(`key_id`, `master_id`),
	FOREIGN KEY (`key_id`) REFERENCES `secret_keys`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `secret_keys` (
	`id` text PRIMARY KEY NOT NULL,
	`purpose` text NOT NULL,
	`version` integer NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `secret_recovery` (
	`id` integer PRIMARY KEY NOT NULL,
	`public_key` blob NOT NULL,
	`ending` text NOT NULL,
	`created_at` integer NOT NULL,
	`confirmed_at` integer
);
--> statement-breakpoint
CREATE TABLE `secret_recovery_wraps` (
	`master_id` text PRIMARY KEY NOT NULL,
	`sealed` blob NOT NULL
);
--> statement-breakpoint
CREATE TABLE `secret_uses` (
	`name` text NOT NULL,
	`purpose` text NOT NULL,
	`count` integer NOT NULL,
	`last_used_at` integer NOT NULL,
	PRIMARY KEY(`name`, `purpose`),
	FOREIGN KEY (`name`) REFERENCES `secrets`(`name`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `secrets` (
	`name` text PRIMARY KEY NOT NULL,
	`description` text NOT NULL,
	`version` integer NOT NULL,
	`key_version` integer NOT NULL,
	`sealed` blob NOT NULL,
	`created_at` integer NOT NULL,
	`changed_at` integer NOT NULL,
	`changed_by` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `audit_actor` ON `audit` (`actor`);--> statement-breakpoint
CREATE INDEX `audit_action` ON `audit` (`action`);--> statement-breakpoint
CREATE INDEX `audit_target` ON `audit` (`target`);--> statement-breakpoint
DROP TRIGGER `audit_never_deleted`;
--> statement-breakpoint
CREATE TRIGGER `audit_never_deleted` BEFORE DELETE ON `audit` WHEN OLD.`seq` > COALESCE((SELECT max(`seq`) FROM `audit_checkpoints`), 0) BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
