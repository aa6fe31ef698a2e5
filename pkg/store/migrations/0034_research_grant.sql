{{- if .Server -}}
GRANT{{.OnCluster}} SELECT ON {{.Research}}.* TO {{.Role}}
{{- end -}}
