package rl

import (
	"fmt"
	"image"
	"strings"

	"github.com/tapir-go/tapir/eager"
)

// GridWorld is an own environment: a walker on a map of fields, with walls, goals and pits. The map of
// Make("Tapir/GridWorld-v0") is that of Russell and Norvig (Artificial Intelligence, chapter 17), as are its rules: a move
// goes where it shall with a chance of 0.8 and to either side of it with 0.1 each; where a wall is, the walker stays.
//
//	observation  the number of the field, counted along the rows
//	action       0 up, 1 right, 2 down, 3 left
//	reward       Living for every step, Goal or Pit besides for the step that gets there
//	start        one of the fields S, each as likely
//	end          terminated on a goal G or in a pit P
type GridWorld struct {
	Map    []string // its rows, of one length: S start, G goal, P pit, # wall, . free
	Living float64  // reward of every step, -0.04 at first
	Goal   float64  // 1 at first
	Pit    float64  // -1 at first
	Slip   float64  // chance to go to the left of where it shall, and as much for the right: 0 to 0.5; 0.1 at first

	random         *Generator
	begun, over    bool
	row, column    int
	starts         [][2]int
	observed, acts Space
}

// NewGridWorld is the environment of a map. One without rows or without S, with rows of different lengths or with another
// letter is an error.
func NewGridWorld(rows []string) *GridWorld {
	fail := func(format string, values ...any) {
		panic(&eager.Error{Op: "NewGridWorld", Text: fmt.Sprintf(format, values...)})
	}
	if len(rows) == 0 || rows[0] == "" {
		fail("the map has no fields")
	}
	g := &GridWorld{Map: append([]string(nil), rows...), Living: -0.04, Goal: 1, Pit: -1, Slip: 0.1, acts: NewDiscrete(4)}
	for r, row := range rows {
		if len(row) != len(rows[0]) {
			fail("row %d has %d fields, row 0 has %d: wants rows of one length", r, len(row), len(rows[0]))
		}
		for c, letter := range []byte(row) {
			if !strings.ContainsRune("SGP#.", rune(letter)) {
				fail("row %d has %q: wants S, G, P, # and . only", r, letter)
			}
			if letter == 'S' {
				g.starts = append(g.starts, [2]int{r, c})
			}
		}
	}
	if g.starts == nil {
		fail("the map has no start: wants an S")
	}
	g.observed = NewDiscrete(len(rows) * len(rows[0]))
	return g
}

// RussellNorvig is the map of 4x3 fields in Artificial Intelligence, figure 17.1.
func RussellNorvig() []string { return []string{"...G", ".#.P", "S..."} }

// Reset puts the walker on a start.
func (g *GridWorld) Reset(seed int) ([]float32, Info) {
	g.random = reseed(g.random, seed)
	start := g.starts[g.random.Intn(len(g.starts))]
	g.row, g.column, g.begun, g.over = start[0], start[1], true, false
	return g.observe(), nil
}

// Step is a move. An action other than 0 to 3, or a Step before the first Reset, is an error. After the end nothing moves
// and nothing is paid.
func (g *GridWorld) Step(action []float32) ([]float32, float64, bool, bool, Info) {
	checkStep("GridWorld.Step", g.begun, g.acts, action)
	if g.over {
		return g.observe(), 0, true, false, nil
	}
	turn := []int{0, 1, 3}[g.random.Choose([]float64{1 - 2*g.Slip, g.Slip, g.Slip})] // quarters, to the right
	g.row, g.column = g.move(g.row, g.column, (int(action[0])+turn)%4)
	reward := g.Living
	switch g.Map[g.row][g.column] {
	case 'G':
		reward, g.over = reward+g.Goal, true
	case 'P':
		reward, g.over = reward+g.Pit, true
	}
	return g.observe(), reward, g.over, false, nil
}

// move is where a move leads that does not slip.
func (g *GridWorld) move(row, column, way int) (int, int) {
	r, c := row+[]int{-1, 0, 1, 0}[way], column+[]int{0, 1, 0, -1}[way]
	if r < 0 || r >= len(g.Map) || c < 0 || c >= len(g.Map[0]) || g.Map[r][c] == '#' {
		return row, column
	}
	return r, c
}

func (g *GridWorld) observe() []float32 { return Action(g.row*len(g.Map[0]) + g.column) }

// ObservationSpace is Discrete of the number of fields.
func (g *GridWorld) ObservationSpace() Space { return g.observed }

// ActionSpace is Discrete(4).
func (g *GridWorld) ActionSpace() Space { return g.acts }

// Text is the map with a W where the walker is.
func (g *GridWorld) Text() string {
	var out strings.Builder
	for r, row := range g.Map {
		if letters := []byte(row); r == g.row && g.begun {
			letters[g.column] = 'W'
			row = string(letters)
		}
		out.WriteString(row + "\n")
	}
	return out.String()
}

// Render draws the fields, at most 64 pixels each: walls dark, goals green, pits blue, the walker red.
func (g *GridWorld) Render() image.Image {
	tile := min(64, max(8, 512/max(len(g.Map), len(g.Map[0]))))
	picture, size := newCanvas(len(g.Map[0])*tile, len(g.Map)*tile), float64(tile)
	for r, row := range g.Map {
		for c, letter := range row {
			x, y := float64(c)*size, float64(r)*size
			picture.rectangle(shoreGrey, x, y, x+size, y+size)
			ink := white
			switch letter {
			case '#':
				ink = black
			case 'G':
				ink = goalGreen
			case 'P':
				ink = holeBlue
			}
			picture.rectangle(ink, x+1, y+1, x+size-1, y+size-1)
		}
	}
	if g.begun {
		picture.disc(walkerRed, (float64(g.column)+0.5)*size, (float64(g.row)+0.5)*size, size*0.3)
	}
	return picture.RGBA
}
