-- One document a block, under the number of the block. Without places and lengths it costs a few bytes a line: it names
-- the blocks that may hold a word, and the lines themselves are looked at.
CREATE VIRTUAL TABLE `log_index` USING fts5(`texts`, content='', contentless_delete=1, detail='none', tokenize='unicode61 remove_diacritics 0');
