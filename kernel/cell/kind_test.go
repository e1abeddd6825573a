package cell

import "testing"

func TestTypesAreSpacedAsTheRuntimeWritesThem(t *testing.T) {
	for have, want := range map[string]string{
		"main.T":                                     "main.T",
		"interface{}":                                "interface {}",
		"map[string]struct{}":                        "map[string]struct {}",
		"main.Pair[int, func(a, b) bool]":            "main.Pair[int,func(a, b) bool]",
		"struct{X int; Y struct{Z []main.T}}":        "struct { X int; Y struct { Z []main.T } }",
		"interface{Area(a, b float64) (c, d error)}": "interface { Area(a, b float64) (c, d error) }",
	} {
		if got := spaced(have); got != want {
			t.Errorf("%s becomes %s, want %s", have, got, want)
		}
	}
}
