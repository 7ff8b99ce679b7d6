-- Blocks are stored by columns and indexed by shorter terms from here on. What an unreleased version wrote goes; files are
-- not read anew.
INSERT OR REPLACE INTO `log_floor` SELECT 1, max(`last_id`) + 1 FROM `log_blocks` HAVING max(`last_id`) IS NOT NULL;
--> statement-breakpoint
DELETE FROM `log_blocks`;
--> statement-breakpoint
DELETE FROM `log_texts`;
--> statement-breakpoint
INSERT INTO `log_index` (`log_index`) VALUES ('delete-all');
