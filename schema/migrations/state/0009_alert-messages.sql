CREATE TABLE `alert_messages` (
	`alert_id` text NOT NULL,
	`delivery_id` text NOT NULL,
	`route_id` text NOT NULL,
	`channel_id` text NOT NULL,
	`reason` text NOT NULL,
	`at` integer NOT NULL,
	PRIMARY KEY(`alert_id`, `delivery_id`),
	FOREIGN KEY (`alert_id`) REFERENCES `alerts`(`id`) ON UPDATE no action ON DELETE cascade
);
