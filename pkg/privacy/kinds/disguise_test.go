package kinds

import "testing"

func TestMainlandPlates(t *testing.T) {
	t.Parallel()
	checkVectors(t, []vector{
		{"車牌：粤B·12345", []string{"plate sure 粤B·12345"}},
		{"车牌：粤B•12345", []string{"plate sure 粤B•12345"}},
		{"粤B·D12345", []string{"plate sure 粤B·D12345"}},
		{"京A12345停在門口", []string{"plate sure 京A12345"}},
		{"京AD12345", []string{"plate sure 京AD12345"}},
		{"新A123456(3)", []string{"hkid sure A123456(3)"}},
		{"B·12345", nil},
		{"粤B·123", nil},
		{"雲端A123", nil},
	})
}

func TestBirthdaysInChineseNumerals(t *testing.T) {
	t.Parallel()
	checkVectors(t, []vector{
		{"出生日期：一九九〇年三月五日", []string{"date_of_birth sure 一九九〇年三月五日"}},
		{"一九九○年十二月廿五日出生", []string{"date_of_birth sure 一九九○年十二月廿五日"}},
		{"生日：三月五日", []string{"date_of_birth likely 三月五日"}},
		{"生於民國七十九年三月", []string{"date_of_birth likely 七十九年三月"}},
		{"二零一九年八月三十一日晚上", nil},
		{"生日：三月", nil},
	})
}

func TestMailWithBlanks(t *testing.T) {
	t.Parallel()
	checkVectors(t, []vector{
		{"tai.man @ mail.example", []string{"email likely tai.man @ mail.example"}},
		{"see us @ mirror.example", nil},
		{"tai @ mirror.example/list", nil},
		{"hello @user.example", nil},
	})
}

func TestPhonesInPairsAndWithADot(t *testing.T) {
	t.Parallel()
	checkVectors(t, []vector{
		{"9123.4567", []string{"phone shape 9123.4567"}},
		{"91 23 45 67", []string{"phone shape 91 23 45 67"}},
		{"電話 91-23-45-67", []string{"phone sure 91-23-45-67"}},
		{"$9123.4567", nil},
		{"9123.4567 BTC", nil},
		{"2018.2019", nil},
		{"3 12 23 34 45 49", nil},
		{"52 61 73 84", nil},
		{"91 23 45 67 89", nil},
		{"12 44 31 27", nil},
	})
}

func TestNamesWithoutAColon(t *testing.T) {
	t.Parallel()
	checkVectors(t, []vector{
		{"佢叫陳大文，住旺角", []string{"name shape 陳大文"}},
		{"佢個名係陳大文", []string{"name likely 陳大文"}},
		{"名：陳大文", []string{"name likely 陳大文"}},
		{"his real name is Chan Tai Man", []string{"name likely Chan Tai Man"}},
		{"REAL NAME - CHAN TAI MAN", []string{"name likely CHAN TAI MAN"}},
		{"see below\nName Chan Tai Man", []string{"name likely Chan Tai Man"}},
		{"目標：陳大文", []string{"name likely 陳大文"}},
		{"10名 警員", nil},
		{"叫白車", nil},
		{"the same Chan Tai Man", nil},
		{"the file name is Chan Tai Man", nil},
	})
}

func TestLanes(t *testing.T) {
	t.Parallel()
	checkVectors(t, []vector{
		{"旺角海防里12號", []string{"address likely 旺角海防里12號"}},
		{"山頂徑 8 號", []string{"address likely 山頂徑 8 號"}},
		{"住在这里，5号开会", nil},
		{"跑了八公里12号回来", nil},
		{"朗豪坊8號舖", nil},
	})
}
