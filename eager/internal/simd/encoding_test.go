package simd

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestWordsAreTheInstructionsTheySay holds what the generator encoded by hand against the disassembler of GNU binutils.
func TestWordsAreTheInstructionsTheySay(t *testing.T) {
	objdump, err := exec.LookPath("aarch64-linux-gnu-objdump")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip("needs binutils-aarch64-linux-gnu: ", err)
	}
	files, err := filepath.Glob("*_arm64.s")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	says := map[uint32]string{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`WORD \$0x(\w+) // (.*)`).FindAllStringSubmatch(string(text), -1) {
			w, err := strconv.ParseUint(m[1], 16, 32)
			if err != nil {
				t.Fatal(err)
			}
			says[uint32(w)] = m[2]
		}
	}
	words := slices.Sorted(maps.Keys(says))
	var code []byte
	for _, w := range words {
		code = append(code, byte(w), byte(w>>8), byte(w>>16), byte(w>>24))
	}
	bin := filepath.Join(t.TempDir(), "words")
	if err := os.WriteFile(bin, code, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(objdump, "-D", "-z", "-b", "binary", "-m", "aarch64", bin).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	lines := regexp.MustCompile(`(?m)^ +[0-9a-f]+:\t(\w{8}) \t(.*)$`).FindAllStringSubmatch(string(out), -1)
	if len(lines) != len(words) || len(words) == 0 {
		t.Fatalf("%d words came out as %d instructions:\n%s", len(words), len(lines), out)
	}
	for i, line := range lines {
		if got := strings.ReplaceAll(line[2], "\t", " "); got != says[words[i]] {
			t.Errorf("%#08x is %q, not %q", words[i], got, says[words[i]])
		}
	}
	t.Logf("%d different words", len(words))
}
