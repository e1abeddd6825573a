package session_test

import (
	"context"
	"fmt"

	"github.com/tapir-go/tapir/kernel/session"
	"github.com/tapir-go/tapir/kernel/symbols"
)

func Example() {
	s, err := session.New(session.Options{Screen: &screen{}, Table: symbols.Table()})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer s.Close()
	ctx := context.Background()

	s.Run(ctx, 1, "type Point struct{ X, Y int }\np := Point{1, 2}")
	r := s.Run(ctx, 2, "p.X + p.Y")
	fmt.Println(r.Value["text/plain"])

	r = s.Run(ctx, 3, "p.Z")
	fmt.Println(r.Failure.Text, "at line", r.Failure.Line)
	// Output:
	// 3
	// p.Z undefined (type Point has no field or method Z) at line 1
}
