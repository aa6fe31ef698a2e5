package deploy

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// stages splits the Dockerfile at its FROM lines.
func stages(t *testing.T) []string {
	t.Helper()
	return regexp.MustCompile(`(?m)^FROM `).Split(string(file(t, "docker/Dockerfile")), -1)[1:]
}

func TestTheImageHoldsOneStaticProgramAndNobodyElse(t *testing.T) {
	all := stages(t)
	last := all[len(all)-1]
	if !strings.HasPrefix(last, "scratch\n") {
		t.Errorf("the image starts from %.40q", last)
	}
	if !regexp.MustCompile(`(?m)^USER [1-9]\d*:[1-9]\d*$`).MatchString(last) {
		t.Error("the image runs as root")
	}
	if strings.Contains(last, "RUN") || strings.Contains(last, "ADD") {
		t.Error("the last stage does more than copy")
	}
	if !strings.Contains(all[0], "CGO_ENABLED=0") {
		t.Error("the programs are not static")
	}
}

// What is copied and built must be there, also for the ignore file.
func TestTheImageIsBuiltFromWhatThereIs(t *testing.T) {
	build := stages(t)[0]
	ignored := string(file(t, "docker/Dockerfile.dockerignore"))
	for _, m := range regexp.MustCompile(`(?m)^COPY ((?:\S+ )+)\S+$`).FindAllStringSubmatch(build, -1) {
		for source := range strings.FieldsSeq(m[1]) {
			if _, err := os.Stat(filepath.Join("..", source)); err != nil {
				t.Errorf("the image copies %s, which is not there", source)
			}
			if !strings.Contains(ignored, "\n!"+strings.TrimPrefix(source, "./")+"\n") {
				t.Errorf("the ignore file leaves out %s, which the image copies", source)
			}
		}
	}
	built := regexp.MustCompile(`go build .* (\./\S+)`).FindAllStringSubmatch(build, -1)
	if len(built) != 2 {
		t.Fatalf("%d programs are built, want 2", len(built))
	}
	for _, m := range built {
		list := exec.Command("go", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", m[1])
		list.Dir = ".."
		out, err := list.CombinedOutput()
		if err != nil {
			t.Errorf("%s cannot be built: %s", m[1], out)
		}
		// Every package of ours that the program needs is copied.
		for dep := range strings.FieldsSeq(string(out)) {
			path, own := strings.CutPrefix(dep, "github.com/doxtrail/doxtrail/")
			if top, _, _ := strings.Cut(path, "/"); own && !strings.Contains(build, "COPY "+top) && path != "deploy/secrets" {
				t.Errorf("%s needs %s, which the image does not copy", m[1], path)
			}
		}
	}
}
