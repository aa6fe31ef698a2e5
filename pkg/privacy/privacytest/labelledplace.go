package privacytest

import (
	"fmt"
	"strings"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// addressForms are the ways to write where somebody lives: districts exist,
// streets and estates do not.
func addressForms() []form {
	as := func(write func(d draw) string) func(draw) (string, string) {
		return func(d draw) (string, string) {
			text := write(d)
			return text, text
		}
	}
	zh := func(name string, write func(d draw) string) form {
		return form{name: name, script: chinese, write: as(write)}
	}
	en := func(name string, write func(d draw) string) form {
		return form{name: name, script: latin, write: as(write)}
	}
	whole := func(d draw) string { return region(d) + street(d) + estate(d) + flat(d) }
	forms := []form{
		zh("whole", whole),
		zh("estate and flat", func(d draw) string { return district(d) + estate(d) + flat(d) }),
		zh("street and number", func(d draw) string { return district(d) + street(d) }),
		zh("street, number and flat", func(d draw) string { return region(d) + street(d) + flat(d) }),
		zh("spaces between", func(d draw) string { return district(d) + " " + street(d) + " " + estate(d) + " " + flat(d) }),
		zh("full-width", func(d draw) string { return fullWidth(whole(d)) }),
		zh("Chinese numerals", func(d draw) string {
			return district(d) + estate(d) + underHundred(1+d.IntN(45)) + "樓" + d.letter("ABCDEFGH") + "室"
		}),
		zh("mainland", mainlandAddress),
		{name: "zero-width inside", script: chinese, write: func(d draw) (string, string) {
			text := whole(d)
			return zeroWidth(d, text), text
		}},
		en("English, whole", func(d draw) string {
			return englishFlat(d) + ", " + englishEstate(d) + ", " + englishStreet(d) + ", " + englishDistrict(d)
		}),
		en("English, estate and flat", func(d draw) string { return englishFlat(d) + ", " + englishEstate(d) + ", " + englishDistrict(d) }),
		en("English, street and number", func(d draw) string { return englishStreet(d) + ", " + englishDistrict(d) }),
		en("English, region", func(d draw) string {
			return englishFlat(d) + ", " + englishStreet(d) + ", " + englishDistrict(d) + ", " + pick(d, []string{"N.T.", "Hong Kong", "Kowloon"})
		}),
		en("English, capitals", func(d draw) string {
			return strings.ToUpper(englishFlat(d) + " " + englishEstate(d) + " " + englishStreet(d))
		}),
	}
	return named(forms, "address", doxtrailv1.PersonalDataKind_PERSONAL_DATA_KIND_ADDRESS, "address")
}

func district(d draw) string {
	return pick(d, []string{"沙田", "大埔", "元朗", "屯門", "荃灣", "葵涌", "將軍澳", "旺角", "深水埗", "觀塘", "黃大仙", "北角", "柴灣", "鰂魚涌", "西環", "香港仔", "天水圍", "粉嶺"})
}

func region(d draw) string {
	return pick(d, []string{"新界", "九龍", "香港", ""}) + district(d)
}

// placeName is of two characters that no street has.
func placeName(d draw) string {
	return pick(d, []string{"子虛", "烏有", "虛雲", "幻海", "空影", "無名", "浮夢", "亡是", "霧隱", "鏡花", "蜃景", "夢蝶"})
}

func street(d draw) string {
	return placeName(d) + d.han("路街道里徑") + fmt.Sprintf("%d號", 1+d.IntN(300))
}

func estate(d draw) string {
	name := placeName(d) + d.han("邨苑村") + placeName(d) + "樓"
	switch d.IntN(3) {
	case 0:
		name = placeName(d) + pick(d, []string{"花園", "豪園", "新城"}) + fmt.Sprintf("%d座", 1+d.IntN(12))
	case 1:
		name = placeName(d) + pick(d, []string{"大廈", "樓", "閣"})
	}
	return name
}

func flat(d draw) string {
	floor := 1 + d.IntN(45)
	switch d.IntN(3) {
	case 0:
		return fmt.Sprintf("%d室", floor*100+1+d.IntN(30))
	case 1:
		return fmt.Sprintf("%d/F %s室", floor, d.letter("ABCDEFGH"))
	}
	return fmt.Sprintf("%d樓%s室", floor, d.letter("ABCDEFGH"))
}

func mainlandAddress(d draw) string {
	city := pick(d, []string{"广东省深圳市南山区", "广东省广州市天河区", "上海市浦东新区", "北京市朝阳区", "浙江省杭州市西湖区"})
	return city + pick(d, []string{"虚云", "乌有", "子虚", "镜花", "梦蝶"}) + d.han("路街道") + fmt.Sprintf("%d号%d栋%d室", 1+d.IntN(300), 1+d.IntN(20), 101+d.IntN(3000))
}

func englishName(d draw) string {
	return pick(d, []string{"Nonesuch", "Mirage", "Hollow", "Phantom", "Nowhere", "Utopia", "Figment", "Neverland", "Chimera"})
}

func englishFlat(d draw) string {
	floor := 1 + d.IntN(45)
	return pick(d, []string{
		fmt.Sprintf("Flat %s, %d/F", d.letter("ABCDEFGH"), floor),
		fmt.Sprintf("Room %d", floor*100+1+d.IntN(30)),
		fmt.Sprintf("Rm %d, %d/F", floor*100+1+d.IntN(30), floor),
		fmt.Sprintf("Flat %d%s", floor, d.letter("ABCDEFGH")),
	})
}

func englishEstate(d draw) string {
	return pick(d, []string{
		"Block " + d.digits(1) + ", " + englishName(d) + " Garden",
		englishName(d) + " House, " + englishName(d) + " Estate",
		englishName(d) + " Mansion",
		"Tower " + d.letter("123456789") + ", " + englishName(d) + " Court",
	})
}

func englishStreet(d draw) string {
	return fmt.Sprintf("%d %s %s", 1+d.IntN(300), englishName(d), pick(d, []string{"Road", "Street", "Lane", "Avenue", "Terrace", "Path"}))
}

func englishDistrict(d draw) string {
	return pick(d, []string{"Sha Tin", "Tai Po", "Yuen Long", "Tuen Mun", "Tsuen Wan", "Mong Kok", "Kwun Tong", "North Point", "Chai Wan", "Sham Shui Po"})
}
