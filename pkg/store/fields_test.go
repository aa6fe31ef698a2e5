package store_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"

	"github.com/doxtrail/doxtrail/pkg/store"
	"github.com/doxtrail/doxtrail/pkg/store/storetest"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// numbered is a key that is easy to read in results.
func numbered(n byte) []byte { return []byte{n, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, n} }

func key(n byte) string { return fmt.Sprintf(`"%02x000000-0000-0000-0000-0000000000%02x"`, n, n) }

// Every field of every record must arrive in its column, present and absent,
// through the casts from the types on the wire.
func TestEveryFieldArrives(t *testing.T) {
	s := storetest.New(t)
	const moment, shown = 1_580_483_045_678, `"2020-01-31T15:04:05.678Z"`
	// What is expired may be gone at once.
	const later, shownLater = 4_070_908_800_678, `"2099-01-01T00:00:00.678Z"`
	ms, text, u32, u64 := proto.Int64(moment), proto.String, proto.Uint32, proto.Uint64
	for _, tc := range []struct {
		name string
		kind store.Kind
		full proto.Message
		bare proto.Message
		want string
	}{
		{
			"posts", store.KindPosts,
			doxtrailv1.Post_builder{
				PostKey: numbered(1), PostNoKey: numbered(2), ChannelKey: numbered(3), AccountKey: numbered(4), Kind: doxtrailv1.PostKind_POST_KIND_FORWARD.Enum(),
				PostedAt: ms, PostedPrecisionS: u32(60), EditedAt: ms, CollectedAt: ms, Language: text("zh"), Script: text("Hant"), Length: u32(9),
				Counters: doxtrailv1.Counters_builder{
					ViewCount: proto.Int64(1), ForwardCount: proto.Int64(2), ReplyCount: proto.Int64(3), QuoteCount: proto.Int64(4),
					ReactionCount: proto.Int64(5), BookmarkCount: proto.Int64(0), Audience: proto.Int64(7),
				}.Build(),
				Media: []*doxtrailv1.Media{
					doxtrailv1.Media_builder{MediaKey: numbered(5), Kind: doxtrailv1.MediaKind_MEDIA_KIND_PHOTO.Enum(), SizeBytes: proto.Int64(8), PictureHash: []byte{0xff, 0, 0, 0, 0, 0, 0, 1}}.Build(),
					doxtrailv1.Media_builder{Kind: doxtrailv1.MediaKind_MEDIA_KIND_VIDEO.Enum()}.Build(),
				},
				TextFingerprint: []byte("fingerprint 1234"),
				PersonalData: []*doxtrailv1.PersonalData{
					doxtrailv1.PersonalData_builder{Kind: doxtrailv1.PersonalDataKind_PERSONAL_DATA_KIND_DATE_OF_BIRTH.Enum(), Count: u32(2)}.Build(),
					doxtrailv1.PersonalData_builder{Kind: doxtrailv1.PersonalDataKind_PERSONAL_DATA_KIND_PHONE.Enum(), Count: u32(1)}.Build(),
				},
				Flags:      []doxtrailv1.PostFlag{doxtrailv1.PostFlag_POST_FLAG_VIA_BOT, doxtrailv1.PostFlag_POST_FLAG_TEXT_CAPPED},
				Generation: u64(6), ItemKeys: [][]byte{numbered(7), numbered(8)},
			}.Build(),
			doxtrailv1.Post_builder{PostKey: numbered(9), ChannelKey: numbered(3), Kind: doxtrailv1.PostKind_POST_KIND_REPLY.Enum(), PostedAt: ms}.Build(),
			`{"post_key":` + key(1) + `,"post_no_key":` + key(2) + `,"channel_key":` + key(3) + `,"account_key":` + key(4) + `,"platform":"telegram","kind":"forward","posted_at":` + shown +
				`,"posted_precision_s":60,"edited_at":` + shown + `,"collected_at":` + shown + `,"language":"zh","script":"Hant","length":9,"view_count":1,"forward_count":2,"reply_count":3,"quote_count":4,"reaction_count":5,"bookmark_count":0,"audience":7,"media_keys":[` +
				key(5) + `,null],"media_kinds":["photo","video"],"media_sizes":[8,null],"media_picture_hashes":[18374686479671623681,null],"text_fingerprint":"fingerprint 1234","personal_data_kinds":["date_of_birth","phone"],"personal_data_counts":[2,1],"flags":["via_bot","text_capped"],"item_keys":[` + key(7) + `,` + key(8) + `],"generation":6}
{"post_key":` + key(9) + `,"post_no_key":null,"channel_key":` + key(3) + `,"account_key":null,"platform":"telegram","kind":"reply","posted_at":` + shown +
				`,"posted_precision_s":0,"edited_at":null,"collected_at":null,"language":null,"script":null,"length":null,"view_count":null,"forward_count":null,"reply_count":null,"quote_count":null,"reaction_count":null,"bookmark_count":null,"audience":null,"media_keys":[],"media_kinds":[],"media_sizes":[],"media_picture_hashes":[],"text_fingerprint":null,"personal_data_kinds":[],"personal_data_counts":[],"flags":[],"item_keys":[],"generation":0}
`,
		},
		{
			"links", store.KindLinks,
			doxtrailv1.Link_builder{
				PostKey: numbered(1), ChannelKey: numbered(2), PostedAt: ms, PostedPrecisionS: u32(60), EditedAt: ms, HostKey: numbered(3), SiteKey: numbered(4),
				LabelKey: numbered(5), PathKey: numbered(6), DirKey: numbered(7), Depth: u32(3), ExtensionClass: doxtrailv1.ExtensionClass_EXTENSION_CLASS_PAGE.Enum(),
				Disguises:  []doxtrailv1.LinkDisguise{doxtrailv1.LinkDisguise_LINK_DISGUISE_HALF_BRACKET, doxtrailv1.LinkDisguise_LINK_DISGUISE_NFKC},
				ExpandedBy: doxtrailv1.LinkExpansion_LINK_EXPANSION_UNWOUND.Enum(), Role: doxtrailv1.LinkRole_LINK_ROLE_EMBEDDED.Enum(),
				Source: doxtrailv1.LinkSource_LINK_SOURCE_TEXT_LINK.Enum(), CanonVersion: u32(1), Generation: u64(2), PostKind: doxtrailv1.PostKind_POST_KIND_QUOTE.Enum(),
				State: doxtrailv1.LinkState_LINK_STATE_BLOCKED_BY_PLATFORM.Enum(),
			}.Build(),
			doxtrailv1.Link_builder{
				PostKey: numbered(9), ChannelKey: numbered(2), PostedAt: ms, HostKey: numbered(3), SiteKey: numbered(4), PathKey: numbered(6),
				Role: doxtrailv1.LinkRole_LINK_ROLE_LINK.Enum(),
			}.Build(),
			`{"post_key":` + key(1) + `,"channel_key":` + key(2) + `,"platform":"telegram","post_kind":"quote","posted_at":` + shown + `,"posted_precision_s":60,"edited_at":` + shown + `,"host_key":` + key(3) + `,"site_key":` + key(4) + `,"label_key":` + key(5) + `,"path_key":` + key(6) + `,"dir_key":` + key(7) + `,"depth":3,"extension_class":"page","disguises":["half_bracket","nfkc"],"expanded_by":"unwound","role":"embedded","source":"text_link","state":"blocked_by_platform","canon_version":1,"generation":2}
{"post_key":` + key(9) + `,"channel_key":` + key(2) + `,"platform":"telegram","post_kind":null,"posted_at":` + shown + `,"posted_precision_s":0,"edited_at":null,"host_key":` + key(3) + `,"site_key":` + key(4) + `,"label_key":null,"path_key":` + key(6) + `,"dir_key":null,"depth":0,"extension_class":null,"disguises":[],"expanded_by":null,"role":"link","source":null,"state":null,"canon_version":0,"generation":0}
`,
		},
		{
			"shares", store.KindShares,
			doxtrailv1.Share_builder{
				PostKey: numbered(1), ChannelKey: numbered(2), PostedAt: ms, Kind: doxtrailv1.ShareKind_SHARE_KIND_LINK.Enum(), SourceChannelKey: numbered(3),
				SourcePostKey: numbered(4), SourcePostNoKey: numbered(5), SourcePostedAt: ms, SourceIsPerson: proto.Bool(true), Generation: u64(1),
			}.Build(),
			nil,
			`{"post_key":` + key(1) + `,"channel_key":` + key(2) + `,"platform":"telegram","posted_at":` + shown + `,"kind":"link","source_channel_key":` + key(3) + `,"source_post_key":` + key(4) + `,"source_post_no_key":` + key(5) + `,"source_posted_at":` + shown + `,"source_is_person":true,"generation":1}
`,
		},
		{
			"channels", store.KindChannels,
			doxtrailv1.Channel_builder{
				ChannelKey: numbered(1), Platform: twitter.Enum(), Kind: doxtrailv1.ChannelKind_CHANNEL_KIND_ACCOUNT.Enum(), CreatedDay: proto.Int32(18262), Generation: u64(1),
			}.Build(),
			doxtrailv1.Channel_builder{ChannelKey: numbered(2)}.Build(),
			`{"channel_key":` + key(1) + `,"platform":"twitter","kind":"account","created_day":"2020-01-01","generation":1}
{"channel_key":` + key(2) + `,"platform":"telegram","kind":null,"created_day":null,"generation":0}
`,
		},
		{
			"channel aliases", store.KindChannelAliases,
			doxtrailv1.ChannelAlias_builder{AliasKey: numbered(1), ChannelKey: numbered(2), Generation: u64(1)}.Build(), nil,
			`{"alias_key":` + key(1) + `,"channel_key":` + key(2) + `,"platform":"telegram","generation":1}
`,
		},
		{
			"observations", store.KindObservations,
			doxtrailv1.Observation_builder{
				PostKey: numbered(1), ChannelKey: numbered(2), State: doxtrailv1.ObservationState_OBSERVATION_STATE_GONE.Enum(), ObservedAt: ms, ViewCount: proto.Int64(1),
				ForwardCount: proto.Int64(2), ReplyCount: proto.Int64(3), ReactionCount: proto.Int64(4), Audience: proto.Int64(5), Source: text("api"), Vantage: text("hk-1"), Generation: u64(1),
				Restrictions: []doxtrailv1.RestrictionKind{doxtrailv1.RestrictionKind_RESTRICTION_KIND_TERMS, doxtrailv1.RestrictionKind_RESTRICTION_KIND_LAW},
			}.Build(),
			doxtrailv1.Observation_builder{ChannelKey: numbered(9), State: doxtrailv1.ObservationState_OBSERVATION_STATE_UP.Enum(), ObservedAt: ms}.Build(),
			`{"channel_key":` + key(2) + `,"post_key":` + key(1) + `,"platform":"telegram","state":"gone","restrictions":["terms","law"],"observed_at":` + shown + `,"view_count":1,"forward_count":2,"reply_count":3,"reaction_count":4,"audience":5,"source":"api","vantage":"hk-1","generation":1}
{"channel_key":` + key(9) + `,"post_key":"00000000-0000-0000-0000-000000000000","platform":"telegram","state":"up","restrictions":[],"observed_at":` + shown + `,"view_count":null,"forward_count":null,"reply_count":null,"reaction_count":null,"audience":null,"source":"","vantage":"","generation":0}
`,
		},
		{
			"coverage", store.KindCoverage,
			doxtrailv1.Coverage_builder{
				CoverageKey: numbered(1), ChannelKey: numbered(2), QueryKey: numbered(3), ImportId: numbered(4), Leg: doxtrailv1.Leg_LEG_TAIL.Enum(),
				Selection: doxtrailv1.Selection_SELECTION_CAPTURE.Enum(), State: doxtrailv1.CoverageState_COVERAGE_STATE_GAP.Enum(), FromAt: ms, ToAt: ms, LookedAt: ms,
				PostCount: u64(1), LinkCount: u64(2), SightingCount: u64(3), FromNo: proto.Int64(0), ToNo: proto.Int64(5), FirstRecord: u64(0), RecordCount: u64(7), Generation: u64(6),
			}.Build(),
			doxtrailv1.Coverage_builder{CoverageKey: numbered(9), State: doxtrailv1.CoverageState_COVERAGE_STATE_COMPLETE.Enum()}.Build(),
			`{"coverage_key":` + key(1) + `,"channel_key":` + key(2) + `,"query_key":` + key(3) + `,"import_id":` + key(4) + `,"platform":"telegram","leg":"tail","selection":"capture","state":"gap","from_at":` + shown + `,"to_at":` + shown + `,"from_no":0,"to_no":5,"looked_at":` + shown + `,"first_record":0,"record_count":7,"post_count":1,"link_count":2,"sighting_count":3,"generation":6}
{"coverage_key":` + key(9) + `,"channel_key":null,"query_key":null,"import_id":null,"platform":"telegram","leg":null,"selection":null,"state":"complete","from_at":null,"to_at":null,"from_no":null,"to_no":null,"looked_at":null,"first_record":null,"record_count":null,"post_count":0,"link_count":0,"sighting_count":0,"generation":0}
`,
		},
		{
			"probes", store.KindProbes,
			doxtrailv1.Probe_builder{
				HostKey: numbered(1), ProbedAt: ms, State: doxtrailv1.ProbeState_PROBE_STATE_PARKED.Enum(), StatusCode: u32(404), LayoutFingerprint: []byte("lay"),
				CertificateHash: []byte("cert"), Vantage: text("hk-1"), Generation: u64(1),
			}.Build(),
			doxtrailv1.Probe_builder{HostKey: numbered(9), ProbedAt: ms, State: doxtrailv1.ProbeState_PROBE_STATE_DOWN.Enum()}.Build(),
			`{"host_key":` + key(1) + `,"probed_at":` + shown + `,"vantage":"hk-1","state":"parked","status_code":404,"layout_fingerprint":"lay","certificate_hash":"cert","generation":1}
{"host_key":` + key(9) + `,"probed_at":` + shown + `,"vantage":"","state":"down","status_code":null,"layout_fingerprint":"","certificate_hash":"","generation":0}
`,
		},
		{
			"takedowns", store.KindTakedowns,
			doxtrailv1.Takedown_builder{
				TakedownId: numbered(1), PostKey: numbered(2), Family: text("red"), PathKey: numbered(3), Recipient: text("host A"),
				State: doxtrailv1.TakedownState_TAKEDOWN_STATE_SENT.Enum(), HappenedAt: ms, Generation: u64(1),
			}.Build(), nil,
			`{"takedown_id":` + key(1) + `,"happened_at":` + shown + `,"state":"sent","platform":"telegram","post_key":` + key(2) + `,"family":"red","path_key":` + key(3) + `,"recipient":"host A","generation":1}
`,
		},
		{
			"imports", store.KindImports,
			doxtrailv1.Import_builder{
				ImportId: numbered(1), FileHash: []byte("0123456789abcdef0123456789abcdef"), FileOrdinal: u32(2), Label: text("team 甲"), Format: doxtrailv1.ArchiveFormat_ARCHIVE_FORMAT_TWARC2.Enum(),
				Platform: twitter.Enum(), RecordCount: u64(9), PostCount: u64(5), NonPostCount: u64(1), RejectedCount: u64(1), DuplicateCount: u64(2), ConflictCount: u64(1), ByteCount: u64(99), Complete: proto.Bool(true),
			}.Build(),
			doxtrailv1.Import_builder{ImportId: numbered(9)}.Build(),
			`{"import_id":` + key(1) + `,"file_hash":"0123456789abcdef0123456789abcdef","file_ordinal":2,"label":"team 甲","format":"twarc2","platform":"twitter","record_count":9,"post_count":5,"non_post_count":1,"rejected_count":1,"duplicate_count":2,"conflict_count":1,"byte_count":99,"complete":true}
{"import_id":` + key(9) + `,"file_hash":null,"file_ordinal":0,"label":null,"format":null,"platform":"telegram","record_count":0,"post_count":0,"non_post_count":0,"rejected_count":0,"duplicate_count":0,"conflict_count":0,"byte_count":0,"complete":false}
`,
		},
		{
			"decisions", store.KindDecisions,
			doxtrailv1.Decision_builder{
				Kind: doxtrailv1.DecisionKind_DECISION_KIND_CARD_SPLIT.Enum(), TargetKey: numbered(1), Label: text("alpha"), Family: text("red"), InForce: proto.Bool(true), Generation: u64(1),
			}.Build(), nil,
			`{"target_key":` + key(1) + `,"kind":"card_split","family":"red","label":"alpha","in_force":true,"generation":1}
`,
		},
		{
			"sites", store.KindSites,
			doxtrailv1.Site_builder{
				MatchKey: numbered(1), Match: doxtrailv1.SiteMatch_SITE_MATCH_HOST.Enum(), Host: text("one.example"), Family: text("red"), Sensitive: proto.Bool(true),
				PageKeys: [][]byte{numbered(2), numbered(3)}, LabelKey: numbered(4), Listed: proto.Bool(true), Generation: u64(1),
			}.Build(), nil,
			`{"match":"host","match_key":` + key(1) + `,"host":"one.example","family":"red","sensitive":true,"page_keys":[` + key(2) + `,` + key(3) + `],"label_key":` + key(4) + `,"listed":true,"generation":1}
`,
		},
		{
			"locators", store.KindLocators,
			doxtrailv1.Locator_builder{
				TargetKey: numbered(1), Kind: doxtrailv1.LocatorKind_LOCATOR_KIND_URL.Enum(), PartKey: numbered(3),
				LocatorKeyId: numbered(2), Sealed: []byte("sealed"), ExpiresAt: proto.Int64(later), Generation: u64(1),
			}.Build(),
			doxtrailv1.Locator_builder{
				TargetKey: numbered(9), Kind: doxtrailv1.LocatorKind_LOCATOR_KIND_POST.Enum(), LocatorKeyId: numbered(2), Sealed: []byte("sealed"), ExpiresAt: proto.Int64(later),
			}.Build(),
			`{"target_key":` + key(1) + `,"kind":"url","part_key":` + key(3) + `,"locator_key_id":` + key(2) + `,"sealed":"sealed","expires_at":` + shownLater + `,"generation":1}
{"target_key":` + key(9) + `,"kind":"post","part_key":"00000000-0000-0000-0000-000000000000","locator_key_id":` + key(2) + `,"sealed":"sealed","expires_at":` + shownLater + `,"generation":0}
`,
		},
		{
			"locator keys", store.KindLocatorKeys,
			doxtrailv1.LocatorKey_builder{LocatorKeyId: numbered(1), Wrapped: []byte("wrapped"), CustodianKeyId: []byte("custodian"), ExpiresAt: proto.Int64(later)}.Build(), nil,
			`{"locator_key_id":` + key(1) + `,"wrapped":"wrapped","custodian_key_id":"custodian","expires_at":` + shownLater + `}
`,
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			rows := store.NewRows()
			for _, m := range []proto.Message{tc.full, tc.bare} {
				if m == nil {
					continue
				}
				if err := rows.Append(tc.kind, telegram, encoded(t, m)); err != nil {
					t.Fatal(err)
				}
			}
			if err := s.Insert(t.Context(), rows); err != nil {
				t.Fatal(err)
			}
			var b bytes.Buffer
			sql := fmt.Sprintf("SELECT * EXCEPT (version) FROM %s.%s FINAL ORDER BY 1, 2", s.Tables(), tc.kind)
			if err := s.Stream(t.Context(), &b, sql, nil, "jsonl"); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, b.String()); diff != "" {
				t.Errorf("row differs (-want +got):\n%s", diff)
			}
		})
	}
}

// Which kinds exist is written down three times: records, tables, order.
func TestEveryKindHasATableAndAView(t *testing.T) {
	s := storetest.New(t)
	hidden := map[store.Kind]bool{store.KindLocators: true, store.KindLocatorKeys: true}
	for _, kind := range store.Kinds() {
		var none []struct{}
		err := s.Select(t.Context(), &none, "SELECT * FROM "+s.Research()+"."+string(kind)+" LIMIT 0", nil)
		if hidden[kind] != (err != nil) {
			t.Errorf("view %s: hidden %t, got %v", kind, hidden[kind], err)
		}
	}
}

// What copies are found by stays with the services.
func TestNoViewShowsFingerprints(t *testing.T) {
	s := storetest.New(t)
	var shown []struct {
		Name string `ch:"column"`
	}
	const sql = `SELECT concat(table, '.', name) AS column FROM system.columns
WHERE database = {research:String} AND match(name, 'fingerprint|hash') AND name NOT IN ('certificate_hash', 'file_hash')`
	if err := s.SelectTables(t.Context(), &shown, sql, map[string]string{"research": s.Research()}); err != nil {
		t.Fatal(err)
	}
	if len(shown) > 0 {
		t.Errorf("views show %v", shown)
	}
}
