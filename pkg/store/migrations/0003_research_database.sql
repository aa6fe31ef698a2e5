-- Holds views only: researchers, reports and named queries see nothing else.
CREATE DATABASE IF NOT EXISTS {{.Research}}{{.OnCluster}}
