package cardlink

import "strings"

// lookalike returns the small Latin letter a rune looks like, or 0 if the rune
// is no look-alike. Marks were taken off before. Capitals are judged by their
// own shape, so that the two forms of one letter can look like two.
func lookalike(r rune) rune {
	switch {
	case r == '0':
		return 'o'
	case r == '1' || r == '|' || r == 'I':
		return 'l'
	case r == '3':
		return 'e'
	case r == '5':
		return 's'
	case r < 0x80:
		return 0
	}
	// Greek, Cyrillic, Latin without decomposition, Armenian, Cherokee, Lisu.
	for _, row := range [...]struct {
		letter rune
		alike  string
	}{
		{'a', "αΑ" + "аА" + "ɑᴀ" + "Ꭺꓮ"},
		{'b', "βΒϐ" + "ВвЬь" + "ƀɓʙß" + "Ᏼꓐ"},
		{'c', "ϲϹ" + "сС" + "ƈᴄ" + "Ꮯꓚ"},
		{'d', "ԁԀ" + "đɖɗðᴅ" + "Ꭰꓓ"},
		{'e', "εΕϵ" + "еЕєЄЗзӡ" + "ɛəᴇ" + "Ꭼꓰ"}, // З looks like a 3
		{'f', "Ϝ" + "ƒꜰ" + "ꓝ"},
		{'g', "ԍԌ" + "ɡɢ" + "ց" + "Ꮐꓖ"},
		{'h', "Η" + "һҺНнћԋ" + "ħɦʜ" + "հ" + "Ꮋꓧ"},
		{'i', "ιΙ" + "іІ" + "ıɩɪ" + "Ꭵꓲ"},
		{'j', "ϳͿ" + "јЈ" + "ȷᴊ" + "յ" + "Ꭻꓙ"},
		{'k', "κΚϰ" + "кКқҝҟ" + "ƙĸᴋ" + "Ꮶꓗ"},
		{'l', "ӏӀ" + "łƚǀʟ" + "Ꮮꓡ"},
		{'m', "ΜϺϻ" + "Мм" + "ɱᴍ" + "Ꮇꓟ"},
		{'n', "ηΝ" + "п" + "ŋɲɴ" + "ոռ" + "ꓠ"},
		{'o', "οΟσ" + "оОө" + "øᴏ" + "օՕ" + "ꓳ"},
		{'p', "ρΡϱ" + "рР" + "ƥᴘ" + "ք" + "Ꮲꓑ"},
		{'q', "ԛԚ" + "ɋ" + "զ"},
		{'r', "гГ" + "ɍɾʀ" + "Ꭱꓣ"},
		{'s', "ѕЅ" + "ʂſꜱ" + "Տ" + "Ꮪꓢ"},
		{'t', "τΤ" + "тТҭ" + "ŧƭᴛ" + "Ꭲꓔ"},
		{'u', "υμ" + "ц" + "ᴜ" + "սՍ" + "ꓴ"},
		{'v', "ν" + "ѵѴ" + "ʋᴠ" + "Ꮩꓦ"},
		{'w', "ω" + "ԝԜѡш" + "ɯᴡ" + "ա" + "Ꮃꓪ"},
		{'x', "χΧ" + "хХҳ" + "ꓫ"},
		{'y', "γΥ" + "уУүҮұ" + "ɣƴʏ" + "Ꭹꓬ"},
		{'z', "Ζ" + "ƶʐᴢ" + "Ꮓꓜ"},
	} {
		if strings.ContainsRune(row.alike, r) {
			return row.letter
		}
	}
	return 0
}
