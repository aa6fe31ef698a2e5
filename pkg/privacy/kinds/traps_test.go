package kinds

import (
	"strings"
	"testing"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// word is a kind as commands print it.
func word(kind doxtrailv1.PersonalDataKind) string {
	return strings.ToLower(strings.TrimPrefix(kind.String(), "PERSONAL_DATA_KIND_"))
}

// Texts without personal data give nothing.
func TestTraps(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", " ", "()", "@", "::", "1", "12345678901234567890123456789012345678901234567890",
		"2019年8月31日晚上10時45分", "2019-08-31", "31-08-2019", "20190831", "31/8/2019 12:30", "2019-2020", "2018 2019", "8.31", "2019.08.31",
		"5.12.2019 至 6.12.2019", "August 31, 2019", "31 August 2019", "12:30:45", "2019-08-31T12:30:45Z", "1566400000", "1566400000000",
		"$91234567", "HK$23456789", "91234567元", "售價 23456789", "US$2345 6789", "2,345,678", "23456789.50", "港幣2345萬",
		"訂單編號 91234567", "編號：23456789", "#23456789", "No. #91234567", "ref: 91234567", "Order 91234567", "帳號：91234567", "uid 91234567", "QQ:23456789", "戶口 91234567",
		"23456789 views", "23456789次", "約23456789人", "12345678", "88888888", "20000000", "30000000",
		"v23.4.5678", "1.2.3.4", "192.168.100.200", "22.3193, 114.1694", "23456789abc", "abc91234567", "IMG_91234567.jpg", "91234567.jpg", "x91234567x",
		"https://mirror.example/91234567", "https://mirror.example/a/4111111111111111?x=91234567", "t.me/channel/91234567", "www.mirror.example/91234567", "https://u@mirror.example/x",
		"1234567890123456789", "912345678", "9123456", "+123", "3+85212345678", "2019+91234567",
		"0x52908400098527886E0F7030069857D2E4169EE7", "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
		"d41d8cd98f00b204e9800998ecf8427e", "550e8400-e29b-41d4-a716-446655440000", "a94a8fe5ccb19ba61c4c0873d391e987982fbbd3",
		"IMGA123456(3)", "9A123456(3)", "ABC123456", "A12345", "A12345678", "_A123456", "A380 CX888 B777", "訂單 A123456", "at 123456", "see 123456", "In 123456 days",
		"4111111111111112", "4111 1111 1111 1112", "1234 5678 9012 3456", "GB82 WEST 1234 5698 7654 33", "9123 4567 8901 2345",
		"@username", "user@host", "icon@2x.png", "coffee@12.50", "a @ b", "look at me (at home)", "[at]", "x@", "@x.example", "meet (at) noon",
		"出生率 2019年", "生日快樂 2019", "2019年8月31日生效", "生日會 2019-08-31", "reborn 2019-08-31",
		"車牌", "車牌很貴", "AB1234", "護照", "護照很貴 123", "CX 8888",
		"檔案名：foo", "用戶名稱：foo", "姓名：不詳", "username: Foo Bar", "file name: Foo Bar", "Name: unknown", "名單公佈", "這是名人",
		"我知道2號開會", "8號風球", "3號幹線", "知道理歉", "地區街道", "12樓說得對，5樓講得啱", "8月31號", "社區內道路", "區議會大樓", "A座", "5樓", "他在辦公室", "信號123號",
		"5 minutes walk from Nathan Road", "The 12 monkeys", "in 2019 the Court said", "Room for 2", "Chapter 12, Section 5",
		"11010519491231002", "123456789012345678",
		"(๑•̀ㅂ•́)و✧ 好開心",
	} {
		if got := found(t, text); len(got) > 0 {
			t.Errorf("%q: %q", text, got)
		}
	}
}

// Eight digits alone say nothing among other numbers; with a cue they do.
func TestBareNumbersAmongOthers(t *testing.T) {
	t.Parallel()
	checkVectors(t, []vector{
		{"結果 12345 23456789 34567 45678", nil},
		{"結果 12345 電話 23456789 34567 45678", []string{"phone sure 23456789"}},
		{"結果 12345 +852 23456789 34567 45678", []string{"phone sure +852 23456789"}},
	})
}

func TestMoreSpecificKindWins(t *testing.T) {
	t.Parallel()
	checkVectors(t, []vector{
		{"電話 440524198001010013", []string{"mainland_id sure 440524198001010013"}},
		{"手機 4111111111111111", []string{"bank_card sure 4111111111111111"}},
		{"電話91234567@mail.example", []string{"email sure 91234567@mail.example"}},
		{"護照 A123456(3)", []string{"hkid sure A123456(3)"}},
	})
}
