package campaign

import (
	"fmt"
	"strings"
)

// Person is an invented victim. Nobody bears these surnames (sea words), and a
// given name is a verb and its object.
type Person struct {
	Chinese  string // 鷺聽雨
	Roman    string // Lowh Teng-yu
	Slug     string // LowhTengYu, as card paths and file names carry it
	Phone    string // +852 4000 1234
	HKID     string // QZ123456(7), with a valid check digit
	Mail     string
	Address  string
	Employer string
}

const (
	surnames = "鯨 Keng 鷺 Lowh 霧 Mowh 礁 Jiuh 帆 Fahn 錨 Naau 舵 Dohh 汐 Zikk 鷗 Ngau 蠔 Hauh 鯊 Saah 燈 Dangh"
	verbs    = "聽 Teng 問 Man 數 Sou 拾 Sahp 望 Mong 追 Jeui 曬 Saai 摺 Jip 借 Jeh 畫 Waak 收 Sau 放 Fong"
	objects  = "雨 Yu 潮 Chiu 星 Sing 貝 Bui 網 Mohng 雲 Wan 沙 Sa 月 Yut 浪 Long 霞 Ha 燕 Yin 島 Dou"

	bays      = "望礁灣 借月灣 鯨歌灣 無名浦 摺浪角"
	streets   = "霧燈街 數星里 曬網徑 追潮路 拾貝巷 畫雲坊"
	employers = "第九燈塔管理處 浮橋渡輪檢票站 潮汐日曆編輯部 霧號維修隊 海草圖書館 風向標工房"
)

// cast invents n persons; the same seed gives the same persons, and a longer
// cast begins with the shorter one. At most 1,728 differ in name.
func cast(seed uint64, n int) []*Person {
	d := newDice(seed, "persons")
	sur, verb, object := strings.Fields(surnames), strings.Fields(verbs), strings.Fields(objects)
	taken := make(map[string]bool, n)
	people := make([]*Person, 0, n)
	for len(people) < n {
		s, v, o := 2*d.below(len(sur)/2), 2*d.below(len(verb)/2), 2*d.below(len(object)/2)
		slug := sur[s+1] + verb[v+1] + object[o+1]
		if taken[slug] {
			continue
		}
		taken[slug] = true
		given := verb[v+1] + "-" + strings.ToLower(object[o+1])
		people = append(people, &Person{
			Chinese:  sur[s] + verb[v] + object[o],
			Roman:    sur[s+1] + " " + given,
			Slug:     slug,
			Phone:    fmt.Sprintf("+852 4000 %04d", (len(people)*137+d.below(137))%10_000),
			HKID:     hkid("QZ", d.below(1_000_000)),
			Mail:     strings.ToLower(sur[s+1]+"."+verb[v+1]+object[o+1]) + "@mail.example",
			Address:  address(d),
			Employer: pick(d, strings.Fields(employers)),
		})
	}
	return people
}

func address(d *dice) string {
	return fmt.Sprintf("%s%s%d號%d樓%s室", pick(d, strings.Fields(bays)), pick(d, strings.Fields(streets)),
		d.between(11, 98), d.between(11, 39), pick(d, strings.Fields("A B C D E F G H")))
}

// hkid builds an identity number of the two-letter form with its check
// character: weights 9 to 2 over two letters (A is 10) and six digits, 11
// minus the sum modulo 11, where 10 is written A and 11 is written 0.
func hkid(letters string, number int) string {
	body := fmt.Sprintf("%s%06d", letters, number)
	sum := 0
	for i, c := range body {
		value := int(c - '0')
		if c >= 'A' {
			value = int(c-'A') + 10
		}
		sum += value * (9 - i)
	}
	return fmt.Sprintf("%s(%c)", body, "0123456789A"[(11-sum%11)%11])
}

// hashtag is the tag that hunts this person.
func (p *Person) hashtag(chinese bool) string {
	if chinese {
		return "#公開" + p.Chinese
	}
	return "#" + p.Slug + "Exposed"
}
