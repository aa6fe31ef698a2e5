package deploy

// awaited are metrics that alerts and the dashboard use already and that no
// service serves yet, with their labels. A name that is served is to be taken
// off this list; with the last one this file goes.
var awaited = map[string][]string{
	"doxtrail_normaliser_put_off_full_total":         nil,
	"doxtrail_collector_archive_held_for_room":       nil,
	"doxtrail_provisioner_stream_bytes":              {"stream"},
	"doxtrail_provisioner_stream_max_bytes":          {"stream"},
	"doxtrail_provisioner_pending_messages":          {"stream"},
	"doxtrail_provisioner_ack_pending_messages":      {"stream"},
	"doxtrail_provisioner_ack_pending_limit":         {"stream"},
	"doxtrail_provisioner_oldest_raw_seconds":        nil,
	"doxtrail_provisioner_failed_waiting":            nil,
	"doxtrail_provisioner_sequence_gap_messages":     {"stream"},
	"doxtrail_provisioner_audited_timestamp_seconds": {"stream"},
	"doxtrail_provisioner_clickhouse_parts":          nil,
	"doxtrail_provisioner_look_failures_total":       nil,
	"doxtrail_recorder_lag_seconds":                  {"platform"},
}
