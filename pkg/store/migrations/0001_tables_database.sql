-- Run at every start: nothing can be recorded before it exists.
CREATE DATABASE IF NOT EXISTS {{.Tables}}{{.OnCluster}}
