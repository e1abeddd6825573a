// Files in a directory of their own: written, appended, renamed, walked, matched, and taken away again.

package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// inside runs in a fresh directory that is removed afterwards; paths are shown without its name.
func inside(f func(dir string) error) (err error) {
	dir, err := os.MkdirTemp("", "programs-*")
	if err != nil {
		return err
	}
	defer func() {
		err = errors.Join(err, os.RemoveAll(dir))
		if _, gone := os.Stat(dir); !errors.Is(gone, fs.ErrNotExist) {
			err = errors.Join(err, errors.New("still there"))
		}
	}()
	return f(dir)
}

// replace writes a file as a whole or not at all.
func replace(name string, write func(io.Writer) error) (err error) {
	tmp, err := os.CreateTemp(filepath.Dir(name), ".new-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			tmp.Close()
			os.Remove(tmp.Name())
		}
	}()
	w := bufio.NewWriter(tmp)
	if err = write(w); err != nil {
		return err
	}
	if err = w.Flush(); err != nil {
		return err
	}
	if err = tmp.Close(); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), name)
}

func sizes(root string) (total int64, lines []string, err error) {
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(root, path)
		if d.IsDir() {
			if d.Name() == "skip" {
				return filepath.SkipDir
			}
			lines = append(lines, filepath.ToSlash(rel)+"/")
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		total += info.Size()
		lines = append(lines, fmt.Sprintf("%s:%d", filepath.ToSlash(rel), info.Size()))
		return nil
	})
	return
}

func hide(err error, dir string) string {
	if err == nil {
		return "fine"
	}
	return strings.ReplaceAll(err.Error(), dir, "DIR")
}

func work(dir string) error {
	in := func(parts ...string) string { return filepath.Join(append([]string{dir}, parts...)...) }
	if err := os.MkdirAll(in("a", "b", "skip"), 0o755); err != nil {
		return err
	}
	for name, text := range map[string]string{"a/one.txt": "1\n", "a/b/two.txt": "two\n", "a/b/skip/hidden.txt": "x", "three.md": "# three", "empty": ""} {
		if err := os.WriteFile(in(filepath.FromSlash(name)), []byte(text), 0o600); err != nil {
			return err
		}
	}
	fmt.Println(sizes(dir))
	text, err := os.ReadFile(in("a", "one.txt"))
	fmt.Printf("%q %v\n", text, err)
	_, err = os.ReadFile(in("none"))
	fmt.Println(hide(err, dir), errors.Is(err, os.ErrNotExist))
	_, err = os.OpenFile(in("empty"), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	fmt.Println(hide(err, dir), errors.Is(err, fs.ErrExist))
	fmt.Println(hide(os.Remove(in("a")), dir) != "fine", hide(os.Mkdir(in("a"), 0o755), dir))

	f, err := os.OpenFile(in("log"), os.O_APPEND|os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return err
	}
	for i := range 3 {
		fmt.Fprintf(f, "line %d\n", i)
	}
	at, _ := f.Seek(5, io.SeekStart)
	buf := make([]byte, 4)
	n, err := f.Read(buf)
	fmt.Printf("%d %d %q %v ", at, n, buf, err)
	n, err = f.ReadAt(buf, 19)
	fmt.Printf("%d %q %v\n", n, buf[:n], err)
	f.WriteString("end")
	f.Chmod(0o640)
	info, err := f.Stat()
	fmt.Println(info.Name(), info.Size(), info.IsDir(), info.Mode().Perm(), info.Mode().IsRegular(), err)
	fmt.Println(f.Truncate(7), f.Close(), hide(f.Close(), dir))
	_, err = f.Write([]byte("late"))
	fmt.Println(errors.Is(err, os.ErrClosed))
	text, _ = os.ReadFile(in("log"))
	fmt.Printf("%q\n", text)

	err = replace(in("three.md"), func(w io.Writer) error { _, err := io.WriteString(w, "# new"); return err })
	text, _ = os.ReadFile(in("three.md"))
	fmt.Println(err, string(text))
	err = replace(in("three.md"), func(w io.Writer) error { io.WriteString(w, "half"); return errors.New("power cut") })
	text, _ = os.ReadFile(in("three.md"))
	fmt.Println(err, string(text))
	entries, err := os.ReadDir(dir)
	var names []string
	for _, e := range entries {
		names = append(names, fmt.Sprint(e.Name(), e.IsDir()))
	}
	fmt.Println(names, err)

	matches, err := filepath.Glob(in("a", "*", "*.txt"))
	for i := range matches {
		matches[i], _ = filepath.Rel(dir, matches[i])
	}
	fmt.Println(matches, err)
	fmt.Println(os.Rename(in("log"), in("a", "moved")), hide(os.Rename(in("log"), in("x")), dir))
	fmt.Println(os.Symlink("moved", in("a", "link")))
	to, err := os.Readlink(in("a", "link"))
	linfo, _ := os.Lstat(in("a", "link"))
	fmt.Println(to, err, linfo.Mode()&fs.ModeSymlink != 0)

	tree := os.DirFS(dir)
	text, err = fs.ReadFile(tree, "a/b/two.txt")
	fmt.Printf("%q %v %v\n", text, err, fs.ValidPath("../x"))
	_, err = tree.Open("../escape")
	fmt.Println(err)
	sub, _ := fs.Sub(tree, "a")
	found, err := fs.Glob(sub, "*/*.txt")
	fmt.Println(found, err)
	root, err := os.OpenRoot(in("a"))
	if err != nil {
		return err
	}
	defer root.Close()
	_, err = root.Open("../three.md")
	fmt.Println(err)
	return nil
}

func main() {
	fmt.Println(inside(work))
	fmt.Println(inside(func(string) error { return errors.New("own failure") }))
	for _, p := range []string{"a/b/../c.txt", "/x//y/.", "", "no.ext/file", "a.tar.gz", "../up"} {
		fmt.Print(filepath.Clean(p), " ", filepath.Dir(p), " ", filepath.Base(p), " ", filepath.Ext(p), " ", filepath.IsAbs(p), "; ")
	}
	fmt.Println()
	dir, file := filepath.Split("/home/ann/notes.txt")
	rel, err := filepath.Rel("/a/b/c", "/a/d/e")
	fmt.Println(dir, file, rel, err, filepath.Join("a", "", "../b", "/c"), filepath.SplitList("/x:/y"))
	for _, m := range [][2]string{{"*.go", "main.go"}, {"[a-c]?", "b1"}, {"*", "a/b"}, {"[", "x"}, {"\\*", "*"}} {
		ok, err := filepath.Match(m[0], m[1])
		fmt.Print(ok, " ", err, "; ")
	}
	fmt.Println()
	os.Setenv("PROGRAM_GREETING", "hi")
	v, ok := os.LookupEnv("PROGRAM_NOTHING")
	fmt.Printf("%s %q %t %s %t\n", os.Getenv("PROGRAM_GREETING"), v, ok, os.ExpandEnv("$PROGRAM_GREETING-${PROGRAM_NOTHING}!"), slices.Contains(os.Environ(), "PROGRAM_GREETING=hi"))
	os.Unsetenv("PROGRAM_GREETING")
	fmt.Println(os.Getenv("PROGRAM_GREETING") == "", fs.FileMode(0o755), fs.ModeDir|0o700)
}
