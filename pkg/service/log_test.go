package service_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"strings"
	"testing"

	"github.com/doxtrail/doxtrail/pkg/service"
)

func TestNothingOfAPersonReachesALog(t *testing.T) {
	const (
		path  = "/home/somebody/chan-mei-invented.json"
		card  = "https://cards.example/card/chan-mei-invented.html?id=1"
		phone = "+852 9991 2345"
		mail  = "chan.mei@mail.example"
	)
	var out bytes.Buffer
	log := service.For(service.NewLogger(&out, slog.LevelInfo), "collector-archive")
	log.Info("read "+card, service.KeyClass, phone)
	log.Error("open", service.Error(&fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist}))
	log.Error("fetch", service.Error(fmt.Errorf("get %q: %w", card, errors.New("refused"))))
	log.With(service.KeyStream, mail).WithGroup("group").Warn("nested", slog.Group("inner", "cause", errors.New("mail to "+mail)))
	log.Info("kept", service.KeyFile, 7, service.KeyOffset, uint64(4096))
	text := out.String()
	for _, secret := range []string{"chan-mei", "chan.mei", "9991", "somebody"} {
		if strings.Contains(text, secret) {
			t.Errorf("the log holds %q:\n%s", secret, text)
		}
	}
	for _, kept := range []string{"service=collector-archive", "file_ordinal=7", "byte_offset=4096", "refused", "not exist"} {
		if !strings.Contains(text, kept) {
			t.Errorf("the log lacks %q:\n%s", kept, text)
		}
	}
}

func TestAPanicIsLoggedWithoutItsText(t *testing.T) {
	var out bytes.Buffer
	broken := fake{"broken", func(context.Context) error { panic(errors.New("chan-mei-invented")) }}
	err := service.Run(t.Context(), service.NewLogger(&out, slog.LevelInfo), patience, broken)
	if err == nil || strings.Contains(err.Error()+out.String(), "chan-mei") {
		t.Errorf("error %v, log:\n%s", err, out.String())
	}
	for _, kept := range []string{"service=broken", "class=*errors.errorString", "log_test.go"} {
		if !strings.Contains(out.String(), kept) {
			t.Errorf("the log lacks %q:\n%s", kept, out.String())
		}
	}
}

func TestALoggerLeavesOutWhatIsBelowItsLevel(t *testing.T) {
	var out bytes.Buffer
	log := service.NewLogger(&out, slog.LevelWarn)
	log.Info("not this")
	log.Warn("but this")
	if text := out.String(); strings.Contains(text, "not this") || !strings.Contains(text, "but this") {
		t.Errorf("the log is:\n%s", text)
	}
}
