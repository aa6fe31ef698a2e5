package nats

// The users, under the names of their services.
const (
	provisions = "provisioner"
	collects   = "collector-archive"
	follows    = "collector-telegram"
	watches    = "collector-twitter"
	normalises = "normaliser"
	records    = "recorder"
	commands   = "command"
)

var users = []string{provisions, collects, follows, watches, normalises, records, commands}

// publishing says who may publish on a subject, and with it ask the server for
// what the subject names. It is written down apart from nats.conf, from what
// each service is for.
var publishing = map[string][]string{
	// Only the normaliser reads RAW; an import that waits for its rows asks what
	// comes next, and the provisioner puts back what was given up, both sealed.
	"$JS.API.CONSUMER.MSG.NEXT.RAW.normaliser-live":              {provisions, normalises},
	"$JS.API.CONSUMER.MSG.NEXT.RAW.normaliser-archive":           {provisions, normalises},
	"$JS.API.STREAM.MSG.GET.RAW":                                 {provisions, normalises, commands},
	"$JS.API.DIRECT.GET.RAW":                                     {},
	"$JS.API.DIRECT.GET.RAW.doxtrail.v1.raw.live.posts.telegram": {},
	"$JS.API.CONSUMER.CREATE.RAW":                                {provisions},
	"$JS.API.CONSUMER.CREATE.RAW.other.doxtrail.v1.raw.>":        {provisions},
	"$JS.API.CONSUMER.DURABLE.CREATE.RAW.other":                  {provisions},
	"$JS.ACK.RAW.normaliser-live.1.1.1.1.0":                      {normalises},
	"$JS.ACK.RAW.normaliser-archive.1.1.1.1.0":                   {normalises},

	"$JS.API.CONSUMER.MSG.NEXT.RECORDS.recorder-live":    {provisions, records, commands},
	"$JS.API.CONSUMER.MSG.NEXT.RECORDS.recorder-archive": {provisions, records, commands},
	"$JS.ACK.RECORDS.recorder-live.1.1.1.1.0":            {records},
	"$JS.ACK.RECORDS.recorder-archive.1.1.1.1.0":         {records},
	"$JS.ACK.ADVISORIES.sweeper.1.1.1.1.0":               {provisions},
	"$JS.API.STREAM.MSG.GET.RECORDS":                     {provisions, commands},
	"$JS.API.CONSUMER.CREATE.RECORDS.other":              {provisions, commands},
	"$JS.API.STREAM.MSG.GET.FAILED":                      {provisions, normalises, commands},
	"$JS.API.CONSUMER.CREATE.FAILED.other":               {provisions},

	// Only the provisioner makes, changes and takes away.
	"$JS.API.STREAM.CREATE.OTHER":                      {provisions},
	"$JS.API.STREAM.UPDATE.RAW":                        {provisions},
	"$JS.API.STREAM.DELETE.RAW":                        {provisions},
	"$JS.API.STREAM.PURGE.RAW":                         {provisions},
	"$JS.API.STREAM.PURGE.RECORDS":                     {provisions},
	"$JS.API.STREAM.SNAPSHOT.RAW":                      {provisions},
	"$JS.API.STREAM.RESTORE.RAW":                       {provisions},
	"$JS.API.STREAM.MSG.DELETE.RAW":                    {provisions},
	"$JS.API.STREAM.MSG.DELETE.RECORDS":                {provisions, commands},
	"$JS.API.STREAM.MSG.DELETE.FAILED":                 {provisions, commands},
	"$JS.API.CONSUMER.DELETE.RAW.normaliser-live":      {provisions},
	"$JS.API.CONSUMER.DELETE.KV_PUBKEYS.other":         {provisions},
	"$JS.API.CONSUMER.PAUSE.RAW.normaliser-live":       {provisions},
	"$JS.API.CONSUMER.UNPIN.RAW.normaliser-live":       {provisions},
	"$JS.API.SERVER.REMOVE":                            {},
	"$JS.API.META.LEADER.STEPDOWN":                     {},
	"$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.RAW.x": {},

	"doxtrail.v1.raw.archive.posts.telegram":                    {provisions, collects, follows, normalises, commands},
	"doxtrail.v1.raw.archive.posts.twitter":                     {provisions, collects, watches, normalises, commands},
	"doxtrail.v1.raw.live.posts.telegram":                       {provisions, follows, normalises, commands},
	"doxtrail.v1.raw.live.channels.telegram":                    {provisions, follows, normalises, commands},
	"doxtrail.v1.raw.live.channels.twitter":                     {provisions, watches, normalises, commands},
	"doxtrail.v1.raw.live.observations.telegram":                {provisions, follows, normalises, commands},
	"doxtrail.v1.raw.live.observations.twitter":                 {provisions, watches, normalises, commands},
	"doxtrail.v1.raw.live.coverage.telegram":                    {provisions, follows, normalises, commands},
	"doxtrail.v1.raw.live.coverage.twitter":                     {provisions, watches, normalises, commands},
	"doxtrail.v1.raw.live.posts.twitter":                        {provisions, watches, normalises, commands},
	"doxtrail.v1.raw.live.imports.telegram":                     {provisions, normalises, commands},
	"doxtrail.v1.records.live.posts.telegram":                   {provisions, normalises, records, commands},
	"doxtrail.v1.failed.normaliser.telegram.raw.live.posts.x":   {normalises},
	"doxtrail.v1.failed.recorder.telegram.records.live.posts.x": {records},

	"$KV.PUBKEYS.raw":                          {normalises},
	"$KV.WATCHLIST.effective":                  {provisions, commands},
	"$KV.WATCHLIST.decided":                    {commands},
	"$KV.WATCHLIST.applied":                    {normalises},
	"$KV.CURSORS.collector-archive.x":          {collects, commands},
	"$KV.CURSORS.collector-telegram.x":         {follows, commands},
	"$KV.CURSORS.collector-twitter.x":          {watches, commands},
	"$KV.BUDGETS.collector-telegram.main":      {follows},
	"$KV.BUDGETS.collector-twitter.main":       {watches},
	"$KV.BUDGETS.collector-twitter.main.spent": {watches},
	"$KV.BUDGETS.collector-archive.main":       {},
	"$KV.LEASES.collector-telegram.main":       {follows},
	"$KV.LEASES.collector-twitter.main":        {watches},
	"$KV.LEASES.collector-archive.main":        {},
	"$KV.CURSORS.in-hand.normaliser-live.1":    {normalises},
	"$KV.CURSORS.in-hand.recorder-live.1":      {records},
	// Whether a service can store anything is tried under its own name.
	"$KV.CURSORS.probe.provisioner":        {provisions},
	"$KV.CURSORS.probe.collector-archive":  {collects},
	"$KV.CURSORS.probe.collector-telegram": {follows},
	"$KV.CURSORS.probe.collector-twitter":  {watches},
	"$KV.CURSORS.probe.normaliser":         {normalises},
	"$KV.CURSORS.probe.recorder":           {records},

	"$JS.API.DIRECT.GET.KV_PUBKEYS.$KV.PUBKEYS.raw":                       {collects, follows, watches, records, commands},
	"$JS.API.DIRECT.GET.KV_WATCHLIST.$KV.WATCHLIST.effective":             {provisions, normalises, commands},
	"$JS.API.DIRECT.GET.KV_WATCHLIST.$KV.WATCHLIST.decided":               {provisions, normalises, commands},
	"$JS.API.CONSUMER.CREATE.KV_WATCHLIST.other.$KV.WATCHLIST.effective":  {provisions, follows, watches, normalises},
	"$JS.API.CONSUMER.CREATE.KV_CURSORS.other":                            {provisions, commands},
	"$JS.API.DIRECT.GET.KV_CURSORS.$KV.CURSORS.in-hand.recorder-live.1":   {records, commands},
	"$JS.API.DIRECT.GET.KV_CURSORS.$KV.CURSORS.in-hand.normaliser-live.1": {normalises, commands},

	"$JS.API.DIRECT.GET.KV_CURSORS.$KV.CURSORS.in-hand.normaliser-archive.1": {normalises, commands},
	"$JS.API.DIRECT.GET.KV_CURSORS.$KV.CURSORS.in-hand.recorder-archive.1":   {records, commands},
	"$JS.API.DIRECT.GET.KV_CURSORS.$KV.CURSORS.collector-archive.x":          {collects, commands},
	"$JS.API.DIRECT.GET.KV_CURSORS.$KV.CURSORS.collector-telegram.x":         {follows, commands},
	"$JS.API.DIRECT.GET.KV_CURSORS.$KV.CURSORS.collector-twitter.x":          {watches, commands},
	"$JS.API.DIRECT.GET.KV_BUDGETS.$KV.BUDGETS.collector-telegram.main":      {follows},
	"$JS.API.DIRECT.GET.KV_BUDGETS.$KV.BUDGETS.collector-twitter.main":       {watches},
	"$JS.API.DIRECT.GET.KV_BUDGETS.$KV.BUDGETS.collector-twitter.main.spent": {watches},
	"$JS.API.DIRECT.GET.KV_LEASES.$KV.LEASES.collector-telegram.main":        {follows},
	"$JS.API.DIRECT.GET.KV_LEASES.$KV.LEASES.collector-twitter.main":         {watches},
	"$KV.CURSORS.in-hand.normaliser-archive.1":                               {normalises},
	"$KV.CURSORS.in-hand.recorder-archive.1":                                 {records},

	// Looking through a stream or a bucket is a reader that lives for a moment.
	"$JS.API.STREAM.MSG.GET.ADVISORIES":                    {provisions, commands},
	"$JS.API.CONSUMER.DELETE.RECORDS.other":                {provisions, commands},
	"$JS.API.CONSUMER.DELETE.KV_WATCHLIST.other":           {provisions, follows, watches, normalises},
	"$JS.API.DIRECT.GET.KV_CURSORS.$KV.CURSORS.audit.gaps": {provisions, commands},
	"$KV.CURSORS.audit.gaps":                               {provisions, commands},
	"$JS.API.CONSUMER.DELETE.KV_CURSORS.other":             {provisions, commands},
	"$JS.FC.KV_CURSORS.other.1":                            {commands},
	"$JS.FC.RAW.other.1":                                   {provisions},
	"$JS.FC.RECORDS.other.1":                               {provisions, commands},
	"$JS.FC.KV_WATCHLIST.other.1":                          {follows, watches, normalises},

	"$SYS.REQ.SERVER.PING.VARZ": {},
	"anything":                  {},
}

// hearing says who may subscribe to a subject. Nobody hears a stream's subjects:
// they are read through their readers.
var hearing = map[string][]string{
	">":                             {},
	"doxtrail.>":                    {},
	"doxtrail.v1.raw.>":             {},
	"doxtrail.v1.records.>":         {},
	"doxtrail.v1.failed.>":          {},
	"$JS.EVENT.ADVISORY.>":          {},
	"$JS.API.>":                     {},
	"$JS.ACK.>":                     {},
	"$KV.>":                         {},
	"$SYS.>":                        {},
	"_INBOX.>":                      {},
	"_INBOX.provisioner.x.*":        {provisions},
	"_INBOX.collector-archive.x.*":  {collects},
	"_INBOX.collector-telegram.x.*": {follows},
	"_INBOX.collector-twitter.x.*":  {watches},
	"_INBOX.normaliser.x.*":         {normalises},
	"_INBOX.recorder.x.*":           {records},
	"_INBOX.command.x.*":            {commands},
}
