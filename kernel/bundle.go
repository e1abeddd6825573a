package kernel

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tapir-go/tapir/kernel/wire"
)

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// isMIME says whether the protocol's schema takes s for a key of a bundle: a type and a subtype without parameters.
func isMIME(s string) bool {
	kind, sub, found := strings.Cut(s, "/")
	odd := func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("_-+.", r))
	}
	return found && kind != "" && sub != "" && !strings.ContainsFunc(kind, odd) && !strings.ContainsFunc(sub, odd)
}

// appendBundle appends a MIME bundle as a JSON object. Text is a string; bytes are a string where the type is text, and base64 where it is
// not; JSON types may hold anything that encoding/json takes. A key that is no MIME type is left out, and a value that has no
// JSON form becomes a line that says so, since half a bundle shows more than none.
func appendBundle(b []byte, bundle map[string]any) []byte {
	b = append(b, '{')
	first := true
	for _, key := range sortedKeys(bundle) {
		if !isMIME(key) {
			continue
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		b = append(wire.AppendString(b, key), ':')
		b = appendValue(b, key, bundle[key])
	}
	return append(b, '}')
}

func appendValue(b []byte, key string, value any) []byte {
	isJSON := key == "application/json" || strings.HasSuffix(key, "+json")
	switch v := value.(type) {
	case string:
		return wire.AppendString(b, v)
	case []byte:
		switch {
		case isJSON && json.Valid(v):
			return append(b, v...)
		case isJSON, strings.HasPrefix(key, "text/"), strings.HasSuffix(key, "+xml"), strings.HasSuffix(key, "/javascript"):
			return wire.AppendString(b, v)
		}
		b = append(b, '"')
		b = base64.StdEncoding.AppendEncode(b, v)
		return append(b, '"')
	}
	data, err := json.Marshal(value)
	if err != nil {
		return wire.AppendString(b, fmt.Sprintf("%T has no form as %s: %v", value, key, err))
	}
	return append(b, data...)
}
