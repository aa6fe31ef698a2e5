package judge

import "strings"

// reason tells why a function is refused that the engine has, or "". name is in
// lower case. The groups are complete for the pinned engine: its test fails
// when a function is neither here nor approved.
func reason(name string) string {
	switch name {
	case "file", "catboostevaluate", "filesystemavailable", "filesystemcapacity", "filesystemunreserved",
		"getmaxtablenamelengthfordatabase":
		return "reads files of the machine or tells of its disks"
	case "aiclassify", "aiembed", "aiextract", "aigenerate", "aitranslate":
		return "sends what it is given to another machine"
	case "addresstoline", "addresstolinewithinlines", "addresstosymbol", "demangle", "flamegraph", "logtrace", "hasthreadfuzzer",
		"buildid", "tid", "getoskernelversion", "chdb":
		return "looks into the process or writes to its log"
	case "arrayreduce", "arrayreduceinranges", "initializeaggregation":
		return "runs what stands in a string: use arraySum, arrayAvg, arrayMax and the like, or arrayJoin and a GROUP BY"
	case "joinget", "joingetornull", "hascolumnintable", "evalmlmethod",
		"naivebayesclassifier", "naivebayesclassifierwithallprobs", "naivebayesclassifierwithprob",
		"regionhierarchy", "regionin", "regiontoarea", "regiontocity", "regiontocontinent", "regiontocountry", "regiontodistrict",
		"regiontoname", "regiontopopulation", "regiontotopcontinent":
		return "reads a table, a dictionary or a model that is named in a string"
	case "getmacro", "getserverport", "tcpport", "getserversetting", "getclienthttpheader", "showcertificate", "serveruuid",
		"hostname", "fqdn", "fullhostname", "zookeepersessionuptime", "transactionid", "transactionlatestsnapshot",
		"transactionoldestsnapshot", "generateserialid":
		return "tells of the server or changes its state"
	case "sleep", "sleepeachrow", "aggthrow":
		return "only holds up or breaks what runs"
	case "jarosimilarity", "jarowinklersimilarity", "editdistance", "editdistanceutf8", "levenshteindistance",
		"levenshteindistanceutf8", "dameraulevenshteindistance", "arraylevenshteindistance", "arraylevenshteindistanceweighted", "arraysimilarity", "seriesdecomposestl":
		return "takes a time with the square of what it is given, which neither the limit nor a cancellation can end"
	case "fuzzquery", "obfuscatequery", "obfuscatequerywithseed", "timeseriesstoretags":
		return "is of no use to a reader"
	}
	switch {
	case strings.HasPrefix(name, "dict"):
		return "reads a table, a dictionary or a model that is named in a string"
	case strings.HasPrefix(name, "polygons"):
		return "takes a time with the square of what it is given, which neither the limit nor a cancellation can end"
	case strings.HasPrefix(name, "__"):
		return "is for the engine's own use"
	}
	return ""
}
