package cardlink

// lookalike returns the small Latin letter a rune looks like, or 0 if the rune
// is no look-alike. Marks were taken off before. Capitals are judged by their
// own shape, so that one letter can have two look-alikes.
func lookalike(r rune) rune {
	switch {
	case r < 0x80:
		return lookalikeASCII(r)
	case r >= 0x370 && r < 0x400:
		return lookalikeGreek(r)
	case r >= 0x400 && r < 0x530:
		return lookalikeCyrillic(r)
	}
	return lookalikeOther(r)
}

func lookalikeASCII(r rune) rune {
	switch r {
	case '0':
		return 'o'
	case '1', '|', 'I':
		return 'l'
	case '3':
		return 'e'
	case '5':
		return 's'
	}
	return 0
}

func lookalikeGreek(r rune) rune {
	switch r {
	case 'α', 'Α':
		return 'a'
	case 'β', 'Β', 'ϐ':
		return 'b'
	case 'ϲ', 'Ϲ':
		return 'c'
	case 'ε', 'Ε', 'ϵ':
		return 'e'
	case 'Η':
		return 'h'
	case 'ι', 'Ι':
		return 'i'
	case 'ϳ', 'Ϳ':
		return 'j'
	case 'κ', 'Κ', 'ϰ':
		return 'k'
	case 'Μ', 'Ϻ', 'ϻ':
		return 'm'
	case 'η', 'Ν':
		return 'n'
	case 'ο', 'Ο', 'σ':
		return 'o'
	case 'ρ', 'Ρ', 'ϱ':
		return 'p'
	case 'τ', 'Τ':
		return 't'
	case 'υ', 'μ':
		return 'u'
	case 'ν':
		return 'v'
	case 'ω':
		return 'w'
	case 'χ', 'Χ':
		return 'x'
	case 'γ', 'Υ':
		return 'y'
	case 'Ζ':
		return 'z'
	}
	return 0
}

func lookalikeCyrillic(r rune) rune {
	switch r {
	case 'а', 'А':
		return 'a'
	case 'В', 'в', 'Ь', 'ь':
		return 'b'
	case 'с', 'С':
		return 'c'
	case 'ԁ', 'Ԁ':
		return 'd'
	case 'е', 'Е', 'є', 'Є':
		return 'e'
	case 'ԍ', 'Ԍ':
		return 'g'
	case 'һ', 'Һ', 'Н', 'н', 'ћ', 'ԋ':
		return 'h'
	case 'і', 'І':
		return 'i'
	case 'ј', 'Ј':
		return 'j'
	case 'к', 'К', 'қ', 'ҝ', 'ҟ':
		return 'k'
	case 'ӏ', 'Ӏ':
		return 'l'
	case 'М', 'м':
		return 'm'
	case 'п':
		return 'n'
	case 'о', 'О', 'ө':
		return 'o'
	case 'р', 'Р':
		return 'p'
	case 'ԛ', 'Ԛ':
		return 'q'
	case 'г', 'Г':
		return 'r'
	case 'ѕ', 'Ѕ':
		return 's'
	case 'т', 'Т', 'ҭ':
		return 't'
	case 'ц':
		return 'u'
	case 'ѵ', 'Ѵ':
		return 'v'
	case 'ԝ', 'Ԝ', 'ѡ', 'ш':
		return 'w'
	case 'х', 'Х', 'ҳ':
		return 'x'
	case 'у', 'У', 'ү', 'Ү', 'ұ':
		return 'y'
	case 'З', 'з', 'ӡ':
		// Like a 3, which is taken for an e.
		return 'e'
	}
	return 0
}

// lookalikeOther holds the Latin letters that have no decomposition, and
// Armenian, Cherokee and Lisu ones.
func lookalikeOther(r rune) rune {
	switch r {
	case 'ɑ', 'Ꭺ', 'ꓮ', 'ᴀ':
		return 'a'
	case 'ƀ', 'ɓ', 'Ᏼ', 'ꓐ', 'ʙ', 'ß':
		return 'b'
	case 'ᴄ', 'Ꮯ', 'ꓚ', 'ƈ':
		return 'c'
	case 'đ', 'ɖ', 'ɗ', 'ð', 'Ꭰ', 'ꓓ', 'ᴅ':
		return 'd'
	case 'ɛ', 'ə', 'Ꭼ', 'ꓰ', 'ᴇ':
		return 'e'
	case 'ƒ', 'ꓝ':
		return 'f'
	case 'ɡ', 'ց', 'Ꮐ', 'ꓖ', 'ɢ':
		return 'g'
	case 'ħ', 'ɦ', 'հ', 'Ꮋ', 'ꓧ', 'ʜ':
		return 'h'
	case 'ı', 'ɩ', 'ɪ', 'Ꭵ', 'ꓲ':
		return 'i'
	case 'ȷ', 'յ', 'Ꭻ', 'ꓙ', 'ᴊ':
		return 'j'
	case 'ƙ', 'ĸ', 'Ꮶ', 'ꓗ', 'ᴋ':
		return 'k'
	case 'ł', 'ƚ', 'ǀ', 'Ꮮ', 'ꓡ', 'ʟ':
		return 'l'
	case 'ɱ', 'Ꮇ', 'ꓟ', 'ᴍ':
		return 'm'
	case 'ŋ', 'ɲ', 'ո', 'ꓠ', 'ɴ':
		return 'n'
	case 'ø', 'օ', 'Օ', 'ꓳ', 'ᴏ':
		return 'o'
	case 'ƥ', 'ք', 'Ꮲ', 'ꓑ', 'ᴘ':
		return 'p'
	case 'ɋ', 'զ':
		return 'q'
	case 'ɍ', 'ɾ', 'Ꭱ', 'ꓣ', 'ʀ':
		return 'r'
	case 'ʂ', 'ſ', 'Տ', 'Ꮪ', 'ꓢ', 'ꜱ':
		return 's'
	case 'ŧ', 'ƭ', 'Ꭲ', 'ꓔ', 'ᴛ':
		return 't'
	case 'ʋ', 'ս', 'Ս', 'ꓴ', 'ᴜ':
		return 'u'
	case 'ᴠ', 'Ꮩ', 'ꓦ':
		return 'v'
	case 'ɯ', 'ա', 'Ꮃ', 'ꓪ', 'ᴡ':
		return 'w'
	case 'ꓫ':
		return 'x'
	case 'ɣ', 'ƴ', 'Ꭹ', 'ꓬ', 'ʏ':
		return 'y'
	case 'ƶ', 'ʐ', 'Ꮓ', 'ꓜ', 'ᴢ':
		return 'z'
	}
	return 0
}
