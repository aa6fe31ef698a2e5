package archive

import (
	"context"
	"crypto/sha256"
	"errors"
	"io"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// Read reads one file and hands its records to the handler, in the order of
// the file. The result holds what was read even where an error is returned.
//
// What is wrong inside a file is a fault of the result, not an error. An *Error
// comes for a file that cannot be read at all: of no known format, or refused
// by the system. Errors of the context and of the handler come as they are.
func Read(ctx context.Context, source *Source, options Options, handler Handler) (Result, error) {
	raw, err := source.Open()
	if err != nil {
		return Result{}, err
	}
	defer func() { _ = raw.Close() }() // only read from
	c := &counted{r: raw, source: source}
	if !source.origin.hashable() {
		c.hash = sha256.New()
	}
	in := &intake{source: source, options: options, handler: handler}
	err = in.read(ctx, c)
	if in.result.Format != formatUnknown && c.hash != nil {
		c.hash.Sum(in.result.FileHash[:0])
	}
	if !source.origin.unchanged() {
		in.faults.note(ClassChanged, 0)
		in.result.Complete = false
	}
	in.result.Faults = in.faults
	return in.result, err
}

// read unpacks, recognises and reads the content.
func (in *intake) read(ctx context.Context, c *counted) error {
	r, class, err := unpack(c)
	if class != "" {
		return in.refuse(class)
	}
	if err != nil {
		return in.broken(err)
	}
	in.window = newWindow(ctx, r, in.options.recordLimit())
	format, class := recognise(in.window)
	if named := in.options.Format; named != formatUnknown {
		switch {
		case class == ClassUnknownFormat:
			// Too odd to be recognised is not too odd to be read.
			format, class = named, ""
		case class == "" && format != named:
			class = ClassOtherFormat
		}
	}
	if class != "" {
		if err := in.window.err; err != nil && !errors.Is(err, io.EOF) {
			return in.broken(err)
		}
		return in.refuse(class)
	}
	in.result.Format = format
	// Only now, so that a film beside an export is not read through in vain.
	if c.hash == nil {
		if in.result.FileHash, err = in.source.identity(); err != nil {
			return err
		}
	}
	in.result.Complete = true
	err = in.records(format)
	if err == nil {
		in.window.drain()
	}
	in.result.Counts.Bytes = in.window.total()
	if err != nil {
		in.result.Complete = false
		return err
	}
	if err := in.window.err; !errors.Is(err, io.EOF) {
		return in.broken(err)
	}
	return nil
}

func (in *intake) records(format doxtrailv1.ArchiveFormat) error {
	switch format {
	case formatTelegram:
		in.result.Platform = doxtrailv1.Platform_PLATFORM_TELEGRAM
		return newTelegram(in).read()
	case formatTwarc2:
		in.result.Platform = doxtrailv1.Platform_PLATFORM_TWITTER
		return newTwarc(in).read()
	default:
		return in.refuse(ClassUnknownFormat)
	}
}

// refuse gives the error for a file that is not read.
func (in *intake) refuse(class Class) error {
	in.faults.note(class, 0)
	in.result.Complete = false
	return &Error{Ordinal: in.source.Ordinal, Class: class}
}

// broken sorts an error of the stream: damaged packing ends the file but is
// only a fault; anything else is an error.
func (in *intake) broken(err error) error {
	in.result.Complete = false
	var offset uint64
	if in.window != nil {
		offset = in.window.total()
	}
	if class, ok := packingFault(err); ok {
		in.faults.note(class, offset)
		return nil
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	in.faults.note(ClassUnreadable, offset)
	return &Error{Ordinal: in.source.Ordinal, Offset: offset, Class: ClassUnreadable, Err: pathless(err)}
}
