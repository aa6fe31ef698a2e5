package privacy

import (
	"bufio"
	"fmt"
	"io"
	"regexp"
	"runtime/debug"
	"strings"
)

// Stack is the stack of the calling goroutine: functions and lines of code, without
// arguments, which can be numbers of accounts.
func Stack() string {
	var b strings.Builder
	anything := func(string) bool { return true }                           // the runtime alone wrote it
	_ = FilterTrace(&b, strings.NewReader(string(debug.Stack())), anything) // neither fails
	return b.String()
}

// FilterTrace copies what the Go runtime prints when a program dies, without
// whatever may quote what the program worked on: texts of panics, which hold what a
// library saw fit to put in, arguments of functions, registers and addresses, labels of
// goroutines, and what others print to the same place. What stays is where it happened:
// goroutines, functions, lines of code, signals, and texts that are the runtime's own.
// How many lines are missing is said at the end. It returns when r ends, with the error
// of reading or writing, and holds nothing back meanwhile: it may be killed.
//
// A line of a panic's text cannot pass for one of a stack, because the runtime indents
// all but the first by a tab. Logs of libraries do not, so a function and the file of
// its code are shown only if ours, which [ProgramNames] gives, says that the program
// has one of that name.
func FilterTrace(w io.Writer, r io.Reader, ours func(name string) bool) error {
	f := traceFilter{to: bufio.NewWriter(w), ours: ours}
	lines := bufio.NewReaderSize(r, longestTraceLine)
	for {
		line, tooLong, err := lines.ReadLine()
		if err == io.EOF {
			f.dropFunction()
			if f.left > 0 {
				fmt.Fprintf(f.to, "(%d more lines are not shown: they may quote what was read)\n", f.left)
			}
			return f.to.Flush()
		}
		if err != nil {
			return fmt.Errorf("read trace: %w", err)
		}
		f.line(string(line), tooLong)
		if lines.Buffered() == 0 {
			if err := f.to.Flush(); err != nil {
				return err
			}
		}
	}
}

// longestTraceLine bounds a line; the runtime's are shorter.
const longestTraceLine = 4 << 10

// traceFilter is what a line means after those before it.
type traceFilter struct {
	to   *bufio.Writer
	ours func(name string) bool
	// function waits for its line of code.
	function string
	// cut is inside a line that was too long.
	cut  bool
	left int
}

// Shapes of lines. What varies in them is a number or a name in a program's source. The
// race detector writes two spaces before functions and six before lines of code.
var (
	goroutineLine = regexp.MustCompile(`^(goroutine \d+)(?: gp=\S+ m=\S+(?: mp=\S+)?)? (\[(?:` + goroutineStates + `)(?: \((?:leaked|scan|durable)\))*(?:, \d+ minutes)?(?:, locked to thread)?)` +
		`(?:, synctest bubble \d+)?(?: labels:\{.*\})?\]:$`)
	functionLine = regexp.MustCompile(`^(  |created by )?([\w./~%*()\[\]{}·,\-]+?)(?:\([0-9a-fx{}, ?_.]*\)|( in goroutine \d+))$`)
	codeLine     = regexp.MustCompile(`^(\t| {6})([^\s:]+\.(?:go|s))(:\d+)(?: .*)?$`)
	signalLine   = regexp.MustCompile(`^((?:\[signal )?(?:` + signals + `))(?: code=\S+ addr=\S+ pc=0x[0-9a-f]+)?(\])?$`)
	wholeLine    = regexp.MustCompile(`^(?:` + strings.Join([]string{
		`|\.\.\.(?:\d+|additional) frames elided\.\.\.`,
		`panic: (?:` + runtimePanics + `)(?: \[recovered(?:, re(?:panicked|raised))?\])?`,
		`fatal error: (?:` + runtimeFaults + `)`,
		`={18}|WARNING: DATA RACE`,
		`(?:Previous )?(?:atomic )?(?:[rR]ead|[wW]rite) at 0x[0-9a-f]+ by (?:main goroutine|goroutine \d+):`,
		`Goroutine \d+ \((?:running|finished)\) created at:`,
	}, "|") + `)$`)
)

// Texts of the runtime that hold nothing but small numbers: an index can be the number
// of an account.
const (
	runtimePanics = `runtime error: index out of range \[` + small + `\](?: with length ` + small + `)?|` +
		`runtime error: slice bounds out of range \[:{0,2}` + small + `(?::(?:` + small + `:?)?)?\](?: with (?:length|capacity) ` + small + `)?|` +
		`runtime error: invalid memory address or nil pointer dereference|runtime error: integer divide by zero|` +
		`assignment to entry in nil map|(?:close of|send on) closed channel|close of nil channel|sync: negative WaitGroup counter`
	small         = `-?\d{1,5}`
	runtimeFaults = `all goroutines are asleep - deadlock!|concurrent map (?:writes|read and map write|iteration and map write)|` +
		`unexpected signal during runtime execution|stack overflow|(?:runtime: )?out of memory|sync: unlock of unlocked mutex`
	goroutineStates = `idle|runnable|running|syscall|waiting|dead|copystack|preempted|IO wait|panicwait|sleep|coroutine|semacquire|` +
		`chan (?:receive|send)(?: \(nil chan\))?|select(?: \(no cases\))?|sync\.(?:Cond|WaitGroup)\.Wait|sync\.(?:RW)?Mutex\.R?Lock|` +
		`(?:finalizer|cleanup) wait|(?:force gc|GC worker|GOMAXPROCS updater) \(idle\)|GC worker \(active\)|` +
		`GC (?:assist marking|(?:assist|sweep|scavenge|weak to strong) wait|mark termination)|garbage collection(?: scan)?|` +
		`wait for GC cycle|stopping the world|trace reader \(blocked\)|debug call|synctest\.(?:Run|Wait)`
	signals = `SIGABRT: abort|SIGBUS: bus error|SIGFPE: floating-point exception|SIGILL: illegal instruction|SIGQUIT: quit|` +
		`SIGSEGV: segmentation violation|SIGSTKFLT: stack fault|SIGSYS: bad system call|SIGTRAP: trace trap`
)

func (f *traceFilter) line(line string, tooLong bool) {
	if f.cut || tooLong {
		if !f.cut {
			f.left++
		}
		f.cut = tooLong
		return
	}
	if m := codeLine.FindStringSubmatch(line); m != nil && f.function != "" && f.ours(m[2]) {
		fmt.Fprintf(f.to, "%s\n%s%s%s\n", f.function, m[1], m[2], m[3])
		f.function = ""
		return
	}
	f.dropFunction()
	if m := functionLine.FindStringSubmatch(line); m != nil && f.ours(m[2]) {
		f.function = m[1] + m[2] + m[3]
		if m[3] == "" {
			f.function += "(...)"
		}
		return
	}
	f.alone(line)
}

// alone is a line that means something by itself, or nothing.
func (f *traceFilter) alone(line string) {
	if m := goroutineLine.FindStringSubmatch(line); m != nil {
		fmt.Fprintf(f.to, "%s %s]:\n", m[1], m[2])
		return
	}
	if m := signalLine.FindStringSubmatch(line); m != nil {
		fmt.Fprintf(f.to, "%s%s\n", m[1], m[2]) // an address may be made of a text
		return
	}
	if wholeLine.MatchString(line) {
		fmt.Fprintln(f.to, line)
		return
	}
	for _, kind := range []string{"panic: ", "fatal error: "} {
		if strings.HasPrefix(line, kind) {
			fmt.Fprintln(f.to, kind+redacted)
			return
		}
	}
	f.left++
}

// dropFunction counts a line that looked like a function and had no code below it.
func (f *traceFilter) dropFunction() {
	if f.function != "" {
		f.left++
	}
	f.function = ""
}
