package rl

import (
	"fmt"
	"image"
	"image/color"
	"strings"
)

// Taxi is Gymnasium's Taxi-v4 without its limit of 200 steps (Make puts that on): fetch a passenger and drive to the
// destination (Dietterich 2000). Make("Taxi-v4") counts as solved at a mean of 8 (the best there is: 8.46).
//
//	observation  ((row · 5 + column) · 5 + passenger) · 4 + destination; see Decode
//	action       0 south, 1 north, 2 east, 3 west, 4 pick up, 5 drop off; into a wall stays where it is
//	reward       -1 for every step, -10 for picking up or dropping off where that cannot be, 20 for the destination
//	end          terminated when the passenger is at the destination
//
// Info has "prob", the chance of what happened, and "action_mask", a []bool: which actions change anything.
type Taxi struct {
	random      *Generator
	rainy       bool
	state       int
	last        int // the last action, -1 after Reset
	begun       bool
	starts      []float64 // the chance of each state to be the start
	observation *Discrete
	action      *Discrete
}

var (
	taxiMap   = []string{"+---------+", "|R: | : :G|", "| : | : : |", "| : : : : |", "| | : | : |", "|Y| : |B: |", "+---------+"}
	taxiStops = [4][2]int{{0, 0}, {0, 4}, {4, 0}, {4, 3}} // row and column of R, G, Y, B
	taxiMoves = [4][2]int{{1, 0}, {-1, 0}, {0, 1}, {0, -1}}
	// taxiSides are the directions to the left and right of each direction.
	taxiSides = [4][2]int{{2, 3}, {3, 2}, {1, 0}, {0, 1}}
)

const taxiAboard = 4 // the passenger is in the taxi

var taxiStraight = 0.8 // the chance not to slip in the rain; a variable, so that sums are rounded as in Python

// NewTaxi is the environment; rainy makes one of five moves slip to a side, half of them to each.
func NewTaxi(rainy bool) *Taxi {
	t := &Taxi{rainy: rainy, starts: make([]float64, 500), observation: NewDiscrete(500), action: NewDiscrete(6)}
	for state := range t.starts {
		if _, _, passenger, destination := t.Decode(state); passenger != taxiAboard && passenger != destination {
			t.starts[state] = 1.0 / 300
		}
	}
	return t
}

// Decode takes a state apart: row and column of the taxi, where the passenger is (stop 0 to 3: R, G, Y, B; 4: in the
// taxi) and which stop is the destination.
func (t *Taxi) Decode(state int) (row, column, passenger, destination int) {
	return state / 100, state / 20 % 5, state / 4 % 5, state % 4
}

// Reset draws a start.
func (t *Taxi) Reset(seed int) ([]float32, Info) {
	t.random = reseed(t.random, seed)
	t.state, t.last, t.begun = t.random.Choose(t.starts), -1, true
	return []float32{float32(t.state)}, t.info(1)
}

// Step drives. An action other than 0 to 5, or a Step before the first Reset, is an error.
func (t *Taxi) Step(action []float32) ([]float32, float64, bool, bool, Info) {
	checkStep("Taxi.Step", t.begun, t.action, action)
	t.last = int(action[0])
	row, column, passenger, destination := t.Decode(t.state)
	stop := stopAt(row, column)
	reward, chance, terminated := -1.0, 1.0, false
	switch {
	case t.last < 4:
		row, column, chance = t.drive(row, column, t.last)
	case t.last == 4 && passenger != taxiAboard && passenger == stop:
		passenger = taxiAboard
	case t.last == 5 && passenger == taxiAboard && stop == destination:
		passenger, reward, terminated = stop, 20, true
	case t.last == 5 && passenger == taxiAboard && stop >= 0:
		passenger = stop
	default:
		reward = -10
	}
	if t.last >= 4 {
		t.random.Float64() // as Gymnasium, where nothing is to be chosen
	}
	t.state = ((row*5+column)*5+passenger)*4 + destination
	return []float32{float32(t.state)}, reward, terminated, false, t.info(chance)
}

// drive is where a move leads, and its chance.
func (t *Taxi) drive(row, column, direction int) (int, int, float64) {
	chances, ways := []float64{1}, []int{direction}
	if t.rainy {
		side := (1 - taxiStraight) / 2
		chances, ways = []float64{taxiStraight, side, side}, append(ways, taxiSides[direction][:]...)
	}
	i := t.random.Choose(chances)
	open := taxiOpen(row, column, direction)
	if i > 0 {
		open = open && taxiOpen(row, column, ways[i]) // where the meant way is shut, nothing slips
	}
	if open {
		row, column = row+taxiMoves[ways[i]][0], column+taxiMoves[ways[i]][1]
	}
	return row, column, chances[i]
}

// taxiOpen tells whether no wall is on this side of a field.
func taxiOpen(row, column, direction int) bool {
	switch direction {
	case 0:
		return row < 4
	case 1:
		return row > 0
	case 2:
		return taxiMap[1+row][2*column+2] == ':'
	}
	return taxiMap[1+row][2*column] == ':'
}

func stopAt(row, column int) int {
	for i, stop := range taxiStops {
		if stop == [2]int{row, column} {
			return i
		}
	}
	return -1
}

func (t *Taxi) info(chance float64) Info {
	row, column, passenger, _ := t.Decode(t.state)
	mask := make([]bool, 6)
	for direction := range 4 {
		mask[direction] = taxiOpen(row, column, direction)
	}
	stop := stopAt(row, column)
	mask[4] = passenger != taxiAboard && passenger == stop
	mask[5] = passenger == taxiAboard && stop >= 0
	return Info{"prob": chance, "action_mask": mask}
}

// ObservationSpace is Discrete(500).
func (t *Taxi) ObservationSpace() Space { return t.observation }

// ActionSpace is Discrete(6).
func (t *Taxi) ActionSpace() Space { return t.action }

// Text is the town over the last action, in colours of a terminal (ANSI): the taxi on yellow, on green with the
// passenger in it, a waiting passenger's stop blue, the destination magenta. It is what Gymnasium renders as "ansi".
func (t *Taxi) Text() string {
	town := make([][]string, len(taxiMap))
	for i, row := range taxiMap {
		town[i] = strings.Split(row, "")
	}
	row, column, passenger, destination := t.Decode(t.state)
	paint := func(row, column int, code string) {
		cell := &town[1+row][2*column+1]
		*cell = "\x1b[" + code + "m" + *cell + "\x1b[0m"
	}
	if passenger != taxiAboard {
		paint(row, column, "43")
		paint(taxiStops[passenger][0], taxiStops[passenger][1], "34;1")
	} else {
		if cell := &town[1+row][2*column+1]; *cell == " " {
			*cell = "_"
		}
		paint(row, column, "42")
	}
	paint(taxiStops[destination][0], taxiStops[destination][1], "35")
	var b strings.Builder
	for _, row := range town {
		b.WriteString(strings.Join(row, "") + "\n")
	}
	if t.last >= 0 {
		fmt.Fprintf(&b, "  (%s)", [...]string{"South", "North", "East", "West", "Pickup", "Dropoff"}[t.last])
	}
	return b.String() + "\n"
}

// Render draws the town at 60 pixels a field: walls black, the stops in their colours, the destination framed, the
// passenger a blue disc, the taxi a yellow block.
func (t *Taxi) Render() image.Image {
	const size = 60
	picture := newCanvas(5*size, 5*size)
	inks := [4]color.RGBA{walkerRed, goalGreen, {230, 220, 90, 255}, axleBlue}
	at := func(row, column int) (x, y float64) { return float64(column * size), float64(row * size) }
	row, column, passenger, destination := t.Decode(t.state)
	for i, stop := range taxiStops {
		x, y := at(stop[0], stop[1])
		if t.begun && i == destination {
			picture.rectangle(black, x+4, y+4, x+size-4, y+size-4)
		}
		picture.rectangle(inks[i], x+8, y+8, x+size-8, y+size-8)
	}
	for r := range 5 {
		for c := range 5 {
			x, y := at(r, c)
			picture.rectangle(shoreGrey, x, y, x+size, y+1)
			if !taxiOpen(r, c, 3) {
				picture.rectangle(black, x-2, y, x+2, y+size)
			}
		}
	}
	if !t.begun {
		return picture.RGBA
	}
	x, y := at(row, column)
	picture.rectangle(black, x+12, y+18, x+size-12, y+size-18)
	picture.rectangle(flagYellow, x+14, y+20, x+size-14, y+size-20)
	if passenger != taxiAboard {
		x, y = at(taxiStops[passenger][0], taxiStops[passenger][1])
	}
	picture.disc(holeBlue, x+size/2, y+size/2, 7)
	return picture.RGBA
}
