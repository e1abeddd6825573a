// A text adventure driven by a script: commands, rooms, things, and rules written as data and functions.

package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

type direction string

var opposite = map[direction]direction{"north": "south", "south": "north", "east": "west", "west": "east", "up": "down", "down": "up"}

type room struct {
	name, text string
	exits      map[direction]*room
	things     []*thing
	dark       bool
	enter      func(g *game) string
}

type thing struct {
	name    string
	weight  int
	fixed   bool
	inside  []*thing
	open    bool
	locked  bool
	actions map[string]func(g *game, t *thing) string
}

func (t *thing) String() string {
	if t.open && len(t.inside) > 0 {
		return t.name + " (holding " + list(t.inside) + ")"
	}
	return t.name
}

type game struct {
	here    *room
	bag     []*thing
	turns   int
	score   int
	over    bool
	visited map[*room]int
	verbs   map[string]verb
	out     strings.Builder
}

type verb struct {
	usage string
	run   func(g *game, object string) (string, error)
}

// refusal is what the player did wrong; it costs no turn.
type refusal string

func (r refusal) Error() string { return string(r) }

func refuse(format string, args ...any) error { return refusal(fmt.Sprintf(format, args...)) }

func list(things []*thing) string {
	names := make([]string, len(things))
	for i, t := range things {
		names[i] = t.String()
	}
	slices.Sort(names)
	switch n := len(names); n {
	case 0:
		return "nothing"
	case 1:
		return names[0]
	default:
		return strings.Join(names[:n-1], ", ") + " and " + names[n-1]
	}
}

func connect(a *room, d direction, b *room) {
	for _, end := range []struct {
		from, to *room
		d        direction
	}{{a, b, d}, {b, a, opposite[d]}} {
		if end.from.exits == nil {
			end.from.exits = map[direction]*room{}
		}
		end.from.exits[end.d] = end.to
	}
}

func (g *game) carries(name string) bool {
	return slices.ContainsFunc(g.bag, func(t *thing) bool { return t.name == name })
}

// find looks in the bag, in the room, and in what stands open; where is the slice that holds the thing.
func (g *game) find(name string) (t *thing, where *[]*thing) {
	var look func(in *[]*thing) bool
	look = func(in *[]*thing) bool {
		for _, o := range *in {
			if o.name == name {
				t, where = o, in
				return true
			}
			if o.open && look(&o.inside) {
				return true
			}
		}
		return false
	}
	_ = look(&g.bag) || look(&g.here.things)
	return
}

func (g *game) lit() bool { return !g.here.dark || g.carries("lamp") }

func (g *game) describe() string {
	if !g.lit() {
		return "It is too dark to see."
	}
	var ways []string
	for d := range g.here.exits {
		ways = append(ways, string(d))
	}
	slices.Sort(ways)
	return fmt.Sprintf("%s: %s Here: %s. Ways: %s.", g.here.name, g.here.text, list(g.here.things), strings.Join(ways, " "))
}

func (g *game) move(d direction) (string, error) {
	next, ok := g.here.exits[d]
	if !ok {
		return "", refuse("There is no way %s.", d)
	}
	g.here = next
	g.visited[next]++
	text := g.describe()
	if g.visited[next] > 1 && g.lit() {
		text = next.name + "."
	}
	if next.enter != nil {
		text += next.enter(g)
	}
	return text, nil
}

func take(g *game, name string) (string, error) {
	t, where := g.find(name)
	switch {
	case t == nil || !g.lit():
		return "", refuse("You see no %s.", cmp.Or(name, "thing"))
	case where == &g.bag:
		return "", refuse("You have it.")
	case t.fixed:
		return "", refuse("The %s does not move.", name)
	}
	load := t.weight
	for _, b := range g.bag {
		load += b.weight
	}
	if load > 10 {
		return "", refuse("Too heavy: %d of 10.", load)
	}
	*where = slices.DeleteFunc(*where, func(o *thing) bool { return o == t })
	g.bag = append(g.bag, t)
	return "Taken.", nil
}

func newGame() *game {
	hall := &room{name: "Hall", text: "A cold hall."}
	cellar := &room{name: "Cellar", text: "It smells of wine.", dark: true}
	garden := &room{name: "Garden", text: "Roses everywhere."}
	connect(hall, "down", cellar)
	connect(hall, "east", garden)
	key := &thing{name: "key", weight: 1}
	crown := &thing{name: "crown", weight: 5}
	chest := &thing{name: "chest", fixed: true, locked: true, inside: []*thing{crown}}
	chest.actions = map[string]func(*game, *thing) string{"open": func(g *game, t *thing) string {
		switch {
		case t.locked && !g.carries("key"):
			return "It is locked."
		case t.open:
			return "It is open."
		}
		t.locked, t.open = false, true
		g.score += 10
		return "Inside is " + list(t.inside) + "."
	}}
	lamp := &thing{name: "lamp", weight: 2, actions: map[string]func(*game, *thing) string{"rub": func(g *game, _ *thing) string { return fmt.Sprintf("A spirit yawns for the %d. time.", g.turns) }}}
	hall.things = []*thing{lamp, {name: "anvil", weight: 9}}
	cellar.things = []*thing{chest}
	garden.things = []*thing{key, {name: "rose", weight: 0}}
	garden.enter = func(g *game) string {
		if g.carries("crown") {
			g.over = true
			g.score += 50
			return " The people cheer: you are crowned!"
		}
		return ""
	}
	g := &game{here: hall, visited: map[*room]int{hall: 1}}
	g.verbs = map[string]verb{
		"go":   {"go WAY", func(g *game, o string) (string, error) { return g.move(direction(o)) }},
		"take": {"take THING", take},
		"look": {"look", func(g *game, _ string) (string, error) { return g.describe(), nil }},
		"bag":  {"bag", func(g *game, _ string) (string, error) { return "You carry " + list(g.bag) + ".", nil }},
		"drop": {"drop THING", func(g *game, o string) (string, error) {
			t, where := g.find(o)
			if t == nil || where != &g.bag {
				return "", refuse("You do not have the %s.", o)
			}
			g.bag = slices.DeleteFunc(g.bag, func(b *thing) bool { return b == t })
			g.here.things = append(g.here.things, t)
			return "Dropped.", nil
		}},
	}
	return g
}

func (g *game) command(line string) {
	words := strings.Fields(strings.ToLower(line))
	words = slices.DeleteFunc(words, func(w string) bool { return w == "the" || w == "a" })
	if len(words) == 0 {
		return
	}
	name, object := words[0], strings.Join(words[1:], " ")
	if _, isWay := opposite[direction(name)]; isWay {
		name, object = "go", name
	}
	var text string
	var err error
	if v, ok := g.verbs[name]; ok {
		text, err = v.run(g, object)
	} else if t, _ := g.find(object); t != nil && g.lit() && t.actions[name] != nil {
		text = t.actions[name](g, t)
	} else {
		err = refuse("I do not know how to %s.", strings.Join(words, " "))
	}
	if _, refused := err.(refusal); refused {
		text = err.Error()
	} else {
		g.turns++
	}
	fmt.Printf("> %s\n%s\n", line, text)
}

func main() {
	g := newGame()
	for line := range strings.SplitSeq("look,take the anvil,take lamp,dance,take chest,down,look,up,drop anvil,drop anvil,take lamp,east,take key,rub lamp,west,down,open chest,take chest,take crown,look,bag,rub lamp,up,east,look", ",") {
		if g.over {
			break
		}
		g.command(line)
	}
	fmt.Println(g.turns, "turns,", g.score, "points, over:", g.over, len(g.visited), g.visited[g.here])
}
