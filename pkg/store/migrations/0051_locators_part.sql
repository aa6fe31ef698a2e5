-- What tells the locators of one target apart: of a page its host, for one path_key is
-- one card on many mirrors; of a channel its name, which changes. Zeros for others.
ALTER TABLE {{.Tables}}.locators{{.OnCluster}}
    ADD COLUMN IF NOT EXISTS part_key UUID AFTER kind,
    MODIFY ORDER BY (target_key, kind, part_key)
