package redirect

// Shorteners are the hosts that are requested where nobody says otherwise: those
// that give every user short links to any address. Left out are hosts that lead to
// one publisher's own pages, those that show advertisements in between, and t.me,
// whose short addresses are channels.
func Shorteners() []string {
	return []string{
		// Twitter, and the services that posts on all platforms use
		"t.co", "bit.ly", "bitly.com", "j.mp", "tinyurl.com", "is.gd", "v.gd", "goo.gl", "ow.ly", "buff.ly", "dlvr.it", "ift.tt",
		"cutt.ly", "rb.gy", "t.ly", "tiny.cc", "rebrand.ly", "shorturl.at", "s.id", "bl.ink", "soo.gd", "lnkd.in", "trib.al", "x.gd",
		// Chinese: Weibo, WeChat and others
		"t.cn", "url.cn", "w.url.cn", "dwz.cn", "suo.im", "mrw.so", "reurl.cc", "ppt.cc", "pse.is", "lihi.cc", "lihi1.com", "lihi2.com", "lihi3.com",
		// Russian
		"clck.ru", "vk.cc", "u.to",
	}
}
