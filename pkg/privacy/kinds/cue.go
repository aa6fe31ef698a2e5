package kinds

import "unicode/utf8"

// cueKind is what the words before a value say that it is.
type cueKind uint8

const (
	noCue       cueKind = iota
	fillerCue           // says nothing: what stands before it is asked
	ordinalCue          // the same; with nothing before it the value is a mere number
	phoneCue            // a telephone number
	identityCue         // an identity document
	cardCue             // a bank card
	birthCue            // a date of birth
	passportCue         // a passport or permit to travel
	plateCue            // a vehicle
	mailCue             // an e-mail address
	addressCue          // where somebody lives
	numberCue           // a number that is none of these: a price, an order, a count
)

type cue struct {
	text string
	kind cueKind
}

// cueWords lists the words, in small letters, traditional and simplified.
func cueWords(kind cueKind) []string {
	switch kind {
	case fillerCue:
		return []string{
			"號碼", "号码", "號", "号", "碼", "码", "是", "係", "系", "為", "为", "喺", "在", "於", "于", "或", "及", "和", "民國", "日期", "年月日", "方法", "方式", "資料", "资料",
			"number", "is", "are", "or", "and", "on", "in", "at", "date", "full", "the", "mark",
		}
	case ordinalCue:
		return []string{"no", "nos", "編號", "编号", "№"}
	case phoneCue:
		return []string{
			"電話", "电话", "手機", "手机", "手提", "手電", "聯絡", "联络", "聯繫", "联系", "聯系", "致電", "致电", "來電", "来电", "撥打", "拨打", "撥", "熱線", "热线",
			"傳真", "传真", "行動", "打俾", "打比", "打畀", "call", "tel", "telephone", "phone", "phones", "mobile", "mob", "cell", "cellphone", "whatsapp", "whatapp", "whatsap", "wa",
			"ws", "wts", "signal", "contact", "contacts", "fax", "hotline", "ph", "dial", "ring", "text", "sms", "viber", "☎", "📞", "📱", "✆", "☏", "📲",
		}
	case identityCue:
		return []string{
			"身份證", "身分證", "身份证", "身分证", "證件", "证件", "公民身份", "hkid", "hkid card", "hk id", "id card", "identity card", "identity", "id", "i.d", "identification",
			"居民證", "居民证",
		}
	case cardCue:
		return []string{
			"信用卡", "銀行卡", "银行卡", "提款卡", "扣賬卡", "借記卡", "借记卡", "儲蓄卡", "储蓄卡", "卡號", "卡号", "銀聯", "银联", "iban", "card", "visa", "mastercard",
			"amex", "unionpay", "credit", "debit",
		}
	case birthCue:
		return []string{
			"生日", "出生", "出生日期", "出生年月日", "出生年月", "出生日", "出世", "出世日期", "生於", "生于", "出生於", "出生于", "生辰", "誕生", "诞生", "dob", "d.o.b", "birthday", "birthdate", "birth",
			"date of birth", "birth date", "born", "bday", "b-day", "🎂",
		}
	case passportCue:
		return []string{"護照", "护照", "passport", "回鄉證", "回乡证", "回鄉卡", "通行證", "通行证", "旅行證件", "旅遊證件", "bno", "travel document"}
	case plateCue:
		return []string{
			"車牌", "车牌", "車號", "车号", "牌照", "車輛登記", "plate", "plates", "number plate", "registration", "reg", "vehicle", "license plate", "licence plate", "車", "座駕",
		}
	case mailCue:
		return []string{"電郵", "电邮", "電子郵件", "电子邮件", "郵箱", "邮箱", "電郵地址", "email", "e-mail", "mail", "mailto", "email address", "✉", "📧"}
	case addressCue:
		return []string{"地址", "住址", "住在", "住喺", "居於", "家住", "住", "address", "addr", "lives"}
	default:
		return append(otherNumbers(), prices()...)
	}
}

func otherNumbers() []string {
	return []string{
		"訂單", "订单", "單號", "单号", "序號", "序号", "案件", "案號", "案号", "證書", "型號", "型号", "郵編", "邮编", "郵政編碼", "票號", "學號", "学号", "員工", "版本", "戶口",
		"户口", "帳戶", "賬戶", "账户", "帳號", "賬號", "账号", "戶號", "運單", "快遞", "發票", "驗證", "代碼", "代码", "會員", "会员", "票數", "瀏覽", "浏览", "閱讀", "次數", "人數", "序列", "商標", "條碼", "单",
		"ref", "reference", "order", "invoice", "case", "uid", "qq", "tracking", "version", "build", "ver", "account", "acct", "acc", "a/c", "ticket", "post", "serial",
		"sn", "s/n", "isbn", "issn", "doi", "code", "postcode", "zip", "port", "pid", "user", "channel", "page", "block", "views", "likes", "count", "total", "score", "receipt",
		"transaction", "tx", "txn", "item", "sku", "model", "section", "issue", "commit", "episode", "cap", "docket", "permit", "licence", "license", "room", "counter", "size", "offset", "row", "record", "stock",
		"nonce", "height", "balance", "amount", "salary", "population", "followers", "subscribers", "members", "第", "點擊", "追蹤", "粉絲", "粉丝", "訂閱", "订阅", "人口", "市值", "成交",
	}
}

func prices() []string {
	return []string{
		"$", "¥", "£", "€", "hkd", "usd", "rmb", "cny", "ntd", "twd", "港幣", "港元", "美金", "美元", "人民幣", "人民币", "價", "价", "價錢", "售價", "金額", "金额", "約", "共", "合共", "達", "逾",
		"超過", "總數", "price", "about", "over", "approx", "than", "nearly", "almost", "gbp", "eur",
	}
}

// cueIndex sorts the words by their last byte, long ones first.
func cueIndex() [][]cue {
	index := make([][]cue, 256)
	for kind := fillerCue; kind <= numberCue; kind++ {
		for _, word := range cueWords(kind) {
			last := word[len(word)-1]
			at := len(index[last])
			for at > 0 && len(index[last][at-1].text) < len(word) {
				at--
			}
			index[last] = append(index[last][:at:at], append([]cue{{word, kind}}, index[last][at:]...)...)
		}
	}
	return index
}

// pastBytes is how far back a cue may stand.
const pastBytes = 36

// past is what stands before a value, in small letters, as next reads it. It
// lies at the end of bytes.
type past struct {
	bytes [pastBytes + utf8.UTFMax]byte
	from  int
}

// read takes in what ends at i.
func (p *past) read(text string, i int) []byte {
	p.from = len(p.bytes)
	lines := 0
	for p.from > utf8.UTFMax {
		r, from, _ := before(text, i)
		if r == end {
			break
		}
		if r == '\n' {
			if lines++; lines == 3 {
				break
			}
			r = ' '
		}
		i = from
		if 0x4E00 <= r && r <= 0x9FFF {
			p.from -= 3
			copy(p.bytes[p.from:p.from+3], text[from:from+3])
			continue
		}
		if r < utf8.RuneSelf {
			p.from--
			p.bytes[p.from] = lower(byte(r))
			continue
		}
		p.from -= utf8.RuneLen(r)
		utf8.EncodeRune(p.bytes[p.from:], r)
	}
	return p.bytes[p.from:]
}

// mostFillers bounds how many words that say nothing may stand between a cue and
// its value.
const mostFillers = 6

// cueBefore says what the words before the place i call the value there.
func (r *Recogniser) cueBefore(i int) cueKind {
	if r.asked != i || i == 0 {
		r.asked, r.answer = i, r.cueOfPast(i)
	}
	return r.answer
}

func (r *Recogniser) cueOfPast(i int) cueKind {
	words := r.past.read(r.text, i)
	hash := false
	for range mostFillers {
		var marked bool
		words, marked = trimMarks(words)
		hash = hash || marked
		kind, length := r.cueAtEnd(words)
		if kind == noCue {
			break
		}
		if kind > ordinalCue {
			return kind
		}
		hash = hash || kind == ordinalCue
		words = words[:len(words)-length]
	}
	if hash {
		return numberCue
	}
	return noCue
}

// cueAtEnd finds the longest cue that words end in.
func (r *Recogniser) cueAtEnd(words []byte) (kind cueKind, length int) {
	if len(words) == 0 {
		return noCue, 0
	}
	for _, c := range r.cues[words[len(words)-1]] {
		rest := len(words) - len(c.text)
		if rest < 0 || string(words[rest:]) != c.text {
			continue
		}
		if isLetter(c.text[0]) && rest > 0 && isLetter(words[rest-1]) {
			continue // the end of a longer word
		}
		return c.kind, len(c.text)
	}
	return noCue, 0
}

// trimMarks takes off what stands between words, and says whether a number sign
// was there.
func trimMarks(words []byte) (rest []byte, hash bool) {
	for len(words) > 0 {
		c := words[len(words)-1]
		switch {
		case c < utf8.RuneSelf:
			if isAlnum(c) || c == '$' {
				return words, hash
			}
			hash = hash || c == '#'
			words = words[:len(words)-1]
		default:
			r, size := utf8.DecodeLastRune(words)
			if known := 0x2000 <= r && r <= 0x303F || 0x1F000 <= r && r <= 0x1FAFF; !known || isMarkCue(r) {
				return words, hash
			}
			words = words[:len(words)-size]
		}
	}
	return words, hash
}

// isMarkCue says whether a sign is a cue by itself.
func isMarkCue(r rune) bool {
	switch r {
	case '☎', '📞', '📱', '✆', '☏', '📲', '🎂', '✉', '📧', '€', '№':
		return true
	}
	return false
}
