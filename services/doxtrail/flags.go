package main

import (
	"errors"
	"fmt"

	"github.com/spf13/pflag"
)

// flagFault says what is wrong with a flag and repeats nothing that may be a value:
// whoever writes --card=ADDRESS has it in the shell's history already, and should not
// have it in a log too.
func flagFault(err error) error {
	var unknown *pflag.NotExistError
	var invalid *pflag.InvalidValueError
	var syntax *pflag.InvalidSyntaxError
	switch {
	case errors.As(err, &unknown) && unknown.GetSpecifiedShortnames() != "":
		return errors.New("unknown flag; a file whose name begins with - is written ./-") // which `import *` finds
	case errors.As(err, &unknown), errors.As(err, &syntax):
		return errors.New("unknown flag")
	case errors.As(err, &invalid) && invalid.GetFlag().Value.Type() == "bool":
		return fmt.Errorf("--%s takes no value", invalid.GetFlag().Name)
	case errors.As(err, &invalid):
		return fmt.Errorf("--%s has another value than it takes (%s)", invalid.GetFlag().Name, invalid.GetFlag().Value.Type())
	}
	return err
}
