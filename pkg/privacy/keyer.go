package privacy

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"unicode"
	"unicode/utf8"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// purpose separates the kinds of keyed ids: each has an HMAC key of its own, so
// that equal values of two kinds never give one key.
type purpose int

const (
	purposeChannel purpose = iota
	purposeChannelName
	purposeAccount
	purposePost
	purposePostNo
	purposeHost
	purposeSite
	purposeLabel
	purposePath
	purposeDir
	purposeMedia
	purposeQuery
	purposeCoverage
	purposeCount
)

// name is what the purpose's key is derived from. It must never change: every
// stored key of the purpose would lose its meaning.
func (p purpose) name() string {
	return [purposeCount]string{
		"channel", "channel name", "account", "post", "post number", "host",
		"site", "label", "path", "directory", "media", "query", "coverage",
	}[p]
}

// largestScratch is how much scratch a Keyer keeps between calls. A longer
// value, which no honest link has, is given back to the allocator.
const largestScratch = 64 << 10

// Keyer makes keyed ids. It reuses its hash states and a scratch buffer, so a
// call allocates nothing; it is therefore NOT safe for concurrent use: take one
// per goroutine from [Ring.Keyer].
//
// An id whose identifying part is empty is absent: its key is the zero Key.
// Paths and directories are the exception, where empty means the start page.
// Parts are written with their lengths before them, so that no two different
// inputs of a method are one message.
type Keyer struct {
	macs    [purposeCount]hash.Hash
	scratch []byte
	sum     [sha256.Size]byte
}

func newKeyer(root []byte) *Keyer {
	k := &Keyer{scratch: make([]byte, 0, 512)}
	for p := range purposeCount {
		k.macs[p] = hmac.New(sha256.New, deriveKey(root, "pseudonym", p.name()))
	}
	return k
}

// deriveKey gives the 32-byte key of one use of a secret.
func deriveKey(secret []byte, use, purpose string) []byte {
	key, err := hkdf.Key(sha256.New, secret, nil, "doxtrail/v1/"+use+"/"+purpose, sha256.Size)
	if err != nil {
		panic("derive key: " + err.Error()) // only for lengths beyond the hash's limit
	}
	return key
}

// Channel is the key of a channel, group, account or page by the platform's id.
func (k *Keyer) Channel(platform doxtrailv1.Platform, id string) Key {
	return k.platformValue(purposeChannel, platform, id)
}

// ChannelName is the key of a channel's handle. Handles ignore case, so the
// name is lower-cased first. It never equals the key of an id: the two are
// joined by a channel alias.
func (k *Keyer) ChannelName(platform doxtrailv1.Platform, name string) Key {
	if name == "" {
		return Key{}
	}
	k.begin(platform)
	k.addLowered(name)
	return k.finish(purposeChannelName)
}

// Account is the key of the account that wrote a post.
func (k *Keyer) Account(platform doxtrailv1.Platform, id string) Key {
	return k.platformValue(purposeAccount, platform, id)
}

// Post is the key of a post. Twitter's numbers are unique over the platform, so
// there channelID is left out and may be empty; elsewhere an empty channelID
// gives the zero Key, because posts of different channels would become one.
func (k *Keyer) Post(platform doxtrailv1.Platform, channelID, postID string) Key {
	if platform == doxtrailv1.Platform_PLATFORM_TWITTER {
		channelID = ""
	} else if channelID == "" {
		return Key{}
	}
	if postID == "" {
		return Key{}
	}
	k.begin(platform)
	k.add(channelID)
	k.add(postID)
	return k.finish(purposePost)
}

// PostNo is the key of a post's number alone, without its channel.
func (k *Keyer) PostNo(platform doxtrailv1.Platform, postID string) Key {
	return k.platformValue(purposePostNo, platform, postID)
}

// Host is the key of a canonical host, as pkg/cardlink gives it.
func (k *Keyer) Host(host string) Key { return k.value(purposeHost, host) }

// Site is the key of a registrable domain, private suffixes included.
func (k *Keyer) Site(site string) Key { return k.value(purposeSite, site) }

// Label is the key of the skeleton of a registrable label.
func (k *Keyer) Label(label string) Key { return k.value(purposeLabel, label) }

// Path is the key of a canonical path with its kept query, without the host.
// The empty path, a start page, has a key.
func (k *Keyer) Path(pathAndQuery string) Key { return k.text(purposePath, pathAndQuery) }

// Dir is the key of a path up to its last slash. The empty one has a key.
func (k *Keyer) Dir(dir string) Key { return k.text(purposeDir, dir) }

// Media is the key of the platform's id of an uploaded file.
func (k *Keyer) Media(platform doxtrailv1.Platform, mediaID string) Key {
	return k.platformValue(purposeMedia, platform, mediaID)
}

// Query is the key of a search that was asked.
func (k *Keyer) Query(platform doxtrailv1.Platform, query string) Key {
	return k.platformValue(purposeQuery, platform, query)
}

// Coverage is the identity of a coverage row: the import, positions in it or in
// what was looked at, and the channel, search or post that the row is about.
// The same look gives the same key, however often it is recorded. An empty
// importID, as of a live leg, is a value like any other; so is the zero part.
func (k *Keyer) Coverage(importID []byte, part Key, positions ...uint64) Key {
	k.scratch = k.scratch[:0]
	k.scratch = binary.AppendUvarint(k.scratch, uint64(len(importID)))
	k.scratch = append(k.scratch, importID...)
	for _, p := range positions {
		k.scratch = binary.BigEndian.AppendUint64(k.scratch, p)
	}
	k.scratch = append(k.scratch, part[:]...)
	return k.finish(purposeCoverage)
}

func (k *Keyer) platformValue(p purpose, platform doxtrailv1.Platform, value string) Key {
	if value == "" {
		return Key{}
	}
	k.begin(platform)
	k.add(value)
	return k.finish(p)
}

func (k *Keyer) value(p purpose, value string) Key {
	if value == "" {
		return Key{}
	}
	return k.text(p, value)
}

func (k *Keyer) text(p purpose, text string) Key {
	k.scratch = k.scratch[:0]
	k.add(text)
	return k.finish(p)
}

func (k *Keyer) begin(platform doxtrailv1.Platform) {
	k.scratch = binary.BigEndian.AppendUint32(k.scratch[:0], uint32(platform))
}

func (k *Keyer) add(part string) {
	k.scratch = binary.AppendUvarint(k.scratch, uint64(len(part)))
	k.scratch = append(k.scratch, part...)
}

// addLowered writes the part in lower case. Its length stands after it, because
// lower-casing can change it; that is unambiguous as the last part. Bytes that
// are no UTF-8 stay as they are: replacing them would make two names one.
func (k *Keyer) addLowered(part string) {
	start := len(k.scratch)
	for i := 0; i < len(part); {
		r, size := utf8.DecodeRuneInString(part[i:])
		if r == utf8.RuneError && size <= 1 {
			k.scratch = append(k.scratch, part[i])
		} else {
			k.scratch = utf8.AppendRune(k.scratch, unicode.ToLower(r))
		}
		i += size
	}
	k.scratch = binary.BigEndian.AppendUint64(k.scratch, uint64(len(k.scratch)-start))
}

func (k *Keyer) finish(p purpose) Key {
	mac := k.macs[p]
	mac.Reset()
	mac.Write(k.scratch)
	var key Key
	copy(key[:], mac.Sum(k.sum[:0]))
	if cap(k.scratch) > largestScratch {
		k.scratch = make([]byte, 0, 512)
	}
	return key
}
