package privacy

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log"
	"os"
	"os/exec"
	"runtime"
	"runtime/pprof"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"
	"unsafe"
)

// inTrace is what stands in texts of panics here.
const inTrace = "烏有先生 99912345"

// deaths are the ways in which this program dies in a test, each in a process of its own.
func deaths() map[string]func() {
	return map[string]func(){
		"an error":      func() { panic(errors.New(inTrace)) },
		"a text":        func() { panic(inTrace + "\nmain.f(0x1)\n\t/f.go:1 +0x1\n\ngoroutine 1 [running]:\n" + inTrace) },
		"a long text":   func() { panic(strings.Repeat(inTrace, 10_000)) },
		"a value":       func() { panic(struct{ name string }{inTrace}) },
		"a type":        func() { var v any = inTrace; _ = v.(error) }, //nolint:forcetypeassert // it is to panic
		"a nil pointer": func() { var p *[]string; _ = (*p)[0] },
		"a goroutine": func() {
			var group sync.WaitGroup
			group.Go(func() { panic(errors.New(inTrace)) })
			group.Wait()
		},
		"a second panic": func() {
			defer func() { panic(inTrace) }()
			panic(errors.New(inTrace))
		},
		"a number of an account": func() { account(99912345, inTrace) },
		"an index":               func() { _ = make([]int, len(inTrace))[account(99912345, "")] },
		"a recovered panic":      func() { panic("close of closed channel [recovered " + inTrace + "]") },
		"a panic of an error":    func() { panic(panicking(inTrace + forged)) },
		"a panic after the end":  func() { defer func() { panic(inTrace + forged) }(); runtime.Goexit() },
		"a library's log":        func() { log.Print(inTrace, forged); panic(inTrace) },
		"an address of text":     func() { address := account(0x57696e675369, ""); _ = **(**int64)(unsafe.Pointer(&address)) },
		"labels": func() {
			pprof.Do(context.Background(), pprof.Labels(inTrace, inTrace), func(context.Context) { panic(inTrace) })
		},
	}
}

// forged is text that looks like a trace.
const forged = "\nwong.siu.ming(0x1)\n\t/f.go:1 +0x1\n\ngoroutine 1 [wong siu ming]:\n\nwong.siu.ming(...)\n\t/f.go:1\nSIGWONG: siu ming\n"

// panicking is an error whose text cannot be had.
type panicking string

func (p panicking) Error() string { panic(string(p)) }

//go:noinline
func account(id int64, name string) int64 {
	if name == inTrace {
		panic(name)
	}
	return id
}

func TestMain(m *testing.M) {
	if die, ok := deaths()[os.Getenv("DOXTRAIL_TEST_DEATH")]; ok {
		die()
	}
	os.Exit(m.Run())
}

func TestATraceTellsWhereAndNotWhat(t *testing.T) {
	t.Parallel()
	for name := range deaths() {
		for _, level := range []string{"single", "all", "system", "crash"} {
			cmd := exec.CommandContext(t.Context(), os.Args[0])
			cmd.Env = append(os.Environ(), "DOXTRAIL_TEST_DEATH="+name, "GOTRACEBACK="+level, "GODEBUG=tracebacklabels=1,inittrace=1,tracebackancestors=3")
			printed, err := cmd.CombinedOutput()
			if err == nil {
				t.Fatalf("%s: the process lives", name)
			}
			var shown bytes.Buffer
			if err := FilterTrace(&shown, bytes.NewReader(printed), ProgramNames(os.Args[0])); err != nil {
				t.Fatal(err)
			}
			for _, part := range []string{"烏", "99912345", "5f48759", "/f.go", "wong", "57696e"} { // the number in hexadecimal, too
				if strings.Contains(shown.String(), part) {
					t.Errorf("%s: the trace (%s) holds %q:\n%s", name, level, part, &shown)
				}
			}
			if want := "privacy.deaths.func"; name != "a second panic" && !strings.Contains(shown.String(), want) ||
				!strings.Contains(shown.String(), "trace_test.go:") || !strings.Contains(shown.String(), "goroutine ") {
				t.Errorf("%s: the trace (%s) does not say where:\n%s\nof\n%s", name, level, &shown, printed)
			}
		}
	}
}

func TestFilterTrace(t *testing.T) {
	filters(t, "", "")
	filters(t, "panic: runtime error: index out of range [5] with length 3\n", "panic: runtime error: index out of range [5] with length 3\n")
	filters(t, "panic: runtime error: Wong [5] with length 3\n", "panic: [redacted]\n")
	filters(t, "fatal error: Wong\n", "fatal error: [redacted]\n")
	filters(t, "fatal error: all goroutines are asleep - deadlock!\n", "fatal error: all goroutines are asleep - deadlock!\n")
	filters(t, "wong.siu.ming(0x1)\nwong.siu(0x1)\n", "(2 more lines are not shown: they may quote what was read)\n")
	filters(t, "wong.siu.ming(0x1)\n\tin the park\n", "(2 more lines are not shown: they may quote what was read)\n")
	filters(t, "\twong.go:1\n", "(1 more lines are not shown: they may quote what was read)\n")
	filters(t, "a/b.(*C[...]).d({0x1, 0x2?}, ...)\n\t/a/b/c.go:12 +0x1f fp=0x1 sp=0x2 pc=0x3\n", "a/b.(*C[...]).d(...)\n\t/a/b/c.go:12\n")
	filters(t, "created by a/b.c.func1 in goroutine 7\n\ta/b/c.go:3 +0x1\n", "created by a/b.c.func1 in goroutine 7\n\ta/b/c.go:3\n")
	filters(t, "goroutine 3 gp=0x1 m=nil [chan receive, 3 minutes]:\n", "goroutine 3 [chan receive, 3 minutes]:\n")
	filters(t, "goroutine 3 gp=0x1 m=2 mp=0x3 [sync.RWMutex.RLock (scan), 3 minutes, locked to thread, synctest bubble 4 labels:{\"wong\": \"x\"}]:\n", "goroutine 3 [sync.RWMutex.RLock (scan), 3 minutes, locked to thread]:\n")
	filters(t, "panic: runtime error: index out of range [99912345] with length 3\n", "panic: [redacted]\n")
	filters(t, "panic: runtime error: slice bounds out of range [:5:3]\n", "panic: runtime error: slice bounds out of range [:5:3]\n")
	filters(t, "panic: runtime error: slice bounds out of range [::99912345] with capacity 3\n", "panic: [redacted]\n")
	filters(t, "panic: close of nil channel [recovered, repanicked]\n", "panic: close of nil channel [recovered, repanicked]\n")
	filters(t, "panic: close of nil channel [recovered wong]\n", "panic: [redacted]\n")
	filters(t, "[signal SIGSEGV: segmentation violation code=0x1 addr=0x57696e675369 pc=0x1]\n", "[signal SIGSEGV: segmentation violation]\n")
	filters(t, "SIGWONG: siu ming\n", "(1 more lines are not shown: they may quote what was read)\n")
	filters(t, "rax    0x5f48759\n"+strings.Repeat("x", 10<<10)+"\n", "(2 more lines are not shown: they may quote what was read)\n")
	filters(t, "==================\nWARNING: DATA RACE\nRead at 0x00c1 by goroutine 7:\n  a.b()\n      /a.go:4 +0x24\n\nPrevious write at 0x00c1 by main goroutine:\n",
		"==================\nWARNING: DATA RACE\nRead at 0x00c1 by goroutine 7:\n  a.b(...)\n      /a.go:4\n\nPrevious write at 0x00c1 by main goroutine:\n")
}

// anyName takes every name for one of the program.
func anyName(string) bool { return true }

func TestProgramNames(t *testing.T) {
	ours := ProgramNames(os.Args[0])
	for name, want := range map[string]bool{
		"panic": true, "runtime.gopanic": true, "github.com/doxtrail/doxtrail/pkg/privacy.TestProgramNames": true,
		"slices.SortFunc[...]": true, "slices.Wong[...]": false, "runtime.gopani": false, "wong.siu.ming": false, "wong": false, "": false,
	} {
		if got := ours(name); got != want {
			t.Errorf("%q: %v", name, got)
		}
	}
	for _, file := range []string{"trace_test.go", "nowhere"} {
		if ProgramNames(file)("runtime.gopanic") {
			t.Errorf("%s has names", file)
		}
	}
}

// What was read is shown at once: whoever filters may be killed.
func TestATraceIsShownBeforeItEnds(t *testing.T) {
	in, trace := io.Pipe()
	shown, out := io.Pipe()
	go func() { _ = out.CloseWithError(FilterTrace(out, in, anyName)) }()
	go func() { _, _ = io.WriteString(trace, "SIGQUIT: quit\n") }()
	line := make([]byte, len("SIGQUIT: quit\n"))
	if _, err := io.ReadFull(shown, line); err != nil || string(line) != "SIGQUIT: quit\n" {
		t.Errorf("%q %v", line, err)
	}
	_ = trace.Close()
	_, _ = io.Copy(io.Discard, shown)
}

func filters(t *testing.T, in, want string) {
	t.Helper()
	var out strings.Builder
	if err := FilterTrace(&out, strings.NewReader(in), anyName); err != nil || out.String() != want {
		t.Errorf("%q becomes\n%s%v, want\n%s", in, &out, err, want)
	}
}

//go:noinline
func stackFor(id int64) (int64, string) { return id, Stack() }

func TestStackHasNoArguments(t *testing.T) {
	_, stack := stackFor(99912345)
	if !strings.Contains(stack, "TestStackHasNoArguments") || strings.Contains(stack, "5f48759") || strings.Contains(stack, "0x") || strings.Contains(stack, "not shown") {
		t.Error(stack)
	}
}

// A text of whatever kind does not come through as the text of a panic.
func FuzzFilterTrace(f *testing.F) {
	f.Add("烏有先生")
	f.Add("x\ngoroutine 1 [running]:\nmain.f(0x1)\n\t/f.go:1\n")
	f.Fuzz(func(t *testing.T, text string) {
		// As the runtime prints it: all lines but the first are indented.
		printed := "panic: " + strings.ReplaceAll(text, "\n", "\n\t") + "\n\ngoroutine 1 [running]:\nmain.main()\n\tmain.go:1 +0x1\n"
		var out strings.Builder
		if err := FilterTrace(&out, strings.NewReader(printed), anyName); err != nil {
			t.Fatal(err)
		}
		rest, ok := strings.CutSuffix(out.String(), "\n\ngoroutine 1 [running]:\nmain.main(...)\n\tmain.go:1\n")
		if !ok {
			rest, ok = out.String(), strings.Contains(out.String(), "main.main(...)\n\tmain.go:1\n")
		}
		if !ok || strings.IndexFunc(rest, func(r rune) bool { return r >= utf8.RuneSelf }) >= 0 {
			t.Errorf("%q comes through as\n%s", text, &out)
		}
	})
}
