-- What the terms of a platform leave open to the questions of this study.
-- account_level says whether rows of the platform may answer questions about
-- single accounts. The provisioner writes it anew as the configuration has it; a
-- platform that is not here leaves all open.
CREATE OR REPLACE VIEW {{.Research}}.terms{{.OnCluster}}{{.Security}} AS
SELECT 'twitter' AS platform, false AS account_level
