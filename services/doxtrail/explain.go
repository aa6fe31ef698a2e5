package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/doxtrail/doxtrail/pkg/privacy"
	"github.com/doxtrail/doxtrail/pkg/store"
)

func newExplain(opts *options) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "explain POST_KEY",
		Short: "Say what is kept of a post, and why it counts or does not",
		Long: `Shows what is kept of one post, by the post_key that the views show: what kind it
is, which kinds of personal data were found in it, and of each link where it stood, how
it was disguised, and why it counts as a sighting of a card or does not. There is no
text to show: none is kept. Nothing is stored.`,
		Args: args(count(1, 1, "write one post_key, as the view posts shows it")),
		RunE: func(cmd *cobra.Command, given []string) error {
			var key privacy.Key
			if key.UnmarshalText([]byte(given[0])) != nil || key.IsZero() {
				return wrongUse(errors.New("that is no post_key; an address is never an argument, since shells remember it"))
			}
			cfg, err := opts.load()
			if err != nil {
				return err
			}
			return withTables(cmd, cfg, func(ctx context.Context, s *session) error {
				e, found, err := s.reader.Explain(ctx, key)
				switch {
				case err != nil:
					return err
				case !found:
					return plain(errors.New("explain: this study has no such post"))
				case asJSON:
					return json.NewEncoder(cmd.OutOrStdout()).Encode(e)
				default:
					return explain(cmd.OutOrStdout(), e)
				}
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return cmd
}

// explain prints what is kept of a post.
func explain(w io.Writer, e store.Explained) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s post (%s) of %s, read under generation %d of the watch list\n", e.Platform, e.Kind, e.PostedAt.UTC().Format(time.DateTime), e.Generation)
	if e.Length != nil {
		fmt.Fprintf(&b, "text      %s, none of it kept\n", plural(int(*e.Length), "character"))
	}
	var kinds []string
	for _, kind := range slices.Sorted(maps.Keys(e.Personal)) {
		kinds = append(kinds, fmt.Sprintf("%s %d", kind, e.Personal[kind]))
	}
	if len(kinds) > 0 {
		fmt.Fprintf(&b, "personal  %s\n", strings.Join(kinds, ", "))
	}
	if len(e.Flags) > 0 {
		fmt.Fprintf(&b, "flags     %s\n", strings.Join(e.Flags, ", "))
	}
	fmt.Fprintf(&b, "state     %s, after %s\n", e.State, plural(int(e.Looks), "further look"))
	for i, l := range e.Links {
		fmt.Fprintf(&b, "link %-4d %s\n          %s\n", i+1, stoodAs(l), why(l))
	}
	if len(e.Links) == 0 {
		b.WriteString("links     none, so it carries no card\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// stoodAs says where a link stood and what had to be undone.
func stoodAs(l store.ExplainedLink) string {
	text := fmt.Sprintf("%s, from %s, %s deep", l.Role, strings.ReplaceAll(l.Source, "_", " "), plural(int(l.Depth), "step"))
	if len(l.Disguises) > 0 {
		text += ", disguised: " + strings.Join(l.Disguises, ", ")
	}
	if l.ExpandedBy != "" && l.ExpandedBy != "none" {
		text += ", expanded by: " + l.ExpandedBy
	}
	if l.State != "" {
		text += ", the shortener was asked: " + strings.ReplaceAll(l.State, "_", " ")
	}
	return text
}

// why says whether a link counts.
func why(l store.ExplainedLink) string {
	switch {
	case l.Card != nil && l.Family == "":
		return "counts as card " + *l.Card + " (" + l.Basis + "): no site is listed, so each is a family of its own"
	case l.Card != nil:
		return fmt.Sprintf("counts as card %s of %s (%s): its %s is listed", *l.Card, l.Family, l.Basis, l.Match)
	case l.Family == "":
		return "does not count: its site belongs to no family"
	case l.Depth == 0:
		return "counts for a site of " + l.Family + " and for no card: it is a start page"
	case l.ListPage:
		return "counts for a site of " + l.Family + " and for no card: the watch list names it as a page that is none"
	default:
		return "does not count for a card of " + l.Family
	}
}
