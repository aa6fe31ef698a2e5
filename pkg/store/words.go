package store

import (
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// vocabulary holds the words of an enum by number: the names of its values
// without the enum's own name, in lower case. UNSPECIFIED has no word.
type vocabulary []string

// words are all vocabularies that tables use.
type words struct {
	platform, channelKind, postKind, mediaKind, personalData, postFlag     vocabulary
	linkSource, linkRole, linkExpansion, linkDisguise, extensionClass      vocabulary
	shareKind, observationState, leg, selection, coverageState, probeState vocabulary
	takedownState, archiveFormat, decisionKind, siteMatch, locatorKind     vocabulary
	restriction, linkState                                                 vocabulary
}

func newWords() words {
	return words{
		platform:         wordsOf(doxtrailv1.Platform(0)),
		channelKind:      wordsOf(doxtrailv1.ChannelKind(0)),
		postKind:         wordsOf(doxtrailv1.PostKind(0)),
		mediaKind:        wordsOf(doxtrailv1.MediaKind(0)),
		personalData:     wordsOf(doxtrailv1.PersonalDataKind(0)),
		postFlag:         wordsOf(doxtrailv1.PostFlag(0)),
		linkSource:       wordsOf(doxtrailv1.LinkSource(0)),
		linkRole:         wordsOf(doxtrailv1.LinkRole(0)),
		linkExpansion:    wordsOf(doxtrailv1.LinkExpansion(0)),
		linkState:        wordsOf(doxtrailv1.LinkState(0)),
		linkDisguise:     wordsOf(doxtrailv1.LinkDisguise(0)),
		extensionClass:   wordsOf(doxtrailv1.ExtensionClass(0)),
		shareKind:        wordsOf(doxtrailv1.ShareKind(0)),
		observationState: wordsOf(doxtrailv1.ObservationState(0)),
		leg:              wordsOf(doxtrailv1.Leg(0)),
		selection:        wordsOf(doxtrailv1.Selection(0)),
		coverageState:    wordsOf(doxtrailv1.CoverageState(0)),
		probeState:       wordsOf(doxtrailv1.ProbeState(0)),
		takedownState:    wordsOf(doxtrailv1.TakedownState(0)),
		archiveFormat:    wordsOf(doxtrailv1.ArchiveFormat(0)),
		decisionKind:     wordsOf(doxtrailv1.DecisionKind(0)),
		siteMatch:        wordsOf(doxtrailv1.SiteMatch(0)),
		locatorKind:      wordsOf(doxtrailv1.LocatorKind(0)),
		restriction:      wordsOf(doxtrailv1.RestrictionKind(0)),
	}
}

func wordsOf(e protoreflect.Enum) vocabulary {
	values := e.Descriptor().Values()
	prefix := strings.TrimSuffix(string(values.ByNumber(0).Name()), "UNSPECIFIED")
	all := make(vocabulary, values.Len())
	for i := range values.Len() {
		v := values.Get(i)
		// buf lint keeps numbers without holes; a hole would leave "".
		for int(v.Number()) >= len(all) {
			all = append(all, "")
		}
		if v.Number() != 0 {
			all[v.Number()] = strings.ToLower(strings.TrimPrefix(string(v.Name()), prefix))
		}
	}
	return all
}

// word gives the word of a number, and whether it has one.
func (v vocabulary) word(number int32) (string, bool) {
	if number <= 0 || int(number) >= len(v) {
		return "", false
	}
	return v[number], v[number] != ""
}
