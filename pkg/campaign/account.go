package campaign

// The parts of a full Telegram export that are nobody's business, before and
// between the chats.

type tgAccount struct {
	About    string      `json:"about"`
	Personal tgPersonal  `json:"personal_information"`
	Contacts tgContacts  `json:"contacts"`
	Sessions tgSessions  `json:"sessions"`
	Chats    tgChatsList `json:"chats"`
	Left     tgChatsList `json:"left_chats"`
}

type tgPersonal struct {
	UserID    uint64 `json:"user_id"`
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name"`
	Phone     string `json:"phone_number"`
	Bio       string `json:"bio"`
}

type tgContacts struct {
	About string      `json:"about"`
	List  []tgContact `json:"list"`
}

type tgContact struct {
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name"`
	Phone     string `json:"phone_number"`
	Date      string `json:"date"`
	DateUnix  string `json:"date_unixtime"`
}

type tgSessions struct {
	About string      `json:"about"`
	List  []tgSession `json:"list"`
}

type tgSession struct {
	LastActive     string `json:"last_active"`
	LastActiveUnix string `json:"last_active_unixtime"`
	LastIP         string `json:"last_ip"`
	LastCountry    string `json:"last_country"`
	Application    string `json:"application_name"`
}

type tgChatsList struct {
	About string   `json:"about"`
	List  []tgChat `json:"list"`
}

// wholeAccount is the full export of an invented researcher's account.
func (f *file) wholeAccount(owner *Person) tgAccount {
	local, unix := tgTime(endAt)
	out := tgAccount{
		About: "Here is the data you requested.",
		Personal: tgPersonal{
			UserID: firstChannelID / 1000, FirstName: owner.Roman, LastName: owner.Chinese, Phone: owner.Phone, Bio: owner.Employer,
		},
		Contacts: tgContacts{About: "Contacts.", List: []tgContact{
			{FirstName: owner.Chinese, LastName: owner.Slug, Phone: owner.Phone, Date: local, DateUnix: unix},
		}},
		Sessions: tgSessions{About: "Sessions.", List: []tgSession{{
			LastActive: local, LastActiveUnix: unix, LastIP: "192.0.2.17", LastCountry: "Nowhere", Application: "Telegram Desktop",
		}}},
		Chats: tgChatsList{About: "Chats."},
		Left:  tgChatsList{About: "Chats that were left."},
	}
	for _, c := range f.chats {
		list := &out.Chats
		if c.left {
			list = &out.Left
		}
		list.List = append(list.List, c.export())
	}
	return out
}
