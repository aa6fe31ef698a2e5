package cardlink

import "testing"

func TestSkeleton(t *testing.T) {
	for _, test := range []struct{ label, want string }{
		{"hkleaks", "hkleaks"},
		{"HKLEAKS", "hkleaks"},
		{"hk-leaks", "hkleaks"},
		{"hk_leaks", "hkleaks"},
		{"hk1eaks", "hkleaks"},
		{"hkIeaks", "hkleaks"},
		{"hkieaks", "hkieaks"},
		{"HKDIARY", "hkdiary"},
		{"hkl3ak5", "hkleaks"},
		{"hkleakѕ", "hkleaks"},
		{"һkleaks", "hkleaks"},
		{"hкleаks", "hkleaks"},
		{"ΗΚLΕΑΚS", "hkleaks"},
		{"hkӏeaks", "hkleaks"},
		{"hkłëâķš", "hkleaks"},
		{"ｈｋ𝗹𝗲𝗮𝗸𝘀", "hkleaks"},
		{"ꓧꓗꓡꓰꓮꓗꓢ", "hkleaks"},
		{"xn--hkleak-nvf", "hkleaks"},
		{"XN--kleaks-VGG", "hkleaks"},
		{"rnirror", "mirror"},
		{"r-nirror", "mirror"},
		{"cοrner", "comer"},
		{"d0g", "dog"},
		{"卡片", "卡片"},
		{"", ""},
	} {
		if got := Skeleton(test.label); got != test.want {
			t.Errorf("skeleton of %q is %q, want %q", test.label, got, test.want)
		}
	}
}

func FuzzSkeleton(f *testing.F) {
	for _, label := range []string{"hkleaks", "hkIeakѕ", "xn--hkleak-nvf", "rnirror", "ﬃ", "ｘｎ－－a", "Ɣ－"} {
		f.Add(label)
	}
	f.Fuzz(func(t *testing.T, label string) {
		once := Skeleton(label)
		if again := Skeleton(once); again != once {
			t.Errorf("skeleton of %q is %q, its skeleton %q", label, once, again)
		}
	})
}
