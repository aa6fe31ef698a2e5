{{- if .Server -}}
-- What a researcher's account is given: the views, and nothing beneath them.
CREATE ROLE IF NOT EXISTS {{.Role}}{{.OnCluster}}
{{- end -}}
