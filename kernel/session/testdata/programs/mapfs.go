// File systems as values: one in memory, one that changes another, one that is laid over another.

package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"testing/fstest"
	"time"
)

// overlay looks into the upper file system first.
type overlay struct{ upper, lower fs.FS }

func (o overlay) Open(name string) (fs.File, error) {
	f, err := o.upper.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return o.lower.Open(name)
	}
	return f, err
}

// ReadDir joins the entries of both.
func (o overlay) ReadDir(name string) ([]fs.DirEntry, error) {
	merged := map[string]fs.DirEntry{}
	var failed []error
	for _, part := range []fs.FS{o.lower, o.upper} {
		entries, err := fs.ReadDir(part, name)
		if err != nil {
			failed = append(failed, err)
		}
		for _, e := range entries {
			merged[e.Name()] = e
		}
	}
	if len(failed) == 2 {
		return nil, failed[1]
	}
	return slices.SortedFunc(maps.Values(merged), func(a, b fs.DirEntry) int { return cmp.Compare(a.Name(), b.Name()) }), nil
}

// shouting makes the text of all files upper case.
type shouting struct{ fs.FS }

type shoutingFile struct{ fs.File }

func (s shouting) Open(name string) (fs.File, error) {
	f, err := s.FS.Open(name)
	if err != nil {
		return nil, fmt.Errorf("shouting: %w", err)
	}
	return shoutingFile{f}, nil
}

func (f shoutingFile) Read(p []byte) (int, error) {
	n, err := f.File.Read(p)
	copy(p, strings.ToUpper(string(p[:n])))
	return n, err
}

// single is a file system made by hand that holds one file.
type single struct{ name, text string }

type singleInfo struct{ single }

func (i singleInfo) Name() string       { return i.name }
func (i singleInfo) Size() int64        { return int64(len(i.text)) }
func (i singleInfo) Mode() fs.FileMode  { return 0o444 }
func (i singleInfo) ModTime() time.Time { return time.Unix(0, 0).UTC() }
func (i singleInfo) IsDir() bool        { return false }
func (i singleInfo) Sys() any           { return nil }

type singleFile struct {
	singleInfo
	*strings.Reader
	closed bool
}

func (f *singleFile) Stat() (fs.FileInfo, error) { return f.singleInfo, nil }
func (f *singleFile) Size() int64                { return f.Reader.Size() }
func (f *singleFile) Close() error {
	if f.closed {
		return &fs.PathError{Op: "close", Path: f.name, Err: fs.ErrClosed}
	}
	f.closed = true
	return nil
}

func (s single) Open(name string) (fs.File, error) {
	switch {
	case !fs.ValidPath(name):
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrInvalid}
	case name != s.name:
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return &singleFile{singleInfo{s}, strings.NewReader(s.text), false}, nil
}

func tree(fsys fs.FS) string {
	var b strings.Builder
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		depth := strings.Count(name, "/")
		fmt.Fprintf(&b, "%s%s", strings.Repeat(" ", depth), d.Name())
		if d.IsDir() {
			b.WriteByte('/')
		}
		if d.Name() == "private" {
			b.WriteString("...|")
			return fs.SkipDir
		}
		b.WriteByte('|')
		return nil
	})
	return fmt.Sprint(b.String(), " ", err)
}

// duplicates groups files of the same content.
func duplicates(fsys fs.FS) (groups [][]string) {
	byText := map[string][]string{}
	fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			text, _ := fs.ReadFile(fsys, name)
			byText[string(text)] = append(byText[string(text)], name)
		}
		return err
	})
	for _, names := range byText {
		if len(names) > 1 {
			groups = append(groups, names)
		}
	}
	slices.SortFunc(groups, slices.Compare[[]string])
	return groups
}

func main() {
	when := time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC)
	base := fstest.MapFS{
		"readme.md":           {Data: []byte("base readme")},
		"docs/a.txt":          {Data: []byte("alpha"), ModTime: when, Mode: 0o600},
		"docs/b.txt":          {Data: []byte("beta")},
		"docs/deep/c.txt":     {Data: []byte("alpha")},
		"private/key":         {Data: []byte("secret")},
		"docs/deep/empty.log": {},
	}
	patch := fstest.MapFS{"docs/b.txt": {Data: []byte("BETTER")}, "docs/new.txt": {Data: []byte("beta")}, "extra/x": {Data: []byte("x")}}
	both := overlay{patch, base}
	fmt.Println(tree(base))
	fmt.Println(tree(both))
	for _, name := range []string{"readme.md", "docs/b.txt", "docs/new.txt", "nothing", "/bad", "docs"} {
		text, err := fs.ReadFile(both, name)
		fmt.Println(string(text), err, errors.Is(err, fs.ErrNotExist))
	}
	info, err := fs.Stat(both, "docs/a.txt")
	fmt.Println(fs.FormatFileInfo(info), err)
	info, err = fs.Stat(both, "docs")
	fmt.Println(info.Name(), info.IsDir(), info.Mode(), err)
	found, err := fs.Glob(both, "docs/*.txt")
	fmt.Println(found, err)
	found, err = fs.Glob(base, "*/*/*.[a-m]*")
	fmt.Println(found, err)
	_, err = fs.Glob(base, "[")
	fmt.Println(err == path.ErrBadPattern, duplicates(base), duplicates(both))

	loud := shouting{both}
	text, err := fs.ReadFile(loud, "docs/a.txt")
	fmt.Println(string(text), err)
	_, err = fs.ReadFile(loud, "gone")
	fmt.Println(err, errors.Is(err, fs.ErrNotExist))
	sub, err := fs.Sub(base, "docs/deep")
	fmt.Println(tree(sub), err)
	_, err = fs.Sub(base, "../x")
	fmt.Println(err)

	var one fs.FS = single{"hello.txt", "hello there"}
	text, err = fs.ReadFile(one, "hello.txt")
	fmt.Println(string(text), err)
	f, _ := one.Open("hello.txt")
	seeker, ok := f.(io.Seeker)
	seeker.Seek(6, io.SeekStart)
	rest, _ := io.ReadAll(f)
	st, _ := f.Stat()
	fmt.Println(ok, string(rest), st.Name(), st.Size(), st.Mode(), f.Close(), f.Close())
	_, err = one.Open("../up")
	fmt.Println(err, errors.Is(err, fs.ErrInvalid))
	fmt.Println(fstest.TestFS(base, "readme.md", "docs/deep/c.txt"), fs.FileInfoToDirEntry(st))
	dir, _ := base.Open("docs")
	entries, err := dir.(fs.ReadDirFile).ReadDir(2)
	more, err2 := dir.(fs.ReadDirFile).ReadDir(5)
	_, err3 := dir.(fs.ReadDirFile).ReadDir(1)
	fmt.Println(entries, err, more, err2, err3)
	fmt.Println(path.Join("a", "../b", "/c"), path.Base("x/y.z"), path.Ext("x/y.z"), path.Dir("x/y"), path.Clean("a//b/./../c/"), path.IsAbs("/a"))
	for _, p := range []string{"a/b", "", ".", "/a", "a/../b", "a//b", `a\b`} {
		fmt.Print(fs.ValidPath(p), " ")
	}
	fmt.Println()
}
