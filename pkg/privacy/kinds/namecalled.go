package kinds

import (
	"bytes"
	"strings"
)

// called looks at the character 叫 from i to j, behind which a name stands if the
// character before it ends a person, or none does: 佢叫陳大文. It returns where to go on.
func (r *Recogniser) called(i, j int) int {
	c, _, _ := before(r.text, i)
	if isHan(c) && !strings.ContainsRune("佢他她我你人名子友做生姐士官長长員员警仔女妹哥爸媽妈師师兒儿婆公主佬男", c) {
		return j
	}
	at, marked := r.skipNameMarks(j)
	return r.nameAt(at, marked, j)
}

// nameAt notes the name at i and returns where it ends, otherwise where it is if
// there is none.
func (r *Recogniser) nameAt(i int, marked bool, otherwise int) int {
	if stop := r.hanName(i, marked); stop > 0 {
		return stop
	}
	if stop := r.latinName(i); stop > 0 {
		return stop
	}
	return otherwise
}

// personBefore says whether the words that end at i, before a colon, are for a
// person other than by "name".
func (r *Recogniser) personBefore(i int) bool {
	words := bytes.TrimRight(r.past.read(r.text, i), " )]")
	for _, cue := range personCues() {
		rest, ok := bytes.CutSuffix(words, []byte(cue))
		if ok && (!isLetter(cue[0]) || len(rest) == 0 || !isLetter(rest[len(rest)-1])) {
			return true
		}
	}
	return false
}

// endsPerson says whether one of personCues ends in a character: most words before a
// colon are told apart by it.
func endsPerson(c rune) bool {
	switch lowerRune(c) {
	case '標', '标', '象', '物', '角', '主', '人', '呼', '員', 't', 'o', 'n', 's', 'a':
		return true
	}
	return false
}

func personCues() [25]string {
	return [...]string{ // see endsPerson
		"目標", "目标", "對象", "对象", "人物", "主角", "苦主", "事主", "當事人", "当事人", "聯絡人", "联系人", "持卡人", "收件人", "戶主", "稱呼", "称呼", "警員", "此人",
		"target", "subject", "who", "person", "alias", "aka",
	}
}
