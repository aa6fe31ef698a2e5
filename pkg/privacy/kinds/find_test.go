package kinds

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// found gives the spans of a text as "kind confidence value".
func found(t *testing.T, text string) []string {
	t.Helper()
	spans, err := New().Find(nil, text)
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	return shown(text, spans)
}

func shown(text string, spans []Span) []string {
	var list []string
	for _, s := range spans {
		list = append(list, fmt.Sprintf("%s %s %s", word(s.Kind), s.Confidence, text[s.Start:s.End]))
	}
	return list
}

type vector struct {
	text string
	want []string
}

func checkVectors(t *testing.T, vectors []vector) {
	t.Helper()
	for _, v := range vectors {
		if diff := cmp.Diff(v.want, found(t, v.text)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", v.text, diff)
		}
	}
}

func TestHKID(t *testing.T) {
	t.Parallel()
	checkVectors(t, []vector{
		{"A123456(3)", []string{"hkid sure A123456(3)"}},
		{"AB987654(3)", []string{"hkid sure AB987654(3)"}},
		{"身份證號碼A123456(3)", []string{"hkid sure A123456(3)"}},
		{"身份證號碼A123456(3)持有人", []string{"hkid sure A123456(3)"}},
		{"Ａ１２３４５６（３）", []string{"hkid sure Ａ１２３４５６（３）"}},
		{"陳大文，AB 987654 (3)；email: x", []string{"hkid sure AB 987654 (3)"}},
		{"*A123456(3)*", []string{"hkid sure A123456(3)"}},
		{"a123456(3)", []string{"hkid sure a123456(3)"}},
		{"A1234563", []string{"hkid likely A1234563"}},
		{"HKID: A1234563", []string{"hkid sure A1234563"}},
		{"A123456-3", []string{"hkid likely A123456-3"}},
		{"A123456 3 他", []string{"hkid likely A123456 3"}},
		{"A 123 456 (3)", []string{"hkid sure A 123 456 (3)"}},
		{"A 1 2 3 4 5 6 (3)", []string{"hkid sure A 1 2 3 4 5 6 (3)"}},
		{"A-123456(3)", []string{"hkid sure A-123456(3)"}},
		{"A123456", []string{"hkid shape A123456"}},
		{"身分證 A123456", []string{"hkid likely A123456"}},
		{"A123456(4)", []string{"hkid likely A123456(4)"}},
		{"A123XXX(X)", []string{"hkid likely A123XXX(X)"}},
		{"A123***(*)", []string{"hkid likely A123***(*)"}},
		{"A123XXX", []string{"hkid shape A123XXX"}},
		{"[A123456(3)]", []string{"hkid sure A123456(3)"}},
		{"身份證：A123456（3）,B123456(1)", []string{"hkid sure A123456（3）", "hkid likely B123456(1)"}},
		{"A1\u200b23\u2060456\ufeff(3)", []string{"hkid sure A1\u200b23\u2060456\ufeff(3)"}},
		{"𝐀𝟏𝟐𝟑𝟒𝟓𝟔(𝟑)", []string{"hkid sure 𝐀𝟏𝟐𝟑𝟒𝟓𝟔(𝟑)"}},
	})
}

func TestPhone(t *testing.T) {
	t.Parallel()
	checkVectors(t, []vector{
		{"91234567", []string{"phone shape 91234567"}},
		{"電話91234567", []string{"phone sure 91234567"}},
		{"電話：9123 4567", []string{"phone sure 9123 4567"}},
		{"9123-4567", []string{"phone likely 9123-4567"}},
		{"打９１２３４５６７搵佢", []string{"phone shape ９１２３４５６７"}},
		{"+852 9123 4567", []string{"phone sure +852 9123 4567"}},
		{"+85291234567", []string{"phone sure +85291234567"}},
		{"00852 91234567", []string{"phone sure 00852 91234567"}},
		{"0085291234567", []string{"phone sure 0085291234567"}},
		{"(852) 2345 6789", []string{"phone likely (852) 2345 6789"}},
		{"(+852)23456789", []string{"phone sure (+852)23456789"}},
		{"852-91234567", []string{"phone likely 852-91234567"}},
		{"+852-9123-4567", []string{"phone sure +852-9123-4567"}},
		{"Tel: 2345 6789 / 9123 4567", []string{"phone sure 2345 6789", "phone sure 9123 4567"}},
		{"電話 91234567、61234567", []string{"phone sure 91234567", "phone sure 61234567"}},
		{"13812345678", []string{"phone likely 13812345678"}},
		{"+86 138 1234 5678", []string{"phone sure +86 138 1234 5678"}},
		{"手機138-1234-5678", []string{"phone sure 138-1234-5678"}},
		{"0912-345-678", []string{"phone likely 0912-345-678"}},
		{"0912345678", []string{"phone likely 0912345678"}},
		{"+886 912 345 678", []string{"phone sure +886 912 345 678"}},
		{"+853 6612 3456", []string{"phone sure +853 6612 3456"}},
		{"+44 7911 123456", []string{"phone sure +44 7911 123456"}},
		{"07911 123456", []string{"phone likely 07911 123456"}},
		{"+44 (0)20 7946 0958", []string{"phone sure +44 (0)20 7946 0958"}},
		{"+1 (415) 555-0123", []string{"phone sure +1 (415) 555-0123"}},
		{"+33 1 23 45 67 89", []string{"phone likely +33 1 23 45 67 89"}},
		{"電話：9 1 2 3 4 5 6 7", []string{"phone sure 9 1 2 3 4 5 6 7"}},
		{"9️⃣1️⃣2️⃣3️⃣4️⃣5️⃣6️⃣7️⃣", []string{"phone shape 9️⃣1️⃣2️⃣3️⃣4️⃣5️⃣6️⃣7"}},
		{"9\u200b1\u200d2\u00ad3\u206045\ufeff67", []string{"phone shape 9\u200b1\u200d2\u00ad3\u206045\ufeff67"}},
		{"電話٩١٢٣٤٥٦٧", []string{"phone sure ٩١٢٣٤٥٦٧"}},
		{"whatsapp 5123 4567, thanks", []string{"phone sure 5123 4567"}},
		{"Tel91234567", []string{"phone sure 91234567"}},
		{"📞 9123 4567", []string{"phone sure 9123 4567"}},
		{"91234567,61234567,51234567,98765432", []string{"phone shape 91234567", "phone shape 61234567", "phone shape 51234567", "phone shape 98765432"}},
		{"9 1 2 3 4 5 6 8", []string{"phone shape 9 1 2 3 4 5 6 8"}},
		{"tai@mail.example/91234567/6123 4567", []string{"email sure tai@mail.example", "phone shape 91234567", "phone likely 6123 4567"}},
		{"4111111111111111 9123 4567", []string{"bank_card sure 4111111111111111", "phone likely 9123 4567"}},
		{"（9123 4567）", []string{"phone likely 9123 4567"}},
		{"6775 6690 S123XXX(X)", []string{"phone likely 6775 6690", "hkid likely S123XXX(X)"}},
		{"4111 1111 1111 1111\t9123 4567\t4111 1111 1111 1111\t9123 4567\t4111 1111 1111 1111", []string{
			"bank_card sure 4111 1111 1111 1111", "phone likely 9123 4567", "bank_card sure 4111 1111 1111 1111", "phone likely 9123 4567", "bank_card sure 4111 1111 1111 1111",
		}},
		{"11010519491231002X  440524198001010013  11010519491231002X  9123 4567  4111 1111 1111 1111", []string{
			"mainland_id sure 11010519491231002X", "mainland_id sure 440524198001010013", "mainland_id sure 11010519491231002X", "phone likely 9123 4567", "bank_card sure 4111 1111 1111 1111",
		}},
		{"(02) 2345-6789", []string{"phone likely (02) 2345-6789"}},
		{"+81 90-1234-5678", []string{"phone sure +81 90-1234-5678"}},
		{"090-1234-5678", []string{"phone likely 090-1234-5678"}},
		{"電話 9123 4567 6123 4567", []string{"phone sure 9123 4567", "phone sure 6123 4567"}},
		{"電話91234567號", []string{"phone sure 91234567"}},
		{"A123456(3)91234567", []string{"hkid sure A123456(3)", "phone shape 91234567"}},
		{"請致電陳先生9123 4567", []string{"phone likely 9123 4567"}},
	})
}

func TestMail(t *testing.T) {
	t.Parallel()
	checkVectors(t, []vector{
		{"tai.man_1+x@mail.example", []string{"email sure tai.man_1+x@mail.example"}},
		{"電郵tai@mail.example請查", []string{"email sure tai@mail.example"}},
		{"tai＠mail．example。", []string{"email sure tai＠mail．example"}},
		{"電郵tai@mail.example。電話", []string{"email sure tai@mail.example"}},
		{"tai[at]mail.example", []string{"email likely tai[at]mail.example"}},
		{"tai (at) mail (dot) example", []string{"email likely tai (at) mail (dot) example"}},
		{"tai（AT）mail.example", []string{"email likely tai（AT）mail.example"}},
		{"tai [@] mail.example", []string{"email likely tai [@] mail.example"}},
		{"tai@mail[.]example", []string{"email sure tai@mail[.]example"}},
		{"tai@例子.example", []string{"email sure tai@例子.example"}},
		{"大文@mail.example", []string{"email sure 大文@mail.example"}},
		{"91234567@mail.example", []string{"email sure 91234567@mail.example"}},
		{"<tai@mail.example.test>, b@c.hk.", []string{"email sure tai@mail.example.test", "email sure b@c.hk"}},
		{"ta\u200bi@ma\u00adil.exam\u2060ple", []string{"email sure ta\u200bi@ma\u00adil.exam\u2060ple"}},
		{"Email: tai dot man at mail dot example", []string{"email likely tai dot man at mail dot example"}},
		{"電郵：tai AT mail DOT example 謝謝", []string{"email likely tai AT mail DOT example"}},
		{"TAI@MAIL.EXAMPLE", []string{"email sure TAI@MAIL.EXAMPLE"}},
	})
}

func TestCardAndAccount(t *testing.T) {
	t.Parallel()
	checkVectors(t, []vector{
		{"4111111111111111", []string{"bank_card sure 4111111111111111"}},
		{"4111 1111 1111 1111", []string{"bank_card sure 4111 1111 1111 1111"}},
		{"信用卡4111-1111-1111-1111號", []string{"bank_card sure 4111-1111-1111-1111"}},
		{"3782 822463 10005", []string{"bank_card sure 3782 822463 10005"}},
		{"6200000000000005", []string{"bank_card sure 6200000000000005"}},
		{"４１１１１１１１１１１１１１１１", []string{"bank_card sure ４１１１１１１１１１１１１１１１"}},
		{"GB82 WEST 1234 5698 7654 32", []string{"bank_card sure GB82 WEST 1234 5698 7654 32"}},
		{"IBAN: GB82WEST12345698765432.", []string{"bank_card sure GB82WEST12345698765432"}},
		{"DE89 3704 0044 0532 0130 00", []string{"bank_card sure DE89 3704 0044 0532 0130 00"}},
		{"4111 1111 1111 1111 exp 12/25", []string{"bank_card sure 4111 1111 1111 1111"}},
	})
}

func TestMainlandID(t *testing.T) {
	t.Parallel()
	checkVectors(t, []vector{
		{"11010519491231002X", []string{"mainland_id sure 11010519491231002X"}},
		{"身份证号11010519491231002x", []string{"mainland_id sure 11010519491231002x"}},
		{"110105 19491231 002X", []string{"mainland_id sure 110105 19491231 002X"}},
		{"１１０１０５１９４９１２３１００２Ｘ", []string{"mainland_id sure １１０１０５１９４９１２３１００２Ｘ"}},
		{"440524188001010014", nil},
		{"440524198001010013", []string{"mainland_id sure 440524198001010013"}},
		{"440524198001010014", []string{"mainland_id shape 440524198001010014"}},
		{"110105********002X", []string{"mainland_id likely 110105********002X"}},
		{"身份證 110105491231002", []string{"mainland_id likely 110105491231002"}},
	})
}

func TestAfterCues(t *testing.T) {
	t.Parallel()
	checkVectors(t, []vector{
		{"出生日期：1990年1月2日", []string{"date_of_birth sure 1990年1月2日"}},
		{"生日 2/1/1990", []string{"date_of_birth sure 2/1/1990"}},
		{"DOB: 1990-01-02", []string{"date_of_birth sure 1990-01-02"}},
		{"DOB 19900102", []string{"date_of_birth likely 19900102"}},
		{"born on 2 January 1990", []string{"date_of_birth sure 2 January 1990"}},
		{"born January 2, 1990 in", []string{"date_of_birth sure January 2, 1990"}},
		{"1990年1月2日出生", []string{"date_of_birth sure 1990年1月2日"}},
		{"生於１９９０年１月２日", []string{"date_of_birth sure １９９０年１月２日"}},
		{"生日：1月2日", []string{"date_of_birth likely 1月2日"}},
		{"車牌AB1234", []string{"plate sure AB1234"}},
		{"車牌：AB 1234", []string{"plate sure AB 1234"}},
		{"plate no. AB123", []string{"plate sure AB123"}},
		{"車牌 粤Z1234港", []string{"plate likely 粤Z1234港"}},
		{"護照號碼 K12345678", []string{"passport likely K12345678"}},
		{"Passport No: 123456789", []string{"passport likely 123456789"}},
		{"護照編號K12345678", []string{"passport likely K12345678"}},
		{"護照EA1234567", []string{"passport likely EA1234567"}},
		{"姓名：陳大文", []string{"name likely 陳大文"}},
		{"中文名陳大文，英文名：Chan Tai Man", []string{"name shape 陳大文", "name likely Chan Tai Man"}},
		{"Name: CHAN, Tai Man Tel: 91234567", []string{"name likely CHAN, Tai Man", "phone sure 91234567"}},
		{"姓名：陳大文電話：91234567", []string{"name likely 陳大文", "phone sure 91234567"}},
	})
}

func TestAddress(t *testing.T) {
	t.Parallel()
	checkVectors(t, []vector{
		{"地址：旺角彌敦道123號5樓A室", []string{"address sure 旺角彌敦道123號5樓A室"}},
		{"佢住喺觀塘翠屏邨翠柏樓12樓1203室。", []string{"address sure 觀塘翠屏邨翠柏樓12樓1203室"}},
		{"屯門兆康苑第三座十二樓5室", []string{"address sure 屯門兆康苑第三座十二樓5室"}},
		{"彌敦道123號", []string{"address likely 彌敦道123號"}},
		{"虛構區烏有街123號子虛樓1234室", []string{"address sure 虛構區烏有街123號子虛樓1234室"}},
		{"Flat 5A, 12/F, Block 3, Nonesuch House, Kowloon", []string{"address sure Flat 5A, 12/F, Block 3, Nonesuch House"}},
		{"Flat A, 12/F, 123 Nonesuch Road, Kowloon", []string{"address sure Flat A, 12/F, 123 Nonesuch Road"}},
		{"Room 1203, 12th Floor, Nonesuch Building", []string{"address sure Room 1203, 12th Floor, Nonesuch Building"}},
		{"123 Nonesuch Street, Mong Kok", []string{"address likely 123 Nonesuch Street"}},
		{"地址：九龍旺角彌敦道99號虛構大廈5樓A室", []string{"address sure 九龍旺角彌敦道99號虛構大廈5樓A室"}},
		{"新界屯門兆康苑A座12樓1203室", []string{"address sure 新界屯門兆康苑A座12樓1203室"}},
		{"深圳市南山区虚构路1号2栋301室", []string{"address sure 深圳市南山区虚构路1号2栋301室"}},
		{"Unit B, 15/F, Tower 2, Nonesuch Bay", []string{"address sure Unit B, 15/F, Tower 2, Nonesuch Bay"}},
		{"柴灣小西灣邨瑞福樓", []string{"address likely 柴灣小西灣邨瑞福樓"}},
		{"Shop 5, G/F, Nonesuch Plaza", []string{"address sure Shop 5, G/F, Nonesuch Plaza"}},
		{"Flat 1234Z, 123 Nonesuch Terrace", []string{"address sure Flat 1234Z, 123 Nonesuch Terrace"}},
	})
}
