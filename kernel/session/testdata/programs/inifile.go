// Settings in INI form: sections, includes of other values, typed access, and decoding into structs by reflection.

package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"strconv"
	"strings"
	"time"
)

const sample = `; main settings
title = "My \"App\""
debug = yes

[server]
host = example.org   # where
port = 8_080
timeout = 1m30s
tags = a, b , c
rate = 2.5
motd = first line \
  second line

[server.tls]
cert = ${paths.root}/cert.pem
min = 1.2

[paths]
root = /srv/${name}
name = ${title}-data
`

type file struct {
	sections []string
	values   map[string]map[string]string
}

type lineError struct {
	line int
	err  error
}

func (e lineError) Error() string { return "line " + strconv.Itoa(e.line) + ": " + e.err.Error() }
func (e lineError) Unwrap() error { return e.err }

var (
	errNoEquals  = errors.New("no = in it")
	errSection   = errors.New("section without ]")
	errDuplicate = errors.New("duplicate key")
	errCycle     = errors.New("refers to itself")
)

func read(r io.Reader) (*file, error) {
	f := &file{sections: []string{""}, values: map[string]map[string]string{"": {}}}
	section := ""
	in := bufio.NewScanner(r)
	var problems []error
	for number := 1; in.Scan(); number++ {
		line := in.Text()
		for strings.HasSuffix(line, `\`) && in.Scan() {
			line = strings.TrimSuffix(line, `\`) + strings.TrimLeft(in.Text(), " \t")
			number++
		}
		if err := f.add(&section, stripComment(line)); err != nil {
			problems = append(problems, lineError{number, err})
		}
	}
	return f, errors.Join(append(problems, in.Err())...)
}

func stripComment(line string) string {
	inQuotes := false
	for i, r := range line {
		switch {
		case r == '"':
			inQuotes = !inQuotes
		case (r == ';' || r == '#') && !inQuotes:
			return strings.TrimSpace(line[:i])
		}
	}
	return strings.TrimSpace(line)
}

func (f *file) add(section *string, line string) error {
	if line == "" {
		return nil
	}
	if line[0] == '[' {
		name, ok := strings.CutSuffix(line[1:], "]")
		if !ok {
			return errSection
		}
		if *section = name; f.values[name] == nil {
			f.values[name] = map[string]string{}
			f.sections = append(f.sections, name)
		}
		return nil
	}
	key, value, ok := strings.Cut(line, "=")
	if !ok {
		return fmt.Errorf("%q: %w", line, errNoEquals)
	}
	key, value = strings.TrimSpace(key), strings.TrimSpace(value)
	if value != "" && value[0] == '"' {
		var err error
		if value, err = strconv.Unquote(value); err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
	}
	if _, dup := f.values[*section][key]; dup {
		return fmt.Errorf("%s: %w", key, errDuplicate)
	}
	f.values[*section][key] = value
	return nil
}

// lookup finds a key in its section, then in the outer ones, and expands what stands in ${}.
func (f *file) lookup(section, key string, seen ...string) (string, error) {
	for s := section; ; {
		if v, ok := f.values[s][key]; ok {
			full := s + "." + key
			for _, name := range seen {
				if name == full {
					return "", fmt.Errorf("%s: %w", full, errCycle)
				}
			}
			var failed error
			out := os.Expand(v, func(ref string) string {
				in := s
				if dot := strings.LastIndexByte(ref, '.'); dot >= 0 {
					in, ref = ref[:dot], ref[dot+1:]
				}
				inner, err := f.lookup(in, ref, append(seen, full)...)
				failed = errors.Join(failed, err)
				return inner
			})
			return out, failed
		}
		if s == "" {
			return "", fmt.Errorf("no value for %s in [%s]", key, section)
		}
		s = s[:max(0, strings.LastIndexByte(s, '.'))]
	}
}

// decode fills the fields of a struct from the keys of their tags.
func (f *file) decode(section string, target any) error {
	v := reflect.ValueOf(target).Elem()
	var problems []error
	for i := range v.NumField() {
		field := v.Type().Field(i)
		name := field.Tag.Get("ini")
		if name == "" || name == "-" {
			continue
		}
		if field.Type.Kind() == reflect.Struct {
			inner := strings.TrimPrefix(section+"."+name, ".")
			problems = append(problems, f.decode(inner, v.Field(i).Addr().Interface()))
			continue
		}
		text, err := f.lookup(section, name)
		if err == nil {
			err = set(v.Field(i), text)
		}
		if err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", field.Name, err))
		}
	}
	return errors.Join(problems...)
}

func set(v reflect.Value, text string) error {
	if v.Type() == reflect.TypeFor[time.Duration]() {
		d, err := time.ParseDuration(text)
		v.SetInt(int64(d))
		return err
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Bool:
		v.SetBool(text == "yes" || text == "true")
	case reflect.Int, reflect.Int64:
		n, err := strconv.ParseInt(text, 0, 64)
		if err != nil {
			return err
		}
		v.SetInt(n)
	case reflect.Float64:
		x, err := strconv.ParseFloat(text, 64)
		v.SetFloat(x)
		return err
	case reflect.Slice:
		for part := range strings.SplitSeq(text, ",") {
			item := reflect.New(v.Type().Elem()).Elem()
			if err := set(item, strings.TrimSpace(part)); err != nil {
				return err
			}
			v.Set(reflect.Append(v, item))
		}
	default:
		return fmt.Errorf("cannot set %s", v.Type())
	}
	return nil
}

type settings struct {
	Title  string `ini:"title"`
	Debug  bool   `ini:"debug"`
	Server struct {
		Host    string        `ini:"host"`
		Port    int           `ini:"port"`
		Timeout time.Duration `ini:"timeout"`
		Tags    []string      `ini:"tags"`
		Rate    float64       `ini:"rate"`
		Motd    string        `ini:"motd"`
		TLS     struct {
			Cert string  `ini:"cert"`
			Min  float64 `ini:"min"`
			Host string  `ini:"host"` // comes from the section outside
		} `ini:"tls"`
	} `ini:"server"`
	Cache string `ini:"-"`
}

func main() {
	f, err := read(strings.NewReader(sample))
	fmt.Printf("%q %v\n", f.sections, err)
	var s settings
	err = f.decode("", &s)
	fmt.Printf("%+v\n%v\n", s, err)

	var wrong struct {
		Title int        `ini:"title"`
		Gone  string     `ini:"gone"`
		Debug complex128 `ini:"debug"`
	}
	fmt.Println(f.decode("", &wrong))
	var ports struct {
		Ports []int `ini:"ports"`
		Bad   []int `ini:"bad"`
	}
	lists, _ := read(strings.NewReader("ports = 1, 0x10,0b11\nbad=1,x"))
	err = lists.decode("", &ports)
	fmt.Println(ports.Ports, err, errors.Is(err, strconv.ErrSyntax))

	for _, text := range []string{"[open\na=1", "novalue", "a=1\na=2", `q = "unclosed`, "ok = 1 ; fine"} {
		_, err := read(strings.NewReader(text))
		var at lineError
		fmt.Println(errors.As(err, &at), at.line, err, errors.Is(err, errDuplicate))
	}
	loop, _ := read(strings.NewReader("[x]\na=${b}\nb=${c}\nc=${x.a}!\nd=$$"))
	_, err = loop.lookup("x", "a")
	fmt.Println(err, errors.Is(err, errCycle))
	fmt.Println(f.lookup("server.tls", "port"))
	fmt.Println(f.lookup("server.tls", "root"))
}
