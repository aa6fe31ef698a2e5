package main

import (
	"github.com/spf13/cobra"
)

// One file for the key ring alone: what `backup --keys-file` and `restore --keys-file`
// do, by the name under which somebody looks for it.

func newKeysBackup(opts *options) *cobra.Command {
	var passphraseFile string
	cmd := &cobra.Command{
		Use:   "backup FILE",
		Short: "Write the ring to a file, locked with a passphrase",
		Long: `Writes the key ring without its RAW keys to a file that only the passphrase opens (an
age file). Keep it apart from the data and from backups of the data: it is the only way
back from a lost ring. The custodian's private key is in it where it lies in the ring.`,
		Args: args(count(1, 1, "name the file to write")),
		RunE: func(cmd *cobra.Command, given []string) error {
			cfg, err := opts.load()
			if err != nil {
				return err
			}
			done, err := backUp(cmd, cfg, backupFiles{keys: given[0], passphrase: passphraseFile}, 0)
			if err != nil {
				return err
			}
			return done.print(cmd.OutOrStdout())
		},
	}
	bindPassphrase(cmd, &passphraseFile)
	return cmd
}

func newKeysRestore(opts *options) *cobra.Command {
	var passphraseFile string
	cmd := &cobra.Command{
		Use:   "restore FILE",
		Short: "Make the ring again from its backup; refuses to replace another",
		Args:  args(count(1, 1, "name the file that `keys backup` wrote")),
		RunE: func(cmd *cobra.Command, given []string) error {
			cfg, err := opts.load()
			if err != nil {
				return err
			}
			done, err := restore(cmd, cfg, backupFiles{keys: given[0], passphrase: passphraseFile})
			if err != nil {
				return err
			}
			return done.print(cmd.OutOrStdout())
		},
	}
	bindPassphrase(cmd, &passphraseFile)
	return cmd
}

func bindPassphrase(cmd *cobra.Command, file *string) {
	cmd.Flags().StringVar(file, "passphrase-file", "", "`FILE` whose first line is the passphrase, or - for standard input (default: ask)")
}
